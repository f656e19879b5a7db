import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en, sections } from '../../renderer/words/en.ts';
import { Formats, timeLeft } from '../../renderer/words/format.ts';
import { failureTitles } from '../../renderer/words/zh-CN-failures.ts';
import { providerNames, whyNot } from '../../main/inference/runtime/providers.ts';
import { bottleneck } from '../../main/library/runs/bottleneck.ts';
import { zh } from '../../renderer/words/zh-CN.ts';

test('both languages say the same things', () => {
  expect(Object.keys(zh)).toEqual(Object.keys(en));
});

test('every saying is said somewhere', () => {
  const sources = globSync('renderer/**/*.{ts,svelte}').filter((path) => !/words.(en|zh-CN)/.test(path));
  const said = new Set(
    sources.flatMap((path) => readFileSync(path, 'utf8').match(/(?<=words\??\.)\w+/g) ?? []),
  );
  // Of the channels that a picture's numbers are given for, said by their index.
  for (const colour of ['red', 'green', 'blue']) said.add(colour);
  expect(sources.length).toBeGreaterThan(100);
  expect(Object.keys(en).filter((key) => !said.has(key))).toEqual([]);
});

test('no saying stands in two sections', () => {
  expect(Object.keys(en)).toHaveLength(Object.values(sections).flatMap(Object.keys).length);
});

test('no saying is empty, and Chinese ones are Chinese', () => {
  // Names and formulas are the same everywhere.
  const international = new Set([
    'methodRollout',
    'unitLogits',
    'partMlp',
    'megabytes',
    'version',
    'logits',
    'bytesOf',
    'colon',
  ]);
  for (const [key, saying] of Object.entries(zh)) {
    if (key === 'told' || key === 'failure') continue; // their tables are tested below
    const text =
      typeof saying === 'string' ? saying : String((saying as (...parts: unknown[]) => string)(2, 3, 4));
    expect(text, key).not.toBe('');
    if (!international.has(key)) expect(text, key).toMatch(/[\u4e00-\u9fff\d/]/);
  }
});

test('sayings with parts mention every part, in both languages', () => {
  for (const table of [en, zh])
    for (const [key, saying] of Object.entries(table)) {
      if (typeof saying === 'string' || ['failure', 'told', 'copied', 'layersOf', 'photos'].includes(key))
        continue;
      const call = saying as (...parts: unknown[]) => string;
      const parts = Array.from({ length: call.length }, (_, i) => 101 + i);
      for (const part of parts) expect(call(...parts), key).toContain(String(part));
    }
});

test('a probability that is neither 0 nor 1 is never rounded to it', () => {
  const { percent } = new Formats('en');
  expect(percent(0.004)).toBe('<1%');
  expect(percent(0.9999)).toBe('>99%');
  expect(percent(1)).toBe('100%');
  expect(percent(0)).toBe('0%');
  expect(percent(0.934)).toBe('93%');
  expect(percent(-0.002)).toBe('−<1%');
  expect(percent(-0.28)).toBe('−28%');
});

/** Two words of English beside each other that are no proper name. */
const proper = /Tiny ImageNet|DataComp-XL|Debian, Ubuntu|ViT-\S+|AugReg|README\S*|saccade [a-z ]+/g;
const english = (text: string) => /[a-z]{2,} [a-z]{2,}/.exec(text.replace(/`[^`]*`/g, '').replace(proper, ''))?.[0]; // prettier-ignore

test('what other parts say in English is said in Chinese', () => {
  const entries = JSON.parse(readFileSync('models/catalogue.json', 'utf8')) as { name: string; top1: { source: string } | null }[]; // prettier-ignore
  const { licence, source } = JSON.parse(readFileSync('models/starter/model.json', 'utf8')) as Record<string, string>; // prettier-ignore
  const times = { photos: 10, elapsedMs: 1000, decodeMs: 0, waitMs: 0, runMs: 0, readMs: 0, storeMs: 0 };
  const slow = (['decodeMs', 'waitMs', 'runMs', 'readMs', 'storeMs'] as const).flatMap((stage) =>
    [true, false].map((onCpu) => bottleneck({ ...times, [stage]: 900 }, { onCpu, cores: 4 })),
  );
  const said = [
    ...entries.flatMap(({ name, top1 }) => [name, top1?.source]),
    licence,
    source,
    ...slow,
    ...providerNames.map((name) => whyNot(name)),
    'Missing: libvulkan.so.1. It comes with libvulkan1 (Debian, Ubuntu), vulkan-loader (Fedora) or vulkan-icd-loader (Arch).',
    'Missing: a.so, b.so. `saccade providers install cuda` downloads them. Missing: libcuda.so.1, libcudart.so.12.',
    'The CUDA libraries for onnxruntime 1.30.0 are not installed. `saccade providers install cuda` downloads them.',
    'the only processor that was found to compute on',
    'asked for; 32 photos at once were too many for the memory of CUDA, so 16',
    'measured: WebGPU fp16 410 photos/s, CPU fp32 96 photos/s',
    'CUDA has too little memory even for one photo, so CPU computes.',
    'No graphics processor was found, and computing in its place is slower than the CPU.',
    'measured: CPU fp32 96 photos/s; left out WebGPU fp16: WebGPU crashed while it was tried.',
    'nothing could be measured, so the CPU (WebGPU fp32: WebGPU was tried and gave no answer within 60 s.)',
    'webgpu failed (WebGPU lost its device while computing: A), so the CPU',
    'WebGPU failed, so the CPU computes. WebGPU failed while computing: A',
    'Expected the model to run on WebGPU; all of its 12 nodes ran on the CPU.',
    'WebGPU should differ from the CPU by at most 0.01 in any logit, and differs by 8.0.',
    'WebGPU gives another best class than the CPU.',
  ];
  expect(said.filter(Boolean).length).toBeGreaterThan(40);
  expect(said.flatMap((text) => (text && english(zh.told(text))) ?? [])).toEqual([]);
  expect(zh.told('decode-bound: 96 photos/s; inference could do 410')).toBe('受限于解码：每秒 96 张；推理可达每秒 410 张'); // prettier-ignore
  const notes = ['2 photos are not there any more and left out.', '1 photo is another file now than what was read and left out. Look for changes, and classify again.', '2 photos are other files now than what was read and left out. Look for changes, and classify again.', '3 more could not be read.', 'There are no photos, so no contact sheet was written.']; // prettier-ignore
  expect(notes.flatMap((note) => english(zh.told(note)) ?? [])).toEqual([]);
  const ofSets = ['Too few examples of "狗": 1, expected at least 5. It is taught, but how well cannot be told.', 'Too few examples of "狗": 0, expected at least 5. It is left out.', '2 photos were left out, because identical ones have different labels, or one has several where one was expected: a.jpg. Decide which is right.', 'Texts of at most 77 tokens are read, about 51 words; what follows was left out of "狗…". Say it in fewer words.', 'This model answers each label by itself, so a photo may be none of them without words for that; "狗" of "none of these" were left out.']; // prettier-ignore
  expect(ofSets.map((note) => zh.told(note)).filter((text) => /[A-Za-z]{2,} [a-z]{2,}/.test(text))).toEqual(
    [],
  );
  expect(zh.told('something else entirely')).toBe('something else entirely');
});

/** Sentences as sources have them, with something in place of what is filled in. */
function sentencesIn(file: string, before: RegExp): string[] {
  const source = readFileSync(file, 'utf8');
  const literal = new RegExp(`(?:${before.source})\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|\`([^\`]*)\`)`, 'g');
  return [...source.matchAll(literal)].map((found) => (found[1] ?? found[2]!).replace(/\$\{[^}]*\}/g, '7'));
}

test('why there is no map is said in Chinese, whatever the reason', () => {
  const heads = [...sentencesIn('models/foreign/reads.ts', /return/).filter((how) => how.includes(' ')).map((how) => `patches ${how}, and not their mean`), ...sentencesIn('models/foreign/analyse.ts', /none\(/).filter((how) => how !== 'patches 7, and not their mean')]; // prettier-ignore
  const sums = ['decompose', 'values'].flatMap((file) => sentencesIn(`models/foreign/${file}.ts`, /new NoSum\(/)); // prettier-ignore
  const inside = sentencesIn('models/foreign/fused.ts', /refused:/);
  const reasons = [
    ...sentencesIn('models/foreign/attention.ts', /none\(/).filter((text) => !text.includes('the operator')),
    ...inside.map((why) => `This model's attention lies inside the operator Attention, and ${why}, so it can't be shown.`),
    ...heads.map((how) => `This model's head reads its ${how}, so no map of what it reads can be made.`),
    ...sums.map((why) => `This model's answer can't be taken apart into what each patch adds: ${why}.`),
    ...sentencesIn('models/foreign/mask.ts', /[?:]|return/).filter((text) => text.endsWith('.')),
    ...sentencesIn('models/absent-maps.ts', /const \w+ =/),
    ...sentencesIn('main/inference/answering/adds-up.ts', /const \w+ =/),
  ]; // prettier-ignore
  expect([heads.length, sums.length, inside.length, reasons.length]).toEqual([6, 10, 8, 37]);
  for (const reason of reasons) {
    expect(zh.told(reason), reason).toMatch(/^[^a-z]*[\u4e00-\u9fff]/);
    expect(english(zh.told(reason)), reason).toBeUndefined();
  }
  expect(zh.failure('no-map', 'This model’s attention is computed in whole numbers, by an operator that takes all tokens.')).not.toMatch(/whole numbers/); // prettier-ignore
});

test('the starter’s card in Chinese says no figure that the English one does not', () => {
  const figures = (file: string) => new Set(readFileSync(`models/starter/${file}`, 'utf8').match(/\d[\d,.]*\d|\d/g)); // prettier-ignore
  const [chinese, card] = [figures('CARD.zh-CN.md'), figures('CARD.md')];
  expect(chinese.size).toBeGreaterThan(30);
  expect([...chinese].filter((figure) => !card.has(figure))).toEqual([]);
});

test('a clock where a photo was taken is shown as it stood', () => {
  const before = process.env['TZ'];
  try {
    for (const zone of ['Asia/Shanghai', 'America/Los_Angeles']) {
      process.env['TZ'] = zone;
      expect(new Formats('en').clock(Date.UTC(2024, 11, 31, 23, 30))).toMatch(/^Dec 31, 2024, 11:30\sPM$/);
    }
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});

test('figures keep three digits, however small', () => {
  const { figure, bytes, short } = new Formats('en');
  expect(figure(0.01317)).toBe('0.0132');
  expect(figure(0.00001317)).toBe('1.3e−5');
  expect(figure(-2.5)).toBe('−2.5');
  expect(bytes(346_293_852)).toBe('346 MB');
  expect(short(86_567_656)).toBe('86.6 M');
});

test('time left is told in the unit that matters', () => {
  expect(timeLeft(en, 4.4)).toBe('4 s');
  expect(timeLeft(en, 200)).toBe('3 min');
  expect(timeLeft(zh, 6600)).toBe('1 小时 50 分钟');
});

test('every documented failure has a Chinese title', () => {
  const documented = [
    ...readFileSync('docs/troubleshooting.md', 'utf8').matchAll(/^\| `([a-z-]+)` +\|/gm),
  ].map(([, code]) => code!);
  expect(documented.length).toBeGreaterThan(50);
  expect(documented.filter((code) => !failureTitles[code])).toEqual([]);
  expect(zh.failure('hub-gated', 'Accept it.')).toBe('须先在 Hub 上接受该模型的许可（Accept it.）');
  expect(en.failure('hub-gated', 'Accept it.')).toBe('Accept it.');
});

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../../models/config.ts';
import { applyHead } from '../../../models/heads/apply.ts';
import { fitOf } from '../../../models/heads/own.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import { openTokenizer } from '../../../models/texts/tokens.ts';
import { buildTextGraph } from '../../../models/texts/tower.ts';
import { headOfTexts, parseWritten, phrasings } from '../../../models/texts/written.ts';
import { askPython, needsTorch } from '../../python.ts';
import { within } from '../../shared.ts';
import { openSession, runGraph } from '../session.ts';
import { randomNumbers } from '../tiny.ts';
import { tinySiglip, writeTinySiglip, writeTinySiglipClassifier } from '../tiny-siglip.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'siglip');

const checkpoint = writeTinySiglip(join(root, 'tiny'));
const { folder, manifest } = await importModel(checkpoint, join(root, 'models'));
const { side, heads } = tinySiglip.image;
const { positions } = tinySiglip.text;
const photos = 3;
const words = ['a cat', 'two red cars on a bridge in rain', 'x'];

const tokenised = (texts: readonly string[]) => {
  const { tokenizer, filled } = (readManifest(folder).architecture as unknown as VitConfig).text!;
  return openTokenizer(folder, tokenizer, positions, filled)(texts);
};

async function embedded(texts: readonly string[]): Promise<Float32Array> {
  const { ids, ends } = tokenised(texts);
  const tower = buildTextGraph(folder, manifest)!;
  const session = await openSession(tower);
  const read = await session.run({
    token_ids: new ort.Tensor('int64', ids, [texts.length, positions]),
    ends: new ort.Tensor('int64', ends, [texts.length]),
  });
  await session.release();
  return read['text_embeds']!.data as Float32Array;
}

/** What PyTorch computes of photos and of texts. */
function askedOf(pixels: Float32Array, texts: readonly string[]): Promise<Record<string, number[]>> {
  const { ids } = tokenised(texts);
  const file = join(root, 'pixels.f32');
  writeFileSync(file, pixels);
  return askPython<Record<string, number[]>>(join(import.meta.dirname, '../siglip.py'), {
    weights: join(checkpoint, 'model.safetensors'),
    pixels: file,
    side,
    ids: texts.map((_, i) => Array.from(ids.subarray(i * positions, (i + 1) * positions), Number)),
    imageHeads: heads,
    textHeads: tinySiglip.text.heads,
    epsilon: 1e-6,
  });
}

test(
  'both towers, attention and the probability of every text equal PyTorch',
  { skip: needsTorch },
  async (t) => {
    const pixels = randomNumbers(photos * 3 * side * side, 2, 5);
    const expected = await askedOf(pixels, words);
    const picture = { data: pixels, shape: [photos, 3, side, side] };
    const look = { kind: 'inspect', precision: 'fp32', map: null } as const;
    const seen = await runGraph(await buildGraph(folder, manifest, look), picture, -2);
    within(t, 'feature', seen['feature']!.data, expected['feature']!, 1e-5);
    within(t, 'attention', seen['cls_attention']!.data, expected['attention']!, 1e-5);
    const run = { kind: 'classify', precision: 'fp32', map: 'cls' } as const;
    const stored = await runGraph(await buildGraph(folder, manifest, run), picture);
    within(t, 'what gathers the patches', stored['map']!.data, expected['gathering']!, 1e-5);

    const embeds = await embedded(words);
    within(t, 'text_embeds', embeds, expected['texts']!, 1e-5);
    const written = parseWritten(words, { templates: ['{}'], none: [] });
    const tower = buildTextGraph(folder, manifest)!;
    const head = headOfTexts(written, await embedded(phrasings(written)), tower, 'words', fitOf(manifest)!);
    // A sigmoid each: a photo may be none of them without words for that.
    assert.deepEqual([head.answers, head.none, head.labels.length], ['any', false, words.length]);
    const feature = { data: seen['feature']!.data, length: head.fits.length };
    const { rows, probabilities } = applyHead(head, feature, words.length);
    const inOrder = new Float32Array(photos * words.length);
    for (const [i, row] of rows.entries())
      inOrder[Math.floor(i / words.length) * words.length + row] = probabilities[i]!;
    within(t, 'probabilities', inOrder, expected['probabilities']!, 1e-5);
  },
);

test("transformers' classifier on SigLIP reads the mean of the patches", { skip: needsTorch }, async (t) => {
  const classes = 4;
  const pixels = randomNumbers(photos * 3 * side * side, 2, 5);
  const { mean } = await askedOf(pixels, words);
  const model = await importModel(writeTinySiglipClassifier(join(root, 'classifier'), classes), join(root, 'models')); // prettier-ignore
  assert.deepEqual([model.manifest.labels[3]!.name, model.manifest.outputActivation], ['kind 3', 'softmax']); // prettier-ignore
  const look = { kind: 'inspect', precision: 'fp32', map: null } as const;
  const graph = await buildGraph(model.folder, model.manifest, look);
  assert.deepEqual(graph.absent, {});
  const { logits } = await runGraph(graph, { data: pixels, shape: [photos, 3, side, side] }, -1);
  const { width } = tinySiglip.image;
  const [weight, bias] = [randomNumbers(classes * width, 0.4, 71), randomNumbers(classes, 0.4, 72)];
  const expected = Array.from({ length: photos * classes }, (_, i) => {
    const [photo, kind] = [Math.floor(i / classes), i % classes];
    return bias[kind]! + mean!.slice(photo * width, (photo + 1) * width).reduce((sum, value, j) => sum + value * weight[kind * width + j]!, 0); // prettier-ignore
  });
  within(t, 'logits', logits!.data, expected, 1e-5);
});

test('evidence is told to be absent, since a feed-forward ends the pooling', async () => {
  const { absent } = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
  assert.match(absent.class!, /feed-forward behind it/);
});

test('texts are spelled as SigLIP and SigLIP 2 learnt them, filled up, cut before their end, and told empty', async () => {
  const vocabulary = (JSON.parse(readFileSync(join(checkpoint, 'tokenizer.json'), 'utf8')) as { model: { vocab: [string, number][] } }).model.vocab; // prettier-ignore
  const read = (ids: BigInt64Array, text: number) =>
    Array.from(ids.subarray(text * positions, (text + 1) * positions), (id) => vocabulary[Number(id)]![0]).join(''); // prettier-ignore
  const end = '</s>';
  const bare = tokenised(['  A  Cat, red!', '...', 'a '.repeat(40)]);
  assert.equal(read(bare.ids, 0), `▁a▁cat▁red${end.repeat(positions - 10)}`);
  assert.equal(read(bare.ids, 2), `${'▁a'.repeat(12).slice(0, positions - 1)}${end}`);
  assert.deepEqual([bare.empty, bare.cut], [[1], [2]]);
  assert.deepEqual(
    [...bare.ends],
    Array.from({ length: 3 }, () => BigInt(positions - 1)),
  );

  const second = await importModel(
    writeTinySiglip(join(root, 'second'), 1, { tokenizer_class: 'GemmaTokenizer', pad_token: { content: '<unk>' } }),
    join(root, 'models'),
  ); // prettier-ignore
  const { tokenizer, filled } = (second.manifest.architecture as unknown as VitConfig).text!;
  const { ids } = openTokenizer(second.folder, tokenizer, positions, filled)(['A Cat, red!']);
  assert.equal(read(ids, 0), `▁a▁cat,▁red!${end}${'<unk>'.repeat(positions - 13)}`);
});

test('what is said of photos in the file of the joined processor is taken, before the older one', async () => {
  const from = async (name: string, change: (at: string, own: object) => void) => {
    const at = writeTinySiglip(join(root, name));
    const old = join(at, 'preprocessor_config.json');
    const own = JSON.parse(readFileSync(old, 'utf8')) as object;
    rmSync(old);
    change(at, own);
    return (await importModel(at, join(root, 'models'))).manifest.preprocessing;
  };
  const written = (at: string, name: string, values: object) =>
    writeFileSync(join(at, name), JSON.stringify(values));
  const joined = 'processor_config.json';
  const alone = await from('joined', (at, own) =>
    written(at, joined, { processor_class: 'SiglipProcessor', image_processor: { ...own, pad_size: null } }),
  );
  assert.deepEqual(alone, manifest.preprocessing);
  const both = await from('both', (at, own) => {
    written(at, joined, { image_processor: { ...own, resample: 0 } });
    written(at, 'preprocessor_config.json', own);
  });
  assert.deepEqual(both, { ...manifest.preprocessing, interpolation: 'nearest' });
  const bare = await from('bare-processor', (at, own) => {
    written(at, joined, { processor_class: 'SiglipProcessor' });
    written(at, 'preprocessor_config.json', own);
  });
  assert.deepEqual(bare, manifest.preprocessing);
  await assert.rejects(
    from('unsized', (at, own) => written(at, joined, { image_processor: { ...own, do_resize: false } })),
    { code: 'unsupported-preprocessing', message: /^processor_config\.json should resize/ },
  );
});

test('without what says how texts are filled, or with a tokeniser of another kind, it is a sentence', async () => {
  const refused = async (name: string, code: string, pattern: RegExp, change: (at: string) => void, tokenizer = {}) => {
    const at = writeTinySiglip(join(root, name), 1, tokenizer);
    change(at);
    await assert.rejects(importModel(at, join(root, 'refused')), { code, message: pattern });
  }; // prettier-ignore
  await refused('bare', 'bad-tokenizer', /tokenizer_config\.json/, (at) => rmSync(join(at, 'tokenizer_config.json'))); // prettier-ignore
  await refused('none', 'bad-tokenizer', /tokenizer\.json/, (at) => rmSync(join(at, 'tokenizer.json')));
  await refused('other', 'bad-config', /SiglipTokenizer/, () => {}, { tokenizer_class: 'BertTokenizer' });
  await refused('strange', 'bad-tokenizer', /"<fill>"/, () => {}, { pad_token: '<fill>' });
  await refused('sized', 'bad-config', /32 × 32/, (at) =>
    writeFileSync(
      join(at, 'preprocessor_config.json'),
      '{"image_processor_type":"SiglipImageProcessor","size":{"height":40,"width":40}}',
    ),
  );
});

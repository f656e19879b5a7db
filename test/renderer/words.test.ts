import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en, sections } from '../../renderer/words/en.ts';
import { Formats, timeLeft } from '../../renderer/words/format.ts';
import { failureTitles } from '../../renderer/words/zh-CN-failures.ts';
import { zh } from '../../renderer/words/zh-CN.ts';

test('both languages say the same things', () => {
  expect(Object.keys(zh)).toEqual(Object.keys(en));
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
  ]);
  for (const [key, saying] of Object.entries(zh)) {
    const text =
      typeof saying === 'string' ? saying : String((saying as (...parts: unknown[]) => string)(2, 3, 4));
    expect(text, key).not.toBe('');
    if (!international.has(key)) expect(text, key).toMatch(/[\u4e00-\u9fff\d/]/);
  }
});

test('sayings with parts mention every part, in both languages', () => {
  for (const table of [en, zh])
    for (const [key, saying] of Object.entries(table)) {
      if (typeof saying === 'string' || ['failure', 'copied', 'layersOf', 'photos'].includes(key)) continue;
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

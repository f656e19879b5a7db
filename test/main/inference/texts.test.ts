import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TextReader } from '../../../main/inference/answering/texts.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { importModel } from '../../../models/import.ts';
import { golden, largestDifference, needsShared, shared } from '../../shared.ts';
import { writeTinyClip } from '../../models/tiny-clip.ts';
import { tinyShape, writeTimm } from '../../models/tiny.ts';

const root = mkdtempSync(join(tmpdir(), 'saccade-texts-'));
const reader = new TextReader(new Slots(1, { blocking: true }));
after(async () => {
  await reader.release();
  rmSync(root, { recursive: true });
});
const { folder: clip } = await importModel(writeTinyClip(join(root, 'clip')), join(root, 'installed'));

test(
  'awkward texts become the embeddings that PyTorch gives, and the long one is told',
  needsShared,
  async (t) => {
    const { folder } = await importModel(
      join(shared, 'models/variants/clip-huggingface'),
      join(root, 'installed'),
    );
    const texts = (
      JSON.parse(readFileSync(join(shared, 'golden/clip-token-ids.json'), 'utf8')) as { text: string }[]
    ).map(({ text }) => text);
    const wordless = texts.findIndex((text) => !text.trim());
    const read = texts.map((text, i) => (i === wordless ? 'words' : text));
    const { embeds, cut, positions } = await reader.read({ modelFolder: folder, texts: read });
    const expected = golden('backbones.safetensors')('clip-huggingface.text_embeds').data;
    const width = expected.length / texts.length;
    for (const i of texts.keys()) {
      if (i === wordless) continue;
      const part = (all: Float32Array) => all.subarray(i * width, (i + 1) * width);
      const difference = largestDifference(part(embeds), part(expected));
      t.diagnostic(`"${texts[i]!.slice(0, 20)}": ${difference.toExponential(1)}, allowed 1e-4`);
      assert.ok(difference <= 1e-4, texts[i]);
    }
    assert.deepEqual([cut, positions], [[14], 77]);
  },
);

test('a text has the same embedding alone, among longer ones, and in another run of many', async () => {
  const texts = Array.from({ length: 70 }, (_, i) => 'a photo of something'.slice(0, 3 + (i % 17)) + i);
  const { embeds, scale } = await reader.read({ modelFolder: clip, texts });
  assert.ok(Math.abs(scale - 20) < 1e-4);
  const width = embeds.length / texts.length;
  for (const i of [0, 5, 33, 69]) {
    const alone = await reader.read({ modelFolder: clip, texts: [texts[i]!] });
    assert.ok(largestDifference(alone.embeds, embeds.subarray(i * width, (i + 1) * width)) < 1e-5);
    assert.ok(Math.abs(Math.hypot(...alone.embeds) - 1) < 1e-5);
  }
});

test('an empty text is refused, a long one is cut and told, and other models read none', async () => {
  const ask = (...texts: string[]) => reader.read({ modelFolder: clip, texts });
  await assert.rejects(ask(''), { code: 'empty-text' });
  await assert.rejects(ask('a cat', ' \n '), { code: 'empty-text' });
  const long = 'x'.repeat(75);
  const { cut, embeds } = await ask('a cat', long, `${long}y`, `${long}yz`);
  assert.deepEqual(cut, [2, 3]);
  const width = embeds.length / 4;
  assert.ok(largestDifference(embeds.subarray(2 * width, 3 * width), embeds.subarray(3 * width)) < 1e-6);
  const { folder } = await importModel(writeTimm(join(root, 'plain'), tinyShape), join(root, 'installed'));
  await assert.rejects(reader.read({ modelFolder: folder, texts: ['a cat'] }), { code: 'no-text-tower' });
  assert.equal((await ask('a cat')).embeds.length, width, 'it goes on with the model it had');
});

test('weights that were exchanged read no texts in the name of those that were imported', async () => {
  const { folder, manifest } = await importModel(writeTinyClip(join(root, 'other')), join(root, 'installed'));
  const file = join(folder, manifest.weights.files[0]!);
  const ask = () => reader.read({ modelFolder: folder, texts: ['a cat'] });
  const bytes = readFileSync(file);
  const exchanged = Buffer.from(bytes);
  exchanged[exchanged.length - 1]! ^= 1;
  const later = (seconds: number) => utimesSync(file, new Date(), new Date(Date.now() + seconds * 1000));

  writeFileSync(file, exchanged);
  later(10);
  await assert.rejects(ask(), { code: 'weights-changed' });
  rmSync(file);
  await assert.rejects(ask(), { code: 'weights-gone' });
  writeFileSync(file, bytes);
  later(20);
  assert.ok((await ask()).embeds.length > 0);
});

test('texts that nobody waits for any more are not read', async () => {
  await assert.rejects(
    reader.read({ modelFolder: clip, texts: ['a cat'] }, { signal: AbortSignal.abort() }),
    { name: 'AbortError' },
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../../models/config.ts';
import { headLogits } from '../../../models/heads/apply.ts';
import { evidenceDirection } from '../../../models/heads/evidence.ts';
import { fitOf, ownHead } from '../../../models/heads/own.ts';
import { importModel } from '../../../models/import.ts';
import { prepareGraph } from '../../../models/load.ts';
import { openTokenizer } from '../../../models/texts/tokens.ts';
import { prepareTextGraph } from '../../../models/texts/tower.ts';
import { headOfTexts, neutralPhrases, parseWritten, phrasings } from '../../../models/texts/written.ts';
import { golden, largestDifference, needsShared, shared } from '../../shared.ts';
import { runGraph } from '../session.ts';
import { randomNumbers, tinyShape, writeTimm } from '../tiny.ts';

const root = mkdtempSync(join(tmpdir(), 'saccade-written-'));
after(() => rmSync(root, { recursive: true }));

test('lines become labels with their phrases, said in every template', () => {
  const written = parseWritten(['a receipt | a  till slip', '', '船'], {
    templates: ['a photo of {}', '{}'],
    none: ['something'],
  });
  assert.deepEqual(
    written.labels.map(({ name }) => name),
    ['a receipt', '船'],
  );
  assert.deepEqual(phrasings(written), [
    'a photo of a receipt', 'a receipt', 'a photo of a till slip', 'a till slip',
    'a photo of 船', '船',
    'a photo of something', 'something',
  ]); // prettier-ignore
});

test('what can be no label is a sentence', () => {
  assert.throws(() => parseWritten([]), { code: 'empty-label' });
  assert.throws(() => parseWritten(['  ', '']), { code: 'empty-label' });
  assert.throws(() => parseWritten([' | ']), { code: 'empty-label' });
  assert.throws(() => parseWritten(['a cat', 'A Cat | a kitten']), { code: 'labels-alike' });
  assert.throws(() => parseWritten(['a cat'], { templates: ['a photo'] }), { code: 'bad-template' });
  assert.throws(() => parseWritten(['a cat'], { templates: [] }), { code: 'bad-template' });
});

test(
  'with one bare phrase a written head gives the logits of the model, and its direction adds up to them',
  needsShared,
  async () => {
    const { folder, manifest } = await importModel(join(shared, 'models/variants/clip-huggingface'), root);
    const { text } = manifest.architecture as unknown as VitConfig;
    const { tokenizer, positions } = text!;
    const tower = prepareTextGraph(folder, manifest)!;
    const session = await ort.InferenceSession.create(tower.model, { externalData: tower.externalData });
    const embed = async (texts: string[]) => {
      const { ids, ends } = openTokenizer(folder, tokenizer, positions)(texts);
      const out = await session.run({
        token_ids: new ort.Tensor('int64', ids, [texts.length, positions]),
        ends: new ort.Tensor('int64', ends, [texts.length]),
      });
      return out['text_embeds']!.data as Float32Array;
    };
    const fits = fitOf(manifest)!;
    assert.deepEqual([fits.feature, fits.length], ['embedding', 24]);
    const bare = parseWritten(['a photo of a cat', 'a red umbrella on the beach'], { templates: ['{}'] });
    const head = headOfTexts(bare, await embed(phrasings(bare)), tower.scale, 'pets', fits);
    const expected = golden('backbones.safetensors');
    const graph = await prepareGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
    const feature = (await runGraph(graph, expected('clip-huggingface.pixel_values')))['feature']!.data;
    const logits = headLogits(head, { data: feature, length: fits.length });
    const wanted = expected('clip-huggingface.logits_per_image').data; // [3 photos, 16 texts], of which the first and third
    const picked = [0, 1, 2].flatMap((photo) => [wanted[photo * 16]!, wanted[photo * 16 + 2]!]);
    assert.ok(largestDifference(logits, picked) < 1e-4);
    const own = feature.subarray(0, 24);
    const along = (direction: Float32Array) => direction.reduce((sum, value, i) => sum + value * own[i]!, 0);
    assert.ok(Math.abs(along(evidenceDirection(head, 1, own)) - logits[1]!) < 1e-4);
    assert.ok(Math.abs(along(evidenceDirection(head, 1, own, 0)) - (logits[1]! - logits[0]!)) < 1e-4);

    const averaged = parseWritten(['a cat | a kitten', 'a boat'], { none: neutralPhrases });
    const several = headOfTexts(averaged, await embed(phrasings(averaged)), tower.scale, 'pets', fits);
    assert.ok(several.none);
    for (let row = 0; row < 3; row++)
      assert.ok(Math.abs(Math.hypot(...several.weight.subarray(row * 24, (row + 1) * 24)) - 1) < 1e-6);
    await session.release();
  },
);

for (const distillation of [false, true])
  test(`a model's own head${distillation ? ', of two that are averaged,' : ''} reads its logits off its feature`, async () => {
    const shape = { ...tinyShape, distillation };
    const source = writeTimm(join(root, `tiny-${distillation}`), shape);
    const { folder, manifest } = await importModel(source, join(root, 'installed'));
    const head = ownHead(folder, manifest)!;
    const graph = await prepareGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
    const side = shape.grid * shape.patchSize;
    const { logits, feature } = await runGraph(graph, {
      data: randomNumbers(2 * 3 * side * side, 1),
      shape: [2, 3, side, side],
    });
    assert.equal(head.fits.feature, distillation ? 'cls+distillation' : 'cls');
    const read = headLogits(head, { data: feature!.data, length: head.fits.length });
    assert.ok(largestDifference(read, logits!.data) < 1e-5);
  });

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { decodeModel } from '../../models/onnx/schema.ts';
import { quantizeColumns } from '../../models/quantize.ts';
import { golden, largestDifference, needsShared, shared } from '../shared.ts';
import { runGraph } from './session.ts';
import { randomNumbers, timmTensors, tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'quantize');

const size = 3 * 32 * 32;
const photos = Array.from({ length: 32 }, (_, i) => randomNumbers(size, 1 + (i % 5), i + 1));
const batch = (of: Float32Array[]) => {
  const data = new Float32Array(of.length * size);
  of.forEach((photo, i) => data.set(photo, i * size));
  return { data, shape: [of.length, 3, 32, 32] };
};

test('columns of weights are quantised symmetrically to within half a step', () => {
  const weight = randomNumbers(12 * 5, 3);
  const { data, scale } = quantizeColumns(weight, 12, 5);
  for (let i = 0; i < weight.length; i++)
    assert.ok(Math.abs(data[i]! * scale[i % 5]! - weight[i]!) <= scale[i % 5]! / 2 + 1e-6);
  assert.deepEqual(quantizeColumns(new Float32Array(4), 2, 2).scale, Float32Array.of(1, 1));
});

for (const precision of ['fp32', 'fp16', 'int8'] as const)
  test(`${precision}: a photo is answered the same alone, among 2, among 32 and shuffled`, async () => {
    const model = await importModel(writeTimm(join(root, precision), tinyShape), join(root, 'installed'));
    const graph = await buildGraph(model.folder, model.manifest, {
      kind: 'classify',
      precision,
      map: 'cls',
    });
    const run = async (of: Float32Array[]) => {
      const { logits, map } = await runGraph(graph, batch(of));
      return of.map((_, i) => [
        ...logits!.data.slice(i * 5, i * 5 + 5),
        ...map!.data.slice(i * 16, i * 16 + 16),
      ]);
    };
    const all = await run(photos);
    const backwards = (await run(photos.toReversed())).toReversed();
    const pair = await run(photos.slice(6, 8));
    for (const [i, answer] of all.entries()) {
      const [alone] = await run([photos[i]!]);
      assert.ok(largestDifference(alone!, answer) < 2e-5, `photo ${i} alone`);
      assert.ok(largestDifference(backwards[i]!, answer) < 2e-5, `photo ${i} shuffled`);
    }
    assert.ok(largestDifference(pair[0]!, all[6]!) < 2e-5);
  });

test('the second product stays in fp32 in a block where one hidden number outgrows the others', async () => {
  const tensors = timmTensors(tinyShape);
  tensors['blocks.0.mlp.fc1.bias']!.data[3] = 40;
  const checkpoint = writeTimm(join(root, 'outlier'), tinyShape, tensors);
  const { folder, manifest } = await importModel(checkpoint, join(root, 'installed'));
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'int8', map: null });
  const names = new Set(decodeModel(graph.model).graph!.initializer.map(({ name }) => name));
  assert.ok(names.has('blocks.0/fc2.weight') && !names.has('blocks.0/fc2.int8'));
  assert.ok(names.has('blocks.1/fc2.int8') && !names.has('blocks.1/fc2.weight'));
  assert.ok(names.has('blocks.0/fc1.int8') && names.has('head.weight'));
});

test('int8 is near fp32 on the real ViT-Tiny, and is not fp32 itself', needsShared, async (t) => {
  const { folder, manifest } = await importModel(
    `${shared}models/vit-tiny-patch16-224/timm`,
    join(root, 'installed'),
  );
  const expected = golden('vit-tiny-patch16-224.safetensors');
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'int8', map: null });
  for (const photo of ['chelsea', 'coffee', 'rocket']) {
    const { logits } = await runGraph(graph, expected(`${photo}.timm.pixel_values`));
    const exact = expected(`${photo}.timm.logits`).data;
    const mean = logits!.data.reduce((sum, value, i) => sum + Math.abs(value - exact[i]!), 0) / exact.length;
    t.diagnostic(`${photo}: mean difference of logits ${mean.toFixed(3)}`);
    assert.ok(mean > 0 && mean < 0.1);
    assert.equal(logits!.data.indexOf(Math.max(...logits!.data)), exact.indexOf(Math.max(...exact)));
  }
});

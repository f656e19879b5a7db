import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import * as ort from 'onnxruntime-node';
import { noClass } from '../../models/explain/direction.ts';
import { tapOnnx } from '../../models/foreign/tap.ts';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { encodeModel } from '../../models/onnx/schema.ts';
import { largestDifference, needsShared, shared } from '../shared.ts';
import { foreign, foreignVit } from './foreign.ts';
import { openSession, type Outputs } from './session.ts';
import { randomNumbers, tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'direction');

const terms = ['class_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head'];
const total = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

interface Graph {
  model: Uint8Array;
  externalData: { path: string; data: Uint8Array | string }[];
  direction: number | null;
}

/** One photo through one session, as often as is asked. */
async function explain(
  t: TestContext,
  graph: Graph,
  input: { height: number; width: number },
  photos = 1,
): Promise<(classIndex: number, directions: Float32Array, rows?: number) => Promise<Outputs>> {
  const session = await openSession(graph);
  t.after(() => session.release());
  const dims = [photos, 3, input.height, input.width];
  const pixels = new ort.Tensor('float32', randomNumbers(dims.reduce((a, b) => a * b), 1, 7), dims); // prettier-ignore
  return async (classIndex, directions, rows = 1) =>
    (await session.run({
      pixel_values: pixels,
      class_index: new ort.Tensor('int64', BigInt64Array.of(BigInt(classIndex)), [1]),
      direction: new ort.Tensor('float32', directions, [rows, graph.direction!]),
    })) as unknown as Outputs;
}

/** Explains directions of one photo: all that must hold of them. */
async function holds(t: TestContext, graph: Graph, input: { height: number; width: number }) {
  const ask = await explain(t, graph, input);
  const length = graph.direction!;
  const none = new Float32Array(length);
  const close = (what: string, found: ArrayLike<number>, expected: ArrayLike<number>, allowed = 2e-5) => {
    const off = largestDifference(found, expected as Float32Array);
    t.diagnostic(`${what}: off by ${off.toExponential(1)}`);
    assert.ok(off < allowed, `${what} is off by ${off}`);
  };

  const directions = randomNumbers(3 * length, 1, 11);
  const together = await ask(noClass, directions, 3);
  const feature = together['feature']!.data;
  assert.equal(feature.length, length);
  for (const i of [0, 1, 2]) {
    const direction = directions.slice(i * length, (i + 1) * length);
    const alone = await ask(noClass, direction);
    const dot = total(direction.map((value, j) => value * feature[j]!));
    close(`direction ${i}: sum of its terms`, [total(terms.flatMap((name) => [...alone[name]!.data]))], [dot]); // prettier-ignore
    const size = alone['class_map']!.data.length;
    close(`direction ${i} among others`, together['class_map']!.data.slice(i * size, (i + 1) * size), alone['class_map']!.data, 1e-6); // prettier-ignore
  }

  // Linear: a class and a direction together are the sum of both.
  const direction = directions.slice(0, length);
  const [own, given, both] = [await ask(2, none), await ask(noClass, direction), await ask(2, direction)];
  for (const name of terms)
    close(`both at once: ${name}`, both[name]!.data, own[name]!.data.map((value, i) => value + given[name]!.data[i]!)); // prettier-ignore
  close('the class alone', [total(terms.flatMap((name) => [...own[name]!.data]))], [own['logits']!.data[2]!]); // prettier-ignore
}

for (const [what, shape] of [
  ['cls', tinyShape],
  ['distillation', { ...tinyShape, distillation: true, registers: 2 }],
] as const)
  test(`the evidence of any direction of the feature adds up to it: ${what}`, async (t) => {
    const { folder, manifest } = await importModel(writeTimm(join(root, what), shape), join(root, 'installed'), { name: what }); // prettier-ignore
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    await holds(t, graph, manifest.input);
  });

for (const name of ['layerscale-meanpool-timm', 'dinov2-huggingface-resized'])
  test(`the evidence of any direction of the feature adds up to it: ${name}`, needsShared, async (t) => {
    const { folder, manifest } = await importModel(join(shared, 'models/variants', name), join(root, 'installed'), { name }); // prettier-ignore
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    await holds(t, graph, manifest.input);
  });

test('the evidence of any direction adds up in a foreign graph too', async (t) => {
  const { height, width, classes } = foreign;
  writeFileSync(join(root, 'model.onnx'), encodeModel(foreignVit({ style: 'softmax' })));
  const labels = Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `${i}` }));
  const manifest = { input: { height, width }, labels, weights: { files: ['model.onnx'] } } as unknown as ModelManifest; // prettier-ignore
  await holds(t, tapOnnx(root, manifest, { kind: 'inspect', map: null }), { height, width });
});

test('photos of a batch are explained along a direction each', async (t) => {
  const { folder, manifest } = await importModel(writeTimm(join(root, 'batch'), tinyShape), join(root, 'installed'), { name: 'batch' }); // prettier-ignore
  const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
  const ask = await explain(t, graph, manifest.input, 2);
  const length = graph.direction!;
  const directions = randomNumbers(2 * length, 1, 3);
  const each = (await ask(noClass, directions, 2))['class_map']!.data;
  const [first, second] = [directions.slice(0, length), directions.slice(length)];
  const half = each.length / 2;
  assert.ok(largestDifference(each.slice(0, half), (await ask(noClass, first))['class_map']!.data.slice(0, half)) < 1e-6); // prettier-ignore
  assert.ok(largestDifference(each.slice(half), (await ask(noClass, second))['class_map']!.data.slice(half)) < 1e-6); // prettier-ignore
});

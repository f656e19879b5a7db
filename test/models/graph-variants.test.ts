import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../models/config.ts';
import { buildVitGraph } from '../../models/graphs.ts';
import { importModel } from '../../models/import.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { graphVariants } from './graph-variants.ts';
import { openSession, runGraph } from './session.ts';
import { tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'graph-variants');

const photos = 3;
const side = 32;
const levels = Uint8Array.from(
  { length: photos * side * side * 3 },
  (_, i) => 128 + 127 * Math.sin(i * i * 0.37),
);
/** The same photos as the model's usual input. */
const pixels = Float32Array.from({ length: levels.length }, (_, i) => {
  const plane = side * side;
  const [photo, channel, at] = [Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3, i % plane];
  return (levels[(photo * plane + at) * 3 + channel]! / 255 - 0.5) / 0.5;
});

test('every other graph of the model gives the same logits, and the same row of attention', async (t) => {
  const { folder, manifest } = await importModel(
    writeTimm(join(root, 'tiny'), tinyShape),
    join(root, 'installed'),
  );
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const weights = readVitWeights(source, config);
  const inspected = await runGraph(
    buildVitGraph(config, weights, { kind: 'inspect', precision: 'fp32', map: null }),
    { data: pixels, shape: [photos, 3, side, side] },
    -1,
  );
  const within = (what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void => {
    assert.equal(found.length, expected.length, what);
    const largest = Array.from(found).reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0);
    t.diagnostic(`${what}: ${largest.toExponential(1)}`);
    assert.ok(largest < 2e-5, `${what} differs by ${largest}`);
  };
  for (const { what, bytes, graph } of graphVariants(config, weights)) {
    const session = await openSession(graph);
    const input = bytes
      ? new ort.Tensor('uint8', levels, [photos, side, side, 3])
      : new ort.Tensor('float32', pixels, [photos, 3, side, side]);
    const { logits, row } = await session.run({ pixel_values: input });
    within(`${what}: logits`, logits!.data as Float32Array, inspected['logits']!.data);
    if (row) within(`${what}: [CLS]'s row`, patchesOf(row), lastRow(inspected['cls_attention']!));
    await session.release();
  }
});

/** [B, H, 1, T] → [B, H, N] */
function patchesOf({ data, dims }: ort.Tensor): number[] {
  const tokens = dims.at(-1)!;
  const patches = (side / tinyShape.patchSize) ** 2;
  return Array.from(data as Float32Array).filter((_, i) => i % tokens >= tokens - patches);
}

/** [B, L, H, N] → [B, H, N] of the last layer. */
function lastRow({ data, dims }: { data: Float32Array; dims: readonly number[] }): number[] {
  const [, layers, heads, patches] = dims as [number, number, number, number];
  const one = heads * patches;
  return Array.from(data).filter((_, i) => Math.floor(i / one) % layers === layers - 1);
}

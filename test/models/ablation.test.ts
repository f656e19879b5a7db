import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import * as ort from 'onnxruntime-node';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { askPython, needsTorch } from '../python.ts';
import { golden, largestDifference, needsShared, shared } from '../shared.ts';
import { openSession } from './session.ts';
import { randomNumbers, timmConfig, timmTensors, tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'ablation');
const script = join(import.meta.dirname, 'vit.py');

interface Truth {
  dropped: number[][];
  masked: number[][];
  row: number[][][];
  distance: number[][];
}
interface Case {
  kept?: number[];
  headMask?: number[][];
  query?: number;
}

async function session(folder: string, kind: 'ablate' | 'attend') {
  const { manifest, ...found } = await importModel(folder, root, { name: `${kind}-${Date.now()}` });
  const graph = await buildGraph(found.folder, manifest, { kind, precision: 'fp32', map: null });
  const opened = await openSession(graph);
  return { graph, run: (feeds: Record<string, ort.Tensor>) => opened.run(feeds) };
}

/** Our graphs against PyTorch in 64 bits, with tokens left out of the sequence and with a mask of −∞. */
async function equals(
  t: TestContext,
  folder: string,
  model: { heads: number; depth: number; side: number; patches: number; epsilon: number; cls?: false },
  pixels: Float32Array,
  tolerance: number,
  /** Index of the token whose row is compared; special ones first. */
  query = 3,
) {
  const { heads, depth, side, patches, epsilon } = model;
  const file = join(root, 'pixels.f32');
  writeFileSync(file, pixels);
  const half = Array.from({ length: patches }, (_, i) => i).filter((i) => (i * 7) % 3 !== 1);
  const headMask = Array.from({ length: depth }, (_, l) =>
    Array.from({ length: heads }, (_, h) => ((l + h) % 2 ? 0 : 1)),
  );
  const cases: Case[] = [
    { query },
    { kept: half },
    { kept: [patches - 1] },
    ...(model.cls === false ? [] : [{ kept: [] }]),
    { headMask },
    { kept: half.toReversed(), headMask },
  ];
  const asked = { weights: join(folder, 'model.safetensors'), pixels: file, side, heads, epsilon, cases };
  const truth = await askPython<Truth[]>(script, asked);
  const input = new ort.Tensor('float32', pixels, [1, 3, side, side]);
  const ablated = await session(folder, 'ablate');
  for (const [
    i,
    { kept = Array.from({ length: patches }, (_, at) => at), headMask: mask },
  ] of cases.entries()) {
    const sets = [kept, kept].flat();
    const { logits } = await ablated.run({
      pixel_values: input,
      kept: new ort.Tensor('int64', BigInt64Array.from(sets, BigInt), [2, kept.length]),
      head_mask: new ort.Tensor('float32', Float32Array.from(mask?.flat() ?? new Array(depth * heads).fill(1)), [depth, heads]), // prettier-ignore
    });
    const { dropped, masked } = truth[i]!;
    const ways = largestDifference(dropped[0]!, masked[0]!);
    assert.ok(ways < 1e-10, `leaving a token out and masking it are the same thing: ${ways}`);
    const classes = dropped[0]!.length;
    const data = logits!.data as Float32Array;
    const apart = largestDifference(data.subarray(0, classes), dropped[0]!);
    t.diagnostic(`case ${i}: largest difference from PyTorch ${apart.toExponential(1)}`);
    assert.ok(apart <= tolerance, `case ${i} differs by ${apart}`);
    assert.deepEqual([...data.subarray(classes)], [...data.subarray(0, classes)], 'sets do not disturb each other'); // prettier-ignore
  }
  const attended = await session(folder, 'attend');
  const outputs = await attended.run({
    pixel_values: input,
    query: new ort.Tensor('int64', BigInt64Array.of(BigInt(query)), [1]),
  });
  const row = outputs['token_attention']!.data as Float32Array;
  assert.ok(largestDifference(row, truth[0]!.row.flat(2)) <= 1e-5, 'the row of one token');
  const distance = outputs['attention_distance']!.data as Float32Array;
  assert.ok(largestDifference(distance, truth[0]!.distance.flat()) <= 1e-5 * side, 'attention distance');
}

test(
  'a tiny model: tokens left out, heads switched off, one token’s rows and distances equal PyTorch',
  { skip: needsTorch },
  async (t) => {
    const shape = { ...tinyShape, layerScale: true };
    const folder = writeTimm(join(root, 'tiny'), shape, timmTensors(shape));
    const model = { heads: shape.heads, depth: shape.depth, side: 32, patches: 16, epsilon: 1e-6 };
    await equals(t, folder, model, randomNumbers(3 * 32 * 32, 1), 1e-5);
  },
);

test('the same with registers, and a register’s own map', { skip: needsTorch }, async (t) => {
  const shape = { ...tinyShape, registers: 3 };
  const folder = writeTimm(join(root, 'registers'), shape, timmTensors(shape));
  const model = { heads: shape.heads, depth: shape.depth, side: 32, patches: 16, epsilon: 1e-6 };
  for (const register of [1, 3])
    await equals(t, folder, model, randomNumbers(3 * 32 * 32, 1), 1e-5, register);
});

test(
  'the same without [CLS], whose head reads the mean of the patches that are there',
  { skip: needsTorch },
  async (t) => {
    const { cls_token, ...tensors } = timmTensors(tinyShape);
    assert.ok(cls_token);
    const places = tensors['pos_embed']!;
    tensors['pos_embed'] = { shape: [1, 16, tinyShape.width], data: places.data.slice(tinyShape.width) as Float32Array }; // prettier-ignore
    const config = timmConfig(tinyShape);
    const folder = writeTimm(join(root, 'no-cls'), tinyShape, tensors, {
      ...config,
      global_pool: 'avg',
      model_args: { num_heads: tinyShape.heads, class_token: false, fc_norm: false },
    });
    const model = { heads: tinyShape.heads, depth: tinyShape.depth, side: 32, patches: 16, epsilon: 1e-6, cls: false } as const; // prettier-ignore
    await equals(t, folder, model, randomNumbers(3 * 32 * 32, 1), 1e-5, 7);
  },
);

test('ViT-Tiny: the same', { skip: needsTorch || needsShared.skip }, async (t) => {
  const pixels = golden('vit-tiny-patch16-224.safetensors')('chelsea.timm.pixel_values').data;
  const model = { heads: 3, depth: 12, side: 224, patches: 196, epsilon: 1e-6 };
  await equals(t, `${shared}models/vit-tiny-patch16-224/timm`, model, pixels, 1e-4);
});

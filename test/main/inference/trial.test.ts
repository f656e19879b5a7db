import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../../models/import.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import { largestDifference, needsShared, shared } from '../../shared.ts';
import { timmTensors, tinyShape, writeTimm } from '../../models/tiny.ts';
import { classCount, context, depth, handlers, onCpu, patchCount, photo, side, modelFolder } from './parts.ts'; // prettier-ignore
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'trial');
const patches = Array.from({ length: patchCount }, (_, i) => i);
const path = join(import.meta.dirname, '../../../samples/cat.jpg');
const { load, ...asked } = handlers();
const { handle } = await load(onCpu, context);

test('with nothing taken away the answer is that of the whole photo, and each way of taking is its own', async () => {
  const whole = await asked.inspect({ handle, path, classIndex: null, topK: 3 }, context);
  const ways = ['drop', 'blur', 'grey'] as const;
  for (const baseline of ways) {
    const same = await asked.ablate({ handle, path, without: [], baseline, topK: 3 }, context);
    assert.ok(largestDifference(same.logits, whole.logits) < 1e-4, baseline);
    assert.deepEqual([same.baseline, same.instead], [baseline, null]);
  }
  const without = patches.slice(20, 44);
  const parts = await Promise.all(
    ways.map((baseline) => asked.ablate({ handle, path, without, baseline, topK: 3 }, context)),
  );
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    assert.ok(largestDifference(parts[a]!.logits, parts[b]!.logits) > 1e-3);
});

test('in int8 a part is read as runs are, so that it is compared with a whole of the same rounding', async () => {
  const { handle: eight } = await load({ ...onCpu, precision: 'int8' }, context);
  const of = (handle: string, baseline: 'drop' | 'blur', without: number[] = []) =>
    asked.ablate({ handle, path, without, baseline, topK: 3 }, context);
  // Blurring nothing is asked of the graph that runs use.
  const [dropped, run, exact] = await Promise.all([of(eight, 'drop'), of(eight, 'blur'), of(handle, 'drop')]);
  const rounding = largestDifference(run.logits, exact.logits);
  assert.ok(rounding > 1e-3, `int8 rounds: ${rounding}`);
  assert.ok(largestDifference(dropped.logits, run.logits) < rounding / 4);
  const without = patches.slice(20, 44);
  const parts = await Promise.all([eight, handle].map((each) => of(each, 'drop', without)));
  assert.ok(largestDifference(parts[0]!.logits, parts[1]!.logits) < 0.5);
});

test('heads that are off change the answer, and patches or heads that are not there are refused', async () => {
  const ask = (more: object) =>
    asked.ablate({ handle, path, without: [], baseline: 'drop', topK: 1, ...more }, context);
  const [whole, off] = [await ask({}), await ask({ headsOff: [[2, 1]] })];
  assert.ok(largestDifference(whole.logits, off.logits) > 1e-3);
  const blurred = await ask({ headsOff: [[2, 1]], baseline: 'blur' });
  assert.ok(largestDifference(blurred.logits, off.logits) < 1e-4, 'nothing is blurred yet');
  await assert.rejects(async () => ask({ without: [patchCount] }), { code: 'no-such-patch' });
  await assert.rejects(async () => ask({ headsOff: [[depth, 0]] }), { code: 'no-such-head' });
});

test('of the smallest part no patch can go, and it is called what the whole is', async () => {
  const found = await asked.smallestPart({ handle, path, baseline: 'drop', classIndex: null }, context);
  const called = async (kept: number[]) => {
    const without = patches.filter((patch) => !kept.includes(patch));
    const { predictions } = await asked.ablate({ handle, path, without, baseline: 'drop', topK: 1 }, context);
    return predictions[0]!;
  };
  const part = await called(found.kept);
  assert.equal(part.index, found.classIndex);
  assert.ok(Math.abs(part.probability - found.probability) < 1e-5);
  if (found.kept.length > 1)
    for (const patch of found.kept)
      assert.notEqual((await called(found.kept.filter((other) => other !== patch))).index, found.classIndex);
  const other = (found.classIndex + 1) % classCount;
  await assert.rejects(
    async () => asked.smallestPart({ handle, path, baseline: 'drop', classIndex: other }, context),
    { code: 'not-the-label' },
  );
});

test('passes are the same however they are asked for, keep half, and score what the eraser would', async () => {
  const ask = (from: number, passes: number, more: object = {}) =>
    asked.measureMap({ handle, path, baseline: 'drop', classIndex: 4, fields: 'single', seed: 3, from, passes, ...more }, context); // prettier-ignore
  const [all, later, otherSeed, smooth] = [await ask(0, 12), await ask(8, 4), await ask(0, 12, { seed: 4 }), await ask(0, 12, { fields: 'smooth' })]; // prettier-ignore
  assert.ok(largestDifference(all.scores.subarray(8), later.scores) < 1e-5);
  assert.deepEqual(all.kept.subarray(8 * patchCount), later.kept);
  assert.notDeepEqual(all.kept, otherSeed.kept);
  assert.notDeepEqual(all.kept, smooth.kept);
  for (const { kept } of [all, smooth])
    for (let pass = 0; pass < 12; pass++)
      assert.equal(
        kept.subarray(pass * patchCount, (pass + 1) * patchCount).reduce((sum, one) => sum + one, 0),
        patchCount / 2,
      );
  const without = patches.filter((patch) => !all.kept[5 * patchCount + patch]);
  const { logits } = await asked.ablate({ handle, path, without, baseline: 'drop', topK: 1 }, context);
  assert.ok(Math.abs(logits[4]! - all.scores[5]!) < 1e-4);
});

test('a token’s row sums to one with what goes to special tokens, and [CLS]’s is that of the inspection', async () => {
  const { clsAttention } = await asked.inspect({ handle, path, classIndex: null, topK: 1 }, context);
  const cls = await asked.attend({ handle, path, query: { special: 0 } }, context);
  assert.ok(largestDifference(cls.attention, clsAttention!) < 1e-5);
  const one = await asked.attend({ handle, path, query: { patch: 9 } }, context);
  assert.notDeepEqual(one.attention, cls.attention);
  for (let row = 0; row < one.layers * one.heads; row++) {
    const sum = (values: Float32Array, size: number) =>
      values.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum(one.attention, patchCount) + sum(one.toSpecial, one.special) - 1) < 1e-4);
  }
  assert.ok(one.distance.every((far) => far > 0 && far < side * Math.SQRT2));
  await assert.rejects(async () => asked.attend({ handle, path, query: { special: 5 } }, context), {
    code: 'no-such-token',
  });
});

test('faithfulness follows the class that is asked for, by tokens left out too, on measured maps too', async () => {
  const measuring = { fields: 'single', passes: 24, seed: 0 } as const;
  const methods = ['class', 'measured', 'thorough'] as const;
  const answer = await asked.faithfulness(
    { handle, path, methods: [...methods], steps: 4, baseline: 'drop', classIndex: 7, measuring },
    context,
  );
  assert.deepEqual([answer.classIndex, answer.baseline, answer.told], [7, 'drop', []]);
  assert.deepEqual(
    answer.curves.map(({ method }) => method),
    methods,
  );
  const none = await asked.ablate(
    { handle, path, without: patches, baseline: 'drop', topK: classCount },
    context,
  );
  const bare = none.predictions.find(({ index }) => index === 7)!.probability;
  for (const { deletion, insertion } of answer.curves) {
    assert.ok(Math.abs(deletion[0]! - insertion[4]!) < 1e-5 && Math.abs(deletion[4]! - bare) < 1e-5);
  }
});

/** A model as somebody else's exporter might write it. */
async function exported(from: string): Promise<string> {
  const manifest = readManifest(from);
  // As exporters do, every row after the last attention.
  const rollout = { fusion: 'mean', discardRatio: 0.5 } as const;
  const graph = await buildGraph(from, manifest, {
    kind: 'classify',
    precision: 'fp32',
    map: null,
    rollout,
  });
  const folder = mkdtempSync(join(root, 'exported-'));
  writeFileSync(join(folder, 'model.onnx'), graph.model);
  for (const { path, data } of graph.externalData) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), data as Uint8Array);
  }
  return folder;
}

test('an ONNX graph of somebody else: tokens are left out by a mask, to the same answer', async () => {
  const { mean, std } = readManifest(modelFolder).preprocessing;
  const source = await exported(modelFolder);
  const { folder } = await importModel(join(source, 'model.onnx'), join(root, 'foreign'), {
    name: 'foreign',
    answers: { mean, std, resize: { mode: 'exact', height: side, width: side }, interpolation: 'bicubic', crop: null, labels: Array.from({ length: classCount }, (_, i) => `label ${i}`) }, // prettier-ignore
  });
  const foreign = await load({ ...onCpu, modelFolder: folder }, context);
  const own = await load({ ...onCpu }, context);
  const without = patches.filter((patch) => patch % 3 === 0);
  const square = (await photo(9, side, side)).path;
  const ask = (handle: string, more: object = {}) =>
    asked.ablate({ handle, path: square, without, baseline: 'drop', topK: 1, ...more }, context);
  const [theirs, ours] = [await ask(foreign.handle), await ask(own.handle)];
  assert.deepEqual([theirs.baseline, theirs.instead], ['drop', null]);
  assert.ok(largestDifference(theirs.logits, ours.logits) < 1e-4);
  // Heads too, alone and with patches left out. Which bias of the output is a head's own no longer shows in this file.
  const headsOff = [
    [0, 0],
    [4, 2],
  ];
  for (const without of [[], patches.slice(0, 30)]) {
    const off = await ask(foreign.handle, { without, headsOff });
    assert.ok(largestDifference(off.logits, (await ask(own.handle, { without })).logits) > 1e-3);
  }
  const [a, b] = await Promise.all(
    [foreign, own].map(({ handle }) => asked.attend({ handle, path: square, query: { patch: 3 } }, context)),
  );
  assert.ok(largestDifference(a!.attention, b!.attention) < 1e-4);
  assert.ok(largestDifference(a!.distance, b!.distance) < 1e-3);
  const measuring = { fields: 'smooth', passes: 12, seed: 1 } as const;
  const methods = ['class', 'measured', 'random'] as const;
  const { baseline, told, curves } = await asked.faithfulness(
    { handle: foreign.handle, path: square, methods: [...methods], steps: 3, baseline: 'drop', classIndex: 2, measuring }, // prettier-ignore
    context,
  );
  assert.deepEqual([baseline, told, curves.length], ['drop', [], 3]);
  const ends = await Promise.all(
    [[], patches].map((without) => ask(foreign.handle, { without, topK: classCount })),
  );
  for (const { deletion } of curves)
    for (const [at, end] of [deletion[0]!, deletion[3]!].entries())
      assert.ok(Math.abs(end - ends[at]!.probabilities[2]!) < 1e-5);
});

test('a model that answers from its patches keeps one, and as an ONNX graph blurs them and says so', async () => {
  const shape = { ...tinyShape, classes: 5 };
  const config = { architecture: 'vit_custom', num_classes: 5, global_pool: 'avg', model_args: { num_heads: 3, class_token: true, fc_norm: false }, pretrained_cfg: { input_size: [3, 32, 32], crop_pct: 1, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } }; // prettier-ignore
  const tensors = timmTensors(shape);
  // So that the file says all that a head adds: in it the value's bias stands in the projection's.
  for (const [name, { data }] of Object.entries(tensors))
    if (name.endsWith('attn.qkv.bias')) data.fill(0, (2 * data.length) / 3);
  const source = writeTimm(join(root, 'mean'), shape, tensors, config);
  const { folder } = await importModel(source, join(root, 'models'), { name: 'mean' });
  const own = await load({ ...onCpu, modelFolder: folder }, context);
  const ask = (handle: string, without: number[]) =>
    asked.ablate({ handle, path, without, baseline: 'drop', topK: 1 }, context);
  await assert.rejects(async () => ask(own.handle, patches.slice(0, 16)), { code: 'no-patches' });
  assert.equal((await ask(own.handle, patches.slice(0, 15))).baseline, 'drop');
  const { mean, std } = readManifest(folder).preprocessing;
  const { folder: foreignFolder } = await importModel(
    join(await exported(folder), 'model.onnx'),
    join(root, 'foreign'),
    {
      name: 'foreign-mean',
      answers: { mean, std, resize: { mode: 'exact', height: 32, width: 32 }, interpolation: 'bicubic', crop: null, labels: ['a', 'b', 'c', 'd', 'e'] }, // prettier-ignore
    },
  );
  const foreign = await load({ ...onCpu, modelFolder: foreignFolder }, context);
  const blurred = await ask(foreign.handle, patches.slice(0, 15));
  assert.equal(blurred.baseline, 'blur');
  assert.match(blurred.instead ?? '', /read off its patches.*blurred instead/);
  const square = (await photo(9, 32, 32)).path;
  const headless = (handle: string, headsOff: [number, number][]) =>
    asked.ablate({ handle, path: square, without: [], baseline: 'drop', topK: 1, headsOff }, context);
  for (const headsOff of [[], [[1, 2]]] as [number, number][][])
    assert.ok(largestDifference((await headless(foreign.handle, headsOff)).logits, (await headless(own.handle, headsOff)).logits) < 1e-4); // prettier-ignore
  assert.ok(largestDifference((await headless(foreign.handle, [[1, 2]])).logits, (await headless(foreign.handle, [])).logits) > 1e-3); // prettier-ignore
  const measured = await asked.faithfulness(
    {
      handle: foreign.handle,
      path,
      methods: ['measured'],
      steps: 2,
      measuring: { fields: 'single', passes: 8, seed: 0 },
    },
    context,
  );
  assert.match(measured.told.join(), /^Measured maps: .*blurred instead/);
});

test(
  'heads of an ordinary PyTorch export are switched off to what the same weights give as safetensors',
  needsShared,
  async (t) => {
    const tiny = join(shared, 'models', 'vit-tiny-patch16-224');
    const own = await importModel(join(tiny, 'timm'), join(root, 'models'), { name: 'timm' });
    const { mean, std, resize, interpolation, crop } = own.manifest.preprocessing;
    assert.ok(resize.mode !== 'cover');
    const answers = { mean, std, resize, interpolation, crop, labels: own.manifest.labels.map(({ name }) => name) }; // prettier-ignore
    const foreign = await importModel(join(tiny, 'onnx-torch1.13', 'model.onnx'), join(root, 'models'), { name: 'torch', answers }); // prettier-ignore
    const [a, b] = await Promise.all([own, foreign].map(({ folder }) => load({ ...onCpu, modelFolder: folder }, context))); // prettier-ignore
    const headsOff: [number, number][] = [
      [11, 0],
      [5, 2],
    ];
    const ask = (handle: string, more: object) =>
      asked.ablate({ handle, path, without: [], baseline: 'drop', topK: 1, ...more }, context);
    const [ours, theirs, whole] = [await ask(a!.handle, { headsOff }), await ask(b!.handle, { headsOff }), await ask(b!.handle, {})]; // prettier-ignore
    const difference = largestDifference(ours.logits, theirs.logits);
    t.diagnostic(`largest difference of a logit ${difference.toExponential(1)}`);
    assert.ok(difference < 1e-3);
    assert.ok(largestDifference(whole.logits, theirs.logits) > 0.05);
  },
);

/** Several inputs and outputs: which is the photo, which the answer, and what one says of another. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeOnnx } from '../../models/formats/onnx.ts';
import { tapOnnx } from '../../models/foreign/tap.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { GraphBuilder } from '../../models/onnx/builder.ts';
import { encodeModel } from '../../models/onnx/schema.ts';
import type { Value } from '../../models/onnx/types.ts';
import { foreign, inlined } from './foreign.ts';
import { runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'beside');

const half: [number, number, number] = [0.5, 0.5, 0.5];
const { height, width, classes } = foreign;
const answers = { mean: half, std: half, resize: { mode: 'exact' as const, height, width }, interpolation: 'bicubic' as const, labels: ['a', 'b', 'c', 'd', 'e'] }; // prettier-ignore

type Outputs = Record<string, Value>;

/** A linear model, [B, C], with `build` behind its logits. */
function described(build: (g: GraphBuilder, logits: Value) => Outputs, config?: object) {
  const g = new GraphBuilder();
  const photo = g.input('image', 'float32', ['n', 3, height, width]);
  const weight = g.tensor('weight', randomNumbers(3 * height * width * classes, 1), [3 * height * width, classes]); // prettier-ignore
  const logits = g.matmul(g.reshape(photo, [0, -1]), weight);
  for (const [name, value] of Object.entries(build(g, logits))) g.output(name, value, 'float32', ['n', classes]); // prettier-ignore
  const file = join(root, 'model.onnx');
  writeFileSync(file, encodeModel(inlined(g)));
  rmSync(join(root, 'config.json'), { force: true });
  if (config) writeFileSync(join(root, 'config.json'), JSON.stringify(config));
  return describeOnnx(file, answers);
}

const number = (g: GraphBuilder, value: number) => g.tensor(`n${value}`, Float32Array.of(value), []);
const sigmoid = (g: GraphBuilder, x: Value) => g.op('Sigmoid', [x]);
const said = (build: (g: GraphBuilder, logits: Value) => Outputs, config?: object) => {
  const { outputActivation, calibration, architecture } = described(build, config);
  const { name } = architecture['output'] as { name: string };
  return [name, outputActivation, calibration.temperature];
};

test('probabilities beside the logits say what is made of them', () => {
  assert.deepEqual(said((g, x) => ({ logits: x, probabilities: sigmoid(g, x) })), ['logits', 'sigmoid', 1]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ logits: x, scores: g.softmax(g.div(x, number(g, 2.5))) })), ['logits', 'softmax', 2.5]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ raw: x, scores: sigmoid(g, g.mul(number(g, 0.4), x)) })), ['raw', 'sigmoid', 2.5]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ scores: sigmoid(g, g.mul(x, number(g, 0.4))), raw: x })), ['scores', 'sigmoid', 1]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ logits: x, log: g.op('LogSoftmax', [g.mul(x, number(g, 4))], { axis: -1 }) })), ['logits', 'softmax', 0.25]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ logits: x, clamped: g.op('Clip', [sigmoid(g, x)]) })), ['logits', 'none-each', 1]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ logits: x, bounded: g.op('Tanh', [x]) })), ['logits', 'softmax', 1]); // prettier-ignore
  assert.deepEqual(said((g, x) => ({ logits: x })), ['logits', 'softmax', 1]); // prettier-ignore
});

test('probabilities of what is more than a multiple of the logits are believed', async () => {
  const build = (g: GraphBuilder, x: Value) => ({ logits: x, probabilities: sigmoid(g, g.add(g.mul(x, number(g, 2)), number(g, 3))) }); // prettier-ignore
  const draft = described(build);
  assert.equal(draft.outputActivation, 'sigmoid');
  const manifest = { ...draft, weights: { files: draft.files } } as unknown as ModelManifest;
  const pixels = { data: randomNumbers(3 * height * width, 1, 3), shape: [1, 3, height, width] };
  const shifted = await runGraph(tapOnnx(root, manifest, { kind: 'classify', map: null }), pixels);
  described((g, x) => ({ logits: x }));
  const plain = await runGraph(tapOnnx(root, manifest, { kind: 'classify', map: null }), pixels);
  for (const [i, value] of shifted['logits']!.data.entries())
    assert.ok(Math.abs(value - (2 * plain['logits']!.data[i]! + 3)) < 1e-4);
});

test('probabilities of two kinds, or of another kind than the configuration says, are refused', () => {
  const two = (g: GraphBuilder, x: Value) => ({ logits: x, one: g.softmax(x), any: sigmoid(g, x) });
  assert.throws(() => described(two), { code: 'unsupported-output', message: /softmax and sigmoid, and nothing says which/ }); // prettier-ignore
  const several = { model_type: 'vit', problem_type: 'multi_label_classification' };
  for (const made of [
    (g: GraphBuilder, x: Value) => ({ logits: x, scores: g.softmax(x) }),
    (g: GraphBuilder, x: Value) => ({ log: g.op('LogSoftmax', [x], { axis: -1 }) }),
  ])
    // prettier-ignore
    assert.throws(() => described(made, several), { code: 'unsupported-output', message: /ends in a softmax/ });
});

test('what is decided beside the logits leaves them the answer', () => {
  const build = (g: GraphBuilder, x: Value) => ({ held: g.float(g.op('Greater', [sigmoid(g, x), number(g, 0.5)])), raw: x }); // prettier-ignore
  assert.deepEqual(said(build), ['raw', 'softmax', 1]);
});

test('an input that the answer does not need is let go, with what needs it', async () => {
  const asked = (g: GraphBuilder, x: Value) => {
    const index = g.input('class_index', 'int64', [1]);
    return { logits: x, chosen: g.mul(x, g.float(index)) };
  };
  const draft = described(asked);
  const manifest = { ...draft, weights: { files: draft.files } } as unknown as ModelManifest;
  const pixels = { data: randomNumbers(3 * height * width, 1, 3), shape: [1, 3, height, width] };
  for (const kind of ['classify', 'inspect'] as const)
    assert.ok((await runGraph(tapOnnx(root, manifest, { kind, map: null }), pixels, kind === 'inspect' ? 1 : undefined))['logits']); // prettier-ignore
  const needed = (g: GraphBuilder, x: Value) => ({ logits: g.mul(x, g.float(g.input('factor', 'int64', [1]))) }); // prettier-ignore
  assert.throws(() => described(needed), { code: 'unsupported-input', message: /found image, factor/ });
});

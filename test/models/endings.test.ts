/** What other people's graphs end in: logits, probabilities, or neither. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeOnnx } from '../../models/formats/onnx.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { GraphBuilder } from '../../models/onnx/builder.ts';
import { encodeModel, type Model } from '../../models/onnx/schema.ts';
import type { Value } from '../../models/onnx/types.ts';
import { outputActivationIn } from '../../models/try-out.ts';
import { foreign, foreignVit, inlined } from './foreign.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'endings');

const half: [number, number, number] = [0.5, 0.5, 0.5];
const { height, width, classes } = foreign;
const answers = { mean: half, std: half, resize: { mode: 'exact' as const, height, width }, interpolation: 'bicubic' as const, labels: ['a', 'b', 'c', 'd', 'e'] }; // prettier-ignore

/** A Vision Transformer with `build` behind its logits. */
function ending(build: (g: GraphBuilder, logits: Value) => Value): Model {
  const model = foreignVit({ style: 'softmax' });
  const graph = model.graph!;
  const logits = graph.output[0]!.name;
  const g = new GraphBuilder();
  g.output('answer', build(g, logits), 'float32', ['batch', classes]);
  const tail = inlined(g).graph!;
  const named = (name: string) => (name === '' || name === logits ? name : `tail.${name}`);
  for (const node of tail.node) {
    node.input = node.input.map(named);
    node.output = node.output.map(named);
  }
  for (const each of [...tail.node, ...tail.initializer, ...tail.output]) each.name = named(each.name);
  graph.node.push(...tail.node);
  graph.initializer.push(...tail.initializer);
  graph.output = tail.output;
  return model;
}

function described(model: Model, config?: object) {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  rmSync(join(root, 'config.json'), { force: true });
  if (config) writeFileSync(join(root, 'config.json'), JSON.stringify(config));
  return describeOnnx(join(root, 'model.onnx'), answers).outputActivation;
}

const number = (g: GraphBuilder, value: number) => g.tensor(`n${value}`, Float32Array.of(value), []);
const logSoftmax = (g: GraphBuilder, x: Value) => g.op('LogSoftmax', [x], { axis: -1 });

test('log-probabilities mean what their probabilities do', () => {
  assert.equal(described(ending((g, x) => g.reshape(logSoftmax(g, x), [-1, classes]))), 'softmax');
  assert.equal(described(ending((g, x) => g.op('Log', [g.softmax(x)]))), 'softmax');
  assert.equal(described(ending((g, x) => g.op('Log', [g.op('Sigmoid', [x])]))), 'sigmoid');
  assert.equal(described(ending((g, x) => g.softmax(g.div(x, number(g, 2.5))))), 'softmax');
  assert.equal(described(ending((g, x) => g.reshape(g.op('Sigmoid', [x]), [-1, classes]))), 'sigmoid');
});

test('probabilities that are changed are believed only where they still are such', () => {
  const changed: [(g: GraphBuilder, x: Value) => Value, number[]][] = [
    [(g, x) => g.op('Neg', [logSoftmax(g, x)]), [1.5, 1.7, 1.4, 2.1, 1.3]],
    [(g, x) => g.sqrt(g.softmax(x)), [0.46, 0.42, 0.48, 0.34, 0.5]],
    [(g, x) => g.mul(g.softmax(x), number(g, 100)), [22, 18, 24, 12, 24]],
    [(g, x) => g.op('Neg', [g.op('Softplus', [g.op('Neg', [x])])]), [-0.6, -0.7, -0.5, -0.9, -0.5]],
  ];
  for (const [build, row] of changed) {
    const outputActivation = described(ending(build));
    const manifest = { kind: 'onnx', labels: row, outputActivation } as unknown as ModelManifest;
    assert.throws(() => outputActivationIn(manifest, [row]), { code: 'unsupported-output' });
  }
});

test('what tells one class and not how probable it is, is no answer', () => {
  const deciding: [string, (g: GraphBuilder, x: Value) => Value][] = [
    ['Hardmax', (g, x) => g.op('Hardmax', [g.softmax(x)], { axis: -1 })],
    ['Equal', (g, x) => g.float(g.op('Equal', [x, g.op('ReduceMax', [x], { axes: [1], keepdims: 1 })]))],
    ['Greater', (g, x) => g.float(g.op('Greater', [g.op('Sigmoid', [x]), number(g, 0.5)]))],
    // The number of the best class comes along, those of the others do not.
    [
      'Equal',
      (g, x) => {
        const most = g.op('ReduceMax', [x], { axes: [1], keepdims: 1 });
        return g.mul(g.float(g.op('Equal', [x, most])), most);
      },
    ],
  ];
  for (const [name, build] of deciding)
    assert.throws(() => described(ending(build)), { code: 'unsupported-output', message: new RegExp(name) });
  // What is small is left out: probabilities all the same.
  const masked = (g: GraphBuilder, x: Value) => {
    const p = g.softmax(x);
    return g.mul(p, g.float(g.op('Greater', [p, number(g, 0.01)])));
  };
  assert.equal(described(ending(masked)), 'none');
  // Logits that are clamped by comparing are logits.
  const clamped = (g: GraphBuilder, x: Value) =>
    g.op('Where', [g.op('Less', [x, number(g, -50)]), number(g, -50), x]);
  assert.equal(described(ending(clamped)), 'softmax');
});

test('numbers that are bounded are no logits: they are probabilities, each for itself, or nothing', () => {
  const halfOf = (build: (g: GraphBuilder, x: Value) => Value) => (g: GraphBuilder, x: Value) =>
    g.add(g.mul(build(g, x), number(g, 0.5)), number(g, 0.5));
  const tanh = (g: GraphBuilder, x: Value) => g.op('Tanh', [x]);
  const believed = (build: (g: GraphBuilder, x: Value) => Value, row: number[]) => {
    const outputActivation = described(ending(build));
    const manifest = { kind: 'onnx', labels: row, outputActivation } as unknown as ModelManifest;
    return outputActivationIn(manifest, [row]);
  };
  assert.equal(believed(halfOf(tanh), [0.2, 0.9, 0.4, 0.7, 0.1]), 'none-each');
  assert.equal(
    believed(
      halfOf((g, x) => g.op('Softsign', [x])),
      [0.2, 0.9, 0.4, 0.7, 0.1],
    ),
    'none-each',
  );
  assert.throws(() => believed(tanh, [-0.6, 0.8, -0.2, 0.4, -0.8]), { code: 'unsupported-output' });
  assert.equal(
    believed((g, x) => g.op('Exp', [logSoftmax(g, x)]), [0.1, 0.2, 0.3, 0.15, 0.25]),
    'none',
  );
  assert.throws(() => believed((g, x) => g.op('Exp', [x]), [1.2, 7.4, 0.2, 3.1, 2.2]), {
    code: 'unsupported-output',
  });
});

test('a configuration of several labels and a graph of one contradict each other', () => {
  const several = { model_type: 'vit', problem_type: 'multi_label_classification' };
  assert.equal(described(ending((g, x) => g.op('Identity', [x])), several), 'sigmoid'); // prettier-ignore
  assert.throws(
    () =>
      described(
        ending((g, x) => g.softmax(x)),
        several,
      ),
    { code: 'unsupported-output' },
  );
});

test('NaN in any tensor of a graph is found, also where no answer shows it', () => {
  const model = foreignVit({ style: 'softmax' });
  let tried = 0;
  for (const tensor of model.graph!.initializer) {
    if (tensor.dataType !== 1 || tensor.rawData.length < 8) continue;
    const sound = tensor.rawData;
    tensor.rawData = new Uint8Array(sound);
    new DataView(tensor.rawData.buffer).setFloat32(4, NaN, true);
    assert.throws(() => described(model), { code: 'not-finite' }, tensor.name);
    tensor.rawData = sound;
    tried++;
  }
  assert.ok(tried > 20, `${tried} tensors`);
});

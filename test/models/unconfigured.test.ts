/** Weights without a configuration, as DINO, DINOv2, MAE and training frameworks leave them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { VitConfig } from '../../models/config.ts';
import type { Answers } from '../../models/formats/answers.ts';
import { importModel } from '../../models/import.ts';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { buildGraph } from '../../models/load.ts';
import { runGraph } from './session.ts';
import { temporaryFolder } from '../temporary.ts';
import { randomNumbers, timmConfig, timmTensors, tinyShape, torchvisionTensors, type TinyShape } from './tiny.ts'; // prettier-ignore

const root = temporaryFolder({ after }, 'unconfigured');
let count = 0;
const fresh = () => join(root, `case-${++count}`);

const side = tinyShape.grid * tinyShape.patchSize;
const half: [number, number, number] = [0.5, 0.5, 0.5];
const told: Answers = { heads: tinyShape.heads, mean: half, std: half, resize: { mode: 'exact', height: side, width: side }, interpolation: 'bilinear' }; // prettier-ignore
const pixels = { data: randomNumbers(3 * side * side, 1), shape: [1, 3, side, side] };

const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
const backbone = (shape: TinyShape) => renamed(timmTensors(shape), (name) => (name.startsWith('head') ? null : name)); // prettier-ignore

function renamed(tensors: Writable, name: (from: string) => string | null): Writable {
  return Object.fromEntries(Object.entries(tensors).flatMap(([from, tensor]) => {
    const to = name(from);
    return to === null ? [] : [[to, tensor]];
  }));
} // prettier-ignore

async function imported(tensors: Writable, config?: object) {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors));
  if (config) writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return importModel(folder, fresh(), { name: 'm', ...(!config && { answers: told }) });
}

async function featureOf({ folder, manifest }: Awaited<ReturnType<typeof imported>>): Promise<Float32Array> {
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
  return (await runGraph(graph, pixels))['feature']!.data;
}

test('a backbone by the names of DINO, DINOv2 and MAE sees what it sees by those of timm', async () => {
  const shapes: TinyShape[] = [
    tinyShape,
    { ...tinyShape, registers: 4, layerScale: true },
    { ...tinyShape, activation: 'swiglu', layerScale: true },
  ];
  for (const shape of shapes) {
    const config = { ...timmConfig(shape), num_classes: 0 };
    const right = await featureOf(await imported(backbone(shape), config));
    const dino = renamed(backbone(shape), (name) =>
      name.replace('reg_token', 'register_tokens').replace('mlp.fc1', shape.activation === 'swiglu' ? 'mlp.w12' : 'mlp.fc1').replace('mlp.fc2', shape.activation === 'swiglu' ? 'mlp.w3' : 'mlp.fc2')); // prettier-ignore
    const model = await imported({ ...dino, mask_token: zeros(1, shape.width) });
    assert.deepEqual(model.manifest.labels, []);
    assert.equal((model.manifest.architecture as unknown as VitConfig).registers, shape.registers);
    assert.deepEqual(await featureOf(model), right);
  }
  const right = await featureOf(await imported(backbone(tinyShape)));
  const decoder = { decoder_pos_embed: zeros(1, 17, 16), 'decoder_embed.weight': zeros(16, 24), 'decoder_blocks.0.norm1.weight': zeros(16), mask_token: zeros(1, 1, 16) }; // prettier-ignore
  assert.deepEqual(await featureOf(await imported({ ...backbone(tinyShape), ...decoder })), right);
  const torchvision = renamed(torchvisionTensors(tinyShape), (name) => (name.startsWith('heads') ? null : name)); // prettier-ignore
  assert.deepEqual(await featureOf(await imported(torchvision)), right);
});

test("of a checkpoint of DINO's training the teacher's backbone is taken", async () => {
  const right = await featureOf(await imported(backbone(tinyShape)));
  const trained = {
    ...renamed(backbone(tinyShape), (name) => `teacher.backbone.${name}`),
    'teacher.head.mlp.0.weight': zeros(8, 24),
    'teacher.head.last_layer.weight_g': zeros(8, 1),
  };
  const student = renamed(timmTensors(tinyShape), (name) => `student.module.backbone.${name}`);
  assert.deepEqual(await featureOf(await imported(trained)), right);
  assert.deepEqual(await featureOf(await imported({ ...trained, ...student })), right);
});

test('a classifier of other names is not passed over', async () => {
  const renamedHead = (to: string) => renamed(timmTensors(tinyShape), (name) => name.replace(/^head\./, to));
  for (const to of ['head.mlp.', 'classifier.', 'head.1.'])
    await assert.rejects(imported(renamedHead(to)), { code: 'unknown-architecture' });
});

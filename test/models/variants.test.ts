import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { variants } from '../../models/variants.ts';
import { runGraph } from './session.ts';
import { randomNumbers, tinyShape, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'variants');

/** Millions of parameters with a head of 1000 classes, as the papers' tables round them. */
const published: Record<string, number> = {
  'vit-tiny': 5.7,
  'vit-small': 22,
  'vit-base': 86,
  'vit-large': 304,
  'vit-huge': 632,
  'deit-tiny': 5.7,
  'deit-small': 22,
  'deit-base': 86,
  'deit-tiny-distilled': 5.9,
  'deit-small-distilled': 22.4,
  'deit-base-distilled': 87.3,
  'dinov2-small': 22,
  'dinov2-base': 87,
  'dinov2-large': 304,
  'dinov2-small-registers': 22,
  'dinov2-base-registers': 87,
  'dinov2-large-registers': 304,
};

for (const [name, variant] of Object.entries(variants))
  test(`${name} has the size its paper gives, and a small one of its kind builds and runs`, async () => {
    const { width, depth, patchSize, imageSize, distillation, registers } = variant;
    const millions = published[name];
    assert.ok(millions, `no published size for ${name}: add it to the table`);
    const patches = (imageSize / patchSize) ** 2;
    const special = 1 + registers + (distillation ? 1 : 0);
    const block = 12 * width ** 2 + 13 * width;
    const heads = (distillation ? 2 : 1) * 1000 * (width + 1);
    const parameters =
      depth * block + (patches + 2 * special) * width + (3 * patchSize ** 2 + 3) * width + heads;
    assert.ok(
      Math.abs(parameters / 1e6 / millions - 1) < 0.04,
      `${parameters} parameters, published ${millions} M`,
    );

    const { layerScale, activation } = variant;
    const shape = { ...tinyShape, distillation, registers, layerScale, activation };
    const model = await importModel(writeTimm(join(root, name), shape), join(root, 'installed'));
    const graph = await buildGraph(model.folder, model.manifest, {
      kind: 'inspect',
      precision: 'fp32',
      map: null,
    });
    const pixels = { data: randomNumbers(2 * 3 * 32 * 32, 1), shape: [2, 3, 32, 32] };
    const outputs = await runGraph(graph, pixels, -1);
    assert.deepEqual(outputs['cls_attention']!.dims, [2, 2, 3, 16]);
    assert.ok(outputs['logits']!.data.every(Number.isFinite));
  });

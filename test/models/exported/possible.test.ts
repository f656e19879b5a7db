/** What is told to be possible is written, and the rest is refused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { VitConfig } from '../../../models/config.ts';
import { mapNames } from '../../../models/explain/options.ts';
import { exportedGraph } from '../../../models/exported/graph.ts';
import { possibleExports } from '../../../models/exported/possible.ts';
import { exportTaught } from '../../../models/heads/export.ts';
import type { Head } from '../../../models/heads/head.ts';
import { fitOf, ownHead } from '../../../models/heads/own.ts';
import { importModel } from '../../../models/import.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { readVitWeights } from '../../../models/weights/read.ts';
import { WeightSource } from '../../../models/weights/source.ts';
import { writeTinyClip } from '../tiny-clip.ts';
import { writeTinySiglip } from '../tiny-siglip.ts';
import { randomNumbers, timmConfig, timmTensors, tinyShape, writeTimm } from '../tiny.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'possible');

function headlessTimm(folder: string): string {
  const tensors = Object.entries(timmTensors(tinyShape)).filter(([name]) => !name.startsWith('head.'));
  return writeTimm(folder, tinyShape, Object.fromEntries(tensors), {
    ...timmConfig(tinyShape),
    num_classes: 0,
  });
}
function taughtFor({ manifest }: InstalledModel): Head {
  const fits = fitOf(manifest)!;
  return {
    ...{ name: 'Mine', kind: 'taught', reads: { how: 'linear' }, answers: 'one', none: false },
    ...{ calibration: { temperature: 1 }, doubt: { threshold: 0.5 }, fits },
    labels: ['boat', 'receipt'].map((name) => ({ id: name, name })),
    origin: { from: 'examples', examples: 3, l2: 1, report: null },
    weight: randomNumbers(2 * fits.length, 1, 5),
    bias: Float32Array.of(0.1, -0.2),
  };
}
const works = (what: () => void): boolean => {
  try {
    what();
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'cannot-export', String(error));
    return false;
  }
};
function found({ folder, manifest }: InstalledModel, head: Head | null, to: string) {
  using source = new WeightSource(manifest.weights.files.map((each) => join(folder, each)));
  const weights = readVitWeights(source, manifest.architecture as unknown as VitConfig);
  const graph = (maps: readonly (typeof mapNames)[number][]) =>
    exportedGraph(manifest, weights, { precision: 'fp32', maps, head });
  const written = head ?? ownHead(folder, manifest);
  return {
    maps: mapNames.filter((map) => works(() => graph([map]))),
    weights: written !== null && works(() => exportTaught(folder, manifest, written, to)),
  };
}

for (const [name, write, came] of [
  ['timm', (to) => writeTimm(to, tinyShape), { maps: ['cls', 'rollout', 'class'], weights: true }],
  ['headless', headlessTimm, { maps: ['cls', 'rollout'], weights: false }],
  ['clip', writeTinyClip, { maps: ['cls', 'rollout'], weights: false }],
  ['siglip', writeTinySiglip, { maps: ['cls', 'rollout'], weights: false }],
] as const satisfies [string, (to: string) => string, unknown][])
  test(`what is told of ${name} is what can be written, with its own labels and with others`, async () => {
    const model = await importModel(write(join(root, `${name}-source`)), root, { name });
    const told = possibleExports(model.manifest)!;
    assert.deepEqual(told.came, came);
    assert.deepEqual(told.came, found(model, null, join(root, `${name}-came`)));
    assert.deepEqual(told.others, found(model, taughtFor(model), join(root, `${name}-others`)));
    // A graph of somebody else's is written by nothing.
    assert.equal(possibleExports({ ...model.manifest, kind: 'onnx' }), null);
  });

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { golden, largestDifference, needsShared, shared } from '../shared.ts';
import { runGraph } from './session.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'backbones');

/** Rows of a [rows, a] beside those of b [rows, b]. */
function joined(a: Float32Array, b: Float32Array, rows: number): number[] {
  const [left, right] = [a.length / rows, b.length / rows];
  return Array.from({ length: rows }, (_, row) => [
    ...a.subarray(row * left, (row + 1) * left),
    ...b.subarray(row * right, (row + 1) * right),
  ]).flat();
}

for (const [name, reads] of [
  ['vit-dino-headless-huggingface', 'cls'],
  ['dinov2-headless-huggingface', 'cls+mean'],
  ['dinov2-headless-timm', 'cls'],
] as const)
  test(`${name}: feature and attention equal PyTorch, and it names nothing`, needsShared, async (t) => {
    const expected = golden('backbones.safetensors');
    const { folder, manifest } = await importModel(join(shared, 'models/variants', name), root);
    assert.deepEqual(manifest.labels, []);
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    assert.ok(!graph.outputs.includes('logits'));
    assert.match(graph.absent.class ?? '', /Choose a head/);
    const pixels = expected(`${name}.pixel_values`);
    const out = await runGraph(graph, pixels, -1);
    const [cls, mean] = [expected(`${name}.cls_feature`).data, expected(`${name}.patch_mean`).data];
    const feature = reads === 'cls' ? cls : joined(cls, mean, 2);
    const attention = expected(`${name}.cls_attention`).data;
    const differences = [
      largestDifference(out['feature']!.data, feature),
      largestDifference(out['cls_attention']!.data, attention),
    ];
    t.diagnostic(`feature ${differences[0]}, attention ${differences[1]}`);
    assert.ok(differences.every((difference) => difference <= 1e-5));
    const run = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: 'cls' });
    assert.deepEqual(run.outputs, ['feature', 'map']);
  });

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { golden, needsShared, shared, within } from '../shared.ts';
import { type Outputs, runGraph } from './session.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'golden');

const tiny = 'models/vit-tiny-patch16-224';
const photos = ['chelsea', 'coffee', 'rocket'];

const models = new Map<string, ReturnType<typeof importModel>>();

/** Imports a checkpoint once. */
function imported(path: string) {
  const before = models.get(path);
  if (before) return before;
  const model = importModel(join(shared, path), root, { name: path.replaceAll('/', '-') });
  models.set(path, model);
  return model;
}

function best(logits: Float32Array, count: number): number[] {
  return [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, count);
}

const total = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);

/** How far the terms of the contribution are from the logit they must add up to. */
function residual(outputs: Outputs, index: number): number {
  const terms = ['class_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head'];
  return Math.abs(
    terms.reduce((sum, name) => sum + total(outputs[name]!.data), 0) - outputs['logits']!.data[index]!,
  );
}

test(
  'ViT-Tiny in timm layout: logits, feature, every head of every layer and rollout equal PyTorch',
  needsShared,
  async (t) => {
    const expected = golden('vit-tiny-patch16-224.safetensors');
    const { folder, manifest } = await imported(`${tiny}/timm`);
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    for (const photo of photos) {
      const outputs = await runGraph(graph, expected(`${photo}.timm.pixel_values`), -1);
      within(t, `${photo} logits`, outputs['logits']!.data, expected(`${photo}.timm.logits`).data, 2e-3);
      within(
        t,
        `${photo} feature`,
        outputs['feature']!.data,
        expected(`${photo}.timm.cls_feature`).data,
        2e-3,
      );
      within(
        t,
        `${photo} attention`,
        outputs['cls_attention']!.data,
        expected(`${photo}.timm.cls_attention`).data,
        1e-5,
      );
      within(t, `${photo} rollout`, outputs['rollout']!.data, expected(`${photo}.timm.rollout`).data, 1e-5);
    }
  },
);

test(
  'ViT-Tiny: contributions with the value bias counted to the patch equal PyTorch, and all terms sum to the logit',
  needsShared,
  async (t) => {
    const expected = golden('vit-tiny-patch16-224.class-map.safetensors');
    const input = golden('vit-tiny-patch16-224.safetensors');
    const { folder, manifest } = await imported(`${tiny}/timm`);
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    for (const photo of photos) {
      const outputs = await runGraph(graph, input(`${photo}.timm.pixel_values`), -1);
      const bias = outputs['class_bias_map']!.data;
      const withBias = outputs['class_map']!.data.map((value, i) => value + bias[i]!);
      within(t, `${photo} class map`, withBias, expected(`${photo}.timm.class_map`).data, 1e-3);
      const [top] = best(outputs['logits']!.data, 1);
      t.diagnostic(`${photo}: residual of the decomposition ${residual(outputs, top!).toExponential(1)}`);
      assert.ok(residual(outputs, top!) < 1e-4);
      const other = await runGraph(graph, input(`${photo}.timm.pixel_values`), 42);
      assert.ok(residual(other, 42) < 1e-4, 'holds for a class that was asked for too');
    }
  },
);

test(
  'ViT-Tiny in Hugging Face layout and fp16: logits within 5e-2, the same five labels in order',
  needsShared,
  async (t) => {
    const expected = golden('vit-tiny-patch16-224.safetensors');
    const { folder, manifest } = await imported(`${tiny}/huggingface-fp16`);
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: 'cls' });
    for (const photo of photos) {
      // The two layouts hold the same weights, so timm's pixels serve for both.
      const { logits, map } = (await runGraph(graph, expected(`${photo}.timm.pixel_values`))) as Outputs;
      const golden = expected(`${photo}.timm.logits`).data;
      within(t, `${photo} logits`, logits!.data, golden, 5e-2);
      assert.deepEqual(best(logits!.data, 5), best(golden, 5));
      assert.deepEqual(map!.dims, [1, 196]);
    }
  },
);

for (const name of [
  'deit-distilled-huggingface',
  'deit-distilled-timm',
  'layerscale-meanpool-timm',
  'dinov2-huggingface-resized',
  'dinov2-registers-swiglu-huggingface-resized',
])
  test(
    `variant ${name}: logits and attention equal PyTorch, contributions sum to the logit`,
    needsShared,
    async (t) => {
      const expected = golden('variants.safetensors');
      const { folder, manifest } = await imported(`models/variants/${name}`);
      const pixels = expected(`${name}.pixel_values`);
      const inspect = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
      const outputs = await runGraph(inspect, pixels, 3);
      within(t, 'logits', outputs['logits']!.data, expected(`${name}.logits`).data, 2e-3);
      within(t, 'attention', outputs['cls_attention']!.data, expected(`${name}.cls_attention`).data, 1e-5);
      const single = {
        data: pixels.data.slice(0, pixels.data.length / 2),
        shape: [1, ...pixels.shape.slice(1)],
      };
      const one = await runGraph(inspect, single, 3);
      t.diagnostic(`residual of the decomposition ${residual(one, 3).toExponential(1)}`);
      assert.ok(residual(one, 3) < 1e-4);
    },
  );

test(
  "the source document's post-norm model: logits and [CLS] rows equal PyTorch, contributions are absent and say why",
  needsShared,
  async (t) => {
    const expected = golden('seed-vit.safetensors');
    const { folder, manifest } = await imported('models/seed-vit');
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
    const outputs = await runGraph(graph, expected('pixel_values'), -1);
    within(t, 'logits', outputs['logits']!.data, expected('logits').data, 2e-3);
    const attention = expected('attention'); // [B, L, H, T, T]
    const [batch, layers, heads, tokens] = attention.shape as [number, number, number, number];
    const rows = new Float32Array(batch * layers * heads * (tokens - 1));
    for (let i = 0; i < batch * layers * heads; i++)
      rows.set(
        attention.data.subarray(i * tokens * tokens + 1, i * tokens * tokens + tokens),
        i * (tokens - 1),
      );
    within(t, 'attention', outputs['cls_attention']!.data, rows, 1e-5);
    assert.match(graph.absent.class ?? '', /normalises after each block/);
    assert.ok(!graph.outputs.includes('class_map'));
  },
);

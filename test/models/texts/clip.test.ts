import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../../models/config.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph } from '../../../models/load.ts';
import { openTokenizer } from '../../../models/texts/tokens.ts';
import { buildTextGraph } from '../../../models/texts/tower.ts';
import { golden, needsShared, shared, within } from '../../shared.ts';
import { openSession } from '../session.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'clip');

const layouts = ['clip-huggingface', 'clip-open_clip'] as const;
const texts = () =>
  JSON.parse(readFileSync(join(shared, 'golden/clip-token-ids.json'), 'utf8')) as {
    text: string;
    ids: number[];
  }[];

for (const name of layouts)
  test(
    `${name}: both towers, their cosines, attention and the evidence for every text equal PyTorch`,
    needsShared,
    async (t) => {
      const all = golden('backbones.safetensors');
      const expected = (what: string) => all(`${name}.${what}`);
      const { folder, manifest } = await importModel(join(shared, 'models/variants', name), root);
      const config = manifest.architecture as unknown as VitConfig;
      const { tokenizer, positions } = config.text!;

      const { ids, ends } = openTokenizer(folder, tokenizer, positions)(texts().map(({ text }) => text));
      const text = buildTextGraph(folder, manifest)!;
      const tower = await openSession(text);
      const count = ends.length;
      const read = await tower.run({
        token_ids: new ort.Tensor('int64', ids, [count, positions]),
        ends: new ort.Tensor('int64', ends, [count]),
      });
      await tower.release();
      const embeds = read['text_embeds']!.data as Float32Array;
      within(t, 'text_embeds', embeds, expected('text_embeds').data, 1e-4);

      const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
      const session = await openSession(graph);
      const length = graph.direction!;
      const pixels = expected('pixel_values');
      const photos = pixels.shape[0]!;
      const [layers, patches] = [graph.layers, manifest.grid!.rows * manifest.grid!.columns];
      const images = new Float32Array(photos * length);
      const logits = new Float32Array(photos * count);
      const attention: number[] = [];
      const maps = new Float32Array(photos * count * layers * patches);
      for (let photo = 0; photo < photos; photo++) {
        const feeds = (directions: Float32Array) => ({
          pixel_values: new ort.Tensor(
            'float32',
            pixels.data.slice(
              (photo * pixels.data.length) / photos,
              ((photo + 1) * pixels.data.length) / photos,
            ),
            [1, ...pixels.shape.slice(1)],
          ),
          class_index: new ort.Tensor('int64', BigInt64Array.of(-2n), [1]),
          direction: new ort.Tensor('float32', directions, [directions.length / length, length]),
        });
        const seen = await session.run(feeds(new Float32Array(length)));
        const feature = seen['feature']!.data as Float32Array;
        attention.push(...(seen['cls_attention']!.data as Float32Array));
        const norm = Math.hypot(...feature);
        images.set(
          feature.map((value) => value / norm),
          photo * length,
        );
        // scale · t̂ / ‖image‖: along it the feature's terms are those of the logit.
        const explained = await session.run(feeds(embeds.map((value) => (value * text.scale) / norm)));
        const own = explained['class_map']!.data as Float32Array;
        maps.set(own, photo * own.length);
        for (let i = 0; i < count; i++)
          for (let j = 0; j < length; j++)
            logits[photo * count + i]! += text.scale * images[photo * length + j]! * embeds[i * length + j]!;
        // All terms together are the logit.
        for (let i = 0; i < count; i++) {
          const sum = [
            'class_map',
            'class_special',
            'class_mlp',
            'class_bias',
            'class_start',
            'class_head',
          ].reduce((total, term) => {
            const values = explained[term]!.data as Float32Array;
            const each = values.length / count;
            return total + values.subarray(i * each, (i + 1) * each).reduce((a, b) => a + b, 0);
          }, 0);
          assert.ok(Math.abs(sum - logits[photo * count + i]!) < 1e-3);
        }
      }
      await session.release();
      within(t, 'image_embeds', images, expected('image_embeds').data, 1e-4);
      within(t, 'logits_per_image', logits, expected('logits_per_image').data, 1e-4);
      within(t, 'cls_attention', attention, expected('cls_attention').data, 1e-5);
      within(t, 'class_map', maps, expected('class_map').data, 1e-3);
    },
  );

test(
  'awkward texts become the tokens of openai/CLIP, from tokenizer.json and from vocab.json with merges.txt',
  needsShared,
  () => {
    const folder = join(shared, 'models/variants/clip-huggingface');
    const wanted = texts();
    for (const files of [['tokenizer.json'], ['vocab.json', 'merges.txt']]) {
      const { ids, ends, cut } = openTokenizer(folder, files, 77)(wanted.map(({ text }) => text));
      for (const [i, { text, ids: expected }] of wanted.entries()) {
        const own = [...ids.subarray(i * 77, i * 77 + Number(ends[i]) + 1)].map(Number);
        assert.deepEqual(own, expected, text);
      }
      // The text of seventy-seven tokens is whole; the one after it is not.
      assert.deepEqual(cut, [14]);
    }
  },
);

test(
  'a CLIP model without its tokeniser is refused, and a broken one is a sentence',
  needsShared,
  async () => {
    const folder = join(root, 'without');
    cpSync(join(shared, 'models/variants/clip-open_clip'), folder, { recursive: true });
    rmSync(join(folder, 'tokenizer.json'));
    await assert.rejects(importModel(folder, join(root, 'installed')), { code: 'bad-tokenizer' });
    assert.throws(() => openTokenizer(folder, ['open_clip_config.json'], 77), { code: 'bad-tokenizer' });
  },
);

/** Hugging Face's backbones without a head, under their own names, see what the same weights see with one. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { largestDifference, needsShared, shared } from '../shared.ts';
import { runGraph } from './session.ts';
import { huggingFaceTensors, randomNumbers, tinyShape } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'headless');

const side = tinyShape.grid * tinyShape.patchSize;
const processor = { do_resize: true, size: { height: side, width: side }, resample: 2, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], do_rescale: true, do_normalize: true }; // prettier-ignore
const tiny = {
  hidden_size: tinyShape.width,
  num_hidden_layers: tinyShape.depth,
  num_attention_heads: tinyShape.heads,
  intermediate_size: 2 * tinyShape.width,
  patch_size: tinyShape.patchSize,
  image_size: side,
};

function write(name: string, config: object, tensors: Writable, processor: object): string {
  const folder = join(root, 'sources', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors));
  return folder;
}

async function seen(source: string) {
  const { folder, manifest } = await importModel(source, join(root, 'models'));
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const { height, width } = manifest.input;
  const data = randomNumbers(3 * height * width, 1, 9);
  const outputs = await runGraph(graph, { data, shape: [1, 3, height, width] });
  return { outputs, manifest };
}

/** Without the classifier, and without the prefix where the backbone was saved alone. */
function headless(tensors: Writable, prefix: string | null): Writable {
  const kept = Object.entries(tensors).filter(([name]) => !name.startsWith('classifier'));
  return Object.fromEntries(kept.map(([name, tensor]) => [prefix ? name.replace(prefix, '') : name, tensor]));
}

async function same(withHead: string, without: string): Promise<void> {
  const named = await seen(withHead);
  const bare = await seen(without);
  assert.ok(named.manifest.labels.length > 0 && named.outputs['logits']);
  assert.deepEqual(bare.manifest.labels, []);
  assert.equal(bare.outputs['logits'], undefined);
  assert.ok(largestDifference(bare.outputs['feature']!.data, named.outputs['feature']!.data) < 1e-6);
}

for (const type of ['vit', 'vit_msn', 'vit_mae'])
  test(`${type} without a classifier, saved alone`, async () => {
    const tensors = huggingFaceTensors(tinyShape);
    const config = { model_type: type, ...tiny };
    await same(
      write(`${type}-named`, { ...config, num_labels: 5 }, tensors, processor),
      write(`${type}-bare`, config, headless(tensors, 'vit.'), processor),
    );
  });

test('a masked autoencoder as it was pre-trained: its decoder is left alone', async () => {
  const tensors = huggingFaceTensors(tinyShape);
  const decoder = {
    'decoder.mask_token': { shape: [1, 1, 8], data: randomNumbers(8) },
    'decoder.decoder_embed.weight': { shape: [8, tinyShape.width], data: randomNumbers(8 * tinyShape.width) },
  };
  const config = { model_type: 'vit_mae', ...tiny };
  await same(
    write('mae-named', { ...config, num_labels: 5 }, tensors, processor),
    write('mae-pretrained', config, { ...headless(tensors, null), ...decoder }, processor),
  );
});

test('DINOv2 with registers, saved alone', needsShared, async () => {
  const variant = join(shared, 'models/variants/dinov2-registers-swiglu-huggingface-resized');
  const weights = join(variant, 'model.safetensors');
  using source = new WeightSource([weights]);
  const tensors = Object.fromEntries(
    source.names.map((name) => {
      const shape = source.shape(name);
      return [name, { shape, data: source.read(name, shape) }];
    }),
  );
  const json = (name: string) => JSON.parse(readFileSync(join(variant, name), 'utf8')) as object;
  const config = json('config.json');
  const preprocessing = json('preprocessor_config.json');
  const named = write('registers-named', config, {}, preprocessing);
  copyFileSync(weights, join(named, 'model.safetensors'));
  const bare = headless(tensors, 'dinov2_with_registers.');
  await same(named, write('registers-bare', config, bare, preprocessing));
});

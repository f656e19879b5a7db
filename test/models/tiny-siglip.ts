/** A small SigLIP with seeded random weights in transformers' layout, whose tokeniser has a token a letter. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { randomNumbers, randomTensors } from './tiny.ts';

export const tinySiglip = {
  image: { width: 24, depth: 2, heads: 3, side: 32, patchSize: 8 },
  text: { width: 16, depth: 2, heads: 2, positions: 24 },
  scale: 12,
  bias: -3,
} as const;

const letters = [...'▁abcdefghijklmnopqrstuvwxyz0123456789!,.'];
/** As SigLIP's has it: what ends a text fills it too. */
const end = '</s>';
const vocabulary = ['<unk>', end, ...letters];

function tensors(seed: number): Writable {
  const { image, text, scale, bias } = tinySiglip;
  const { all, put, norm } = randomTensors(seed);
  const linear = (name: string, out: number, inputs: number) => {
    put(`${name}.weight`, out, inputs);
    put(`${name}.bias`, out);
  };
  const blocks = (prefix: string, width: number, depth: number) => {
    for (let layer = 0; layer < depth; layer++) {
      const block = `${prefix}.encoder.layers.${layer}`;
      norm(`${block}.layer_norm1`, width);
      for (const which of ['q', 'k', 'v', 'out']) linear(`${block}.self_attn.${which}_proj`, width, width);
      norm(`${block}.layer_norm2`, width);
      linear(`${block}.mlp.fc1`, 4 * width, width);
      linear(`${block}.mlp.fc2`, width, 4 * width);
    }
  };
  const see = 'vision_model';
  put(`${see}.embeddings.patch_embedding.weight`, image.width, 3, image.patchSize, image.patchSize);
  put(`${see}.embeddings.patch_embedding.bias`, image.width);
  put(`${see}.embeddings.position_embedding.weight`, (image.side / image.patchSize) ** 2, image.width);
  blocks(see, image.width, image.depth);
  norm(`${see}.post_layernorm`, image.width);
  put(`${see}.head.probe`, 1, 1, image.width);
  put(`${see}.head.attention.in_proj_weight`, 3 * image.width, image.width);
  put(`${see}.head.attention.in_proj_bias`, 3 * image.width);
  linear(`${see}.head.attention.out_proj`, image.width, image.width);
  norm(`${see}.head.layernorm`, image.width);
  linear(`${see}.head.mlp.fc1`, 4 * image.width, image.width);
  linear(`${see}.head.mlp.fc2`, image.width, 4 * image.width);
  const read = 'text_model';
  put(`${read}.embeddings.token_embedding.weight`, vocabulary.length, text.width);
  put(`${read}.embeddings.position_embedding.weight`, text.positions, text.width);
  blocks(read, text.width, text.depth);
  norm(`${read}.final_layer_norm`, text.width);
  linear(`${read}.head`, image.width, text.width);
  all['logit_scale'] = { shape: [1], data: Float32Array.of(Math.log(scale)) };
  all['logit_bias'] = { shape: [1], data: Float32Array.of(bias) };
  return all;
}

const tower = ({ width, depth, heads }: { width: number; depth: number; heads: number }) => ({
  hidden_size: width,
  intermediate_size: 4 * width,
  num_hidden_layers: depth,
  num_attention_heads: heads,
});

/** @param tokenizer what `tokenizer_config.json` says otherwise */
export function writeTinySiglip(folder: string, seed = 1, tokenizer: object = {}): string {
  mkdirSync(folder, { recursive: true });
  const { image, text } = tinySiglip;
  const special = (content: string) => ({ id: vocabulary.indexOf(content), content, single_word: false, lstrip: true, rstrip: true, normalized: false, special: true }); // prettier-ignore
  const files = {
    'config.json': {
      architectures: ['SiglipModel'],
      initializer_factor: 1,
      model_type: 'siglip',
      vision_config: {
        model_type: 'siglip_vision_model',
        ...tower(image),
        image_size: image.side,
        patch_size: image.patchSize,
      },
      text_config: {
        model_type: 'siglip_text_model',
        ...tower(text),
        max_position_embeddings: text.positions,
        vocab_size: vocabulary.length,
      },
    },
    'preprocessor_config.json': {
      image_processor_type: 'SiglipImageProcessor',
      processor_class: 'SiglipProcessor',
      size: { height: image.side, width: image.side },
    },
    'tokenizer_config.json': {
      tokenizer_class: 'SiglipTokenizer',
      do_lower_case: true,
      eos_token: end,
      pad_token: end,
      ...tokenizer,
    },
    'tokenizer.json': {
      version: '1.0',
      added_tokens: [special('<unk>'), special(end)],
      normalizer: null,
      pre_tokenizer: {
        type: 'Metaspace',
        replacement: '▁',
        add_prefix_space: true,
        prepend_scheme: 'always',
      },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: end, type_id: 0 } }],
        pair: [],
        special_tokens: { [end]: { id: end, ids: [vocabulary.indexOf(end)], tokens: [end] } },
      },
      decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'always' },
      model: { type: 'Unigram', unk_id: 0, vocab: vocabulary.map((token, id) => [token, id < 2 ? 0 : -id]) },
    },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content));
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors(seed)));
  return folder;
}

/** The same image tower as transformers' `SiglipForImageClassification` is stored: with the pooling that it does not use. */
export function writeTinySiglipClassifier(folder: string, classes: number, seed = 1): string {
  writeTinySiglip(folder, seed);
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) rmSync(join(folder, name));
  const file = join(folder, 'config.json');
  const id2label = Object.fromEntries(Array.from({ length: classes }, (_, i) => [i, `kind ${i}`]));
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  const told = { architectures: ['SiglipForImageClassification'], problem_type: 'single_label_classification', id2label }; // prettier-ignore
  writeFileSync(file, JSON.stringify({ ...config, ...told }));
  const { width } = tinySiglip.image;
  const seen = Object.entries(tensors(seed)).filter(([name]) => name.startsWith('vision_model.'));
  const all: Writable = {
    ...Object.fromEntries(seen),
    'classifier.weight': { shape: [classes, width], data: randomNumbers(classes * width, 0.4, 71) },
    'classifier.bias': { shape: [classes], data: randomNumbers(classes, 0.4, 72) },
  };
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(all));
  return folder;
}

/** A small CLIP with seeded random weights in open_clip's layout, whose tokeniser has a token a letter. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { randomTensors } from './tiny.ts';

const image = { width: 24, depth: 2, heads: 3, side: 32, patchSize: 8 };
const text = { width: 16, depth: 2, heads: 2, positions: 77 };
const embedding = 12;
const [start, end] = ['<|startoftext|>', '<|endoftext|>'];

/** Bytes as characters, as GPT-2 writes them: what can be printed is itself, the others follow from U+0100 on. */
function letters(): string[] {
  const printed = [...Array(256).keys()].filter(
    (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174,
  );
  const others = 256 - printed.length;
  return [...printed, ...Array.from({ length: others }, (_, i) => 256 + i)].map((code) =>
    String.fromCodePoint(code),
  );
}

const vocabulary = [...letters(), ...letters().map((letter) => `${letter}</w>`), start, end];

function tensors(seed: number): Writable {
  const { all, put, norm } = randomTensors(seed);
  const blocks = (prefix: string, width: number, depth: number) => {
    for (let layer = 0; layer < depth; layer++) {
      const block = `${prefix}transformer.resblocks.${layer}`;
      norm(`${block}.ln_1`, width);
      put(`${block}.attn.in_proj_weight`, 3 * width, width);
      put(`${block}.attn.in_proj_bias`, 3 * width);
      put(`${block}.attn.out_proj.weight`, width, width);
      put(`${block}.attn.out_proj.bias`, width);
      norm(`${block}.ln_2`, width);
      put(`${block}.mlp.c_fc.weight`, 4 * width, width);
      put(`${block}.mlp.c_fc.bias`, 4 * width);
      put(`${block}.mlp.c_proj.weight`, width, 4 * width);
      put(`${block}.mlp.c_proj.bias`, width);
    }
  };
  put('visual.class_embedding', image.width);
  put('visual.conv1.weight', image.width, 3, image.patchSize, image.patchSize);
  put('visual.positional_embedding', (image.side / image.patchSize) ** 2 + 1, image.width);
  norm('visual.ln_pre', image.width);
  blocks('visual.', image.width, image.depth);
  norm('visual.ln_post', image.width);
  put('visual.proj', image.width, embedding);
  put('token_embedding.weight', vocabulary.length, text.width);
  put('positional_embedding', text.positions, text.width);
  blocks('', text.width, text.depth);
  norm('ln_final', text.width);
  put('text_projection', text.width, embedding);
  all['logit_scale'] = { shape: [1], data: Float32Array.of(Math.log(20)) };
  return all;
}

export function writeTinyClip(folder: string, seed = 1): string {
  mkdirSync(folder, { recursive: true });
  const config = {
    model_cfg: {
      embed_dim: embedding,
      vision_cfg: {
        image_size: image.side,
        layers: image.depth,
        width: image.width,
        head_width: image.width / image.heads,
        patch_size: image.patchSize,
      },
      text_cfg: {
        context_length: text.positions,
        vocab_size: vocabulary.length,
        width: text.width,
        heads: text.heads,
        layers: text.depth,
      },
    },
    preprocess_cfg: { interpolation: 'bicubic', resize_mode: 'shortest' },
  };
  writeFileSync(join(folder, 'open_clip_config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'open_clip_model.safetensors'), encodeSafetensors(tensors(seed)));
  const ids = Object.fromEntries(vocabulary.map((token, id) => [token, id]));
  writeFileSync(join(folder, 'vocab.json'), JSON.stringify(ids));
  writeFileSync(join(folder, 'merges.txt'), '#version: 0.2\n');
  return folder;
}

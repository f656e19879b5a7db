/** Small checkpoints with seeded random weights, in the layouts that people have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';

/** Numbers from −scale to scale, the same every time (Numerical Recipes' congruential generator). */
export function randomNumbers(count: number, scale = 0.2, seed = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/** Tensors put under names, seeded one by one; `norm` has weights around 1. */
export function randomTensors(seed: number) {
  const all: Writable = {};
  const put = (name: string, ...shape: number[]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    all[name] = { shape, data: randomNumbers(count, 0.4, seed + Object.keys(all).length + 1) };
  };
  const norm = (name: string, width: number) => {
    put(`${name}.weight`, width);
    all[`${name}.weight`]!.data.forEach((value, i, data) => (data[i] = 1 + value));
    put(`${name}.bias`, width);
  };
  return { all, put, norm };
}

export interface TinyShape {
  width: number;
  depth: number;
  heads: number;
  patchSize: number;
  grid: number;
  classes: number;
  distillation: boolean;
  registers: number;
  layerScale: boolean;
  activation: 'gelu' | 'swiglu';
  /** Feed-forward's width over the token's; default 2. */
  mlpRatio?: number;
  /** Weights from −scale to scale; default 0.3. */
  scale?: number;
}

export const tinyShape: TinyShape = {
  width: 24,
  depth: 2,
  heads: 3,
  patchSize: 8,
  grid: 4,
  classes: 5,
  distillation: false,
  registers: 0,
  layerScale: false,
  activation: 'gelu',
};

/** timm's names. */
export function timmTensors(shape: TinyShape): Writable {
  const {
    width: d,
    depth,
    patchSize,
    grid,
    classes,
    distillation,
    registers,
    layerScale,
    activation,
    mlpRatio = 2,
    scale = 0.3,
  } = shape;
  const tensors: Writable = {};
  let seed = 0;
  const put = (name: string, ...dims: number[]) => {
    const data = randomNumbers(dims.reduce((a, b) => a * b), scale, ++seed); // prettier-ignore
    tensors[name] = { shape: dims, data: /norm.*weight$|gamma$/.test(name) ? data.map((v) => v + 1) : data };
  };
  const linear = (name: string, out: number, inputs: number) => {
    put(`${name}.weight`, out, inputs);
    put(`${name}.bias`, out);
  };
  const norm = (name: string) => {
    put(`${name}.weight`, d);
    put(`${name}.bias`, d);
  };
  put('cls_token', 1, 1, d);
  if (distillation) put('dist_token', 1, 1, d);
  if (registers) put('reg_token', 1, registers, d);
  put('pos_embed', 1, grid * grid + (distillation ? 2 : 1), d);
  put('patch_embed.proj.weight', d, 3, patchSize, patchSize);
  put('patch_embed.proj.bias', d);
  for (let layer = 0; layer < depth; layer++) {
    const block = `blocks.${layer}`;
    norm(`${block}.norm1`);
    linear(`${block}.attn.qkv`, 3 * d, d);
    linear(`${block}.attn.proj`, d, d);
    norm(`${block}.norm2`);
    linear(`${block}.mlp.fc1`, (activation === 'swiglu' ? 2 : 1) * mlpRatio * d, d);
    linear(`${block}.mlp.fc2`, d, mlpRatio * d);
    if (layerScale) {
      put(`${block}.ls1.gamma`, d);
      put(`${block}.ls2.gamma`, d);
    }
  }
  norm('norm');
  linear('head', classes, d);
  if (distillation) linear('head_dist', classes, d);
  return tensors;
}

export function timmConfig(shape: TinyShape): Record<string, unknown> {
  const side = shape.grid * shape.patchSize;
  return {
    architecture: 'vit_custom',
    num_classes: shape.classes,
    global_pool: 'token',
    model_args: { num_heads: shape.heads },
    pretrained_cfg: { input_size: [3, side, side], crop_pct: 1, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  };
}

export function writeTimm(
  folder: string,
  shape: TinyShape,
  tensors = timmTensors(shape),
  config = timmConfig(shape),
) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors));
  return folder;
}

/** The same weights under the names of Hugging Face's ViT. */
export function huggingFaceTensors(shape: TinyShape): Writable {
  const renamed: Writable = {};
  const names: [RegExp, string][] = [
    [/^cls_token$/, 'vit.embeddings.cls_token'],
    [/^pos_embed$/, 'vit.embeddings.position_embeddings'],
    [/^patch_embed\.proj/, 'vit.embeddings.patch_embeddings.projection'],
    [/^blocks\.(\d+)\.norm1/, 'vit.encoder.layer.$1.layernorm_before'],
    [/^blocks\.(\d+)\.norm2/, 'vit.encoder.layer.$1.layernorm_after'],
    [/^blocks\.(\d+)\.attn\.proj/, 'vit.encoder.layer.$1.attention.output.dense'],
    [/^blocks\.(\d+)\.mlp\.fc1/, 'vit.encoder.layer.$1.intermediate.dense'],
    [/^blocks\.(\d+)\.mlp\.fc2/, 'vit.encoder.layer.$1.output.dense'],
    [/^norm/, 'vit.layernorm'],
    [/^head/, 'classifier'],
  ];
  for (const [name, tensor] of Object.entries(timmTensors(shape))) {
    const fused = /^blocks\.(\d+)\.attn\.qkv\.(.*)$/.exec(name);
    if (!fused) {
      const [pattern, to] = names.find(([from]) => from.test(name)) ?? [/^/, ''];
      renamed[name.replace(pattern, to)] = tensor;
      continue;
    }
    const [rows = 0, ...rest] = tensor.shape;
    const part = tensor.data.length / 3;
    for (const [i, which] of ['query', 'key', 'value'].entries())
      renamed[`vit.encoder.layer.${fused[1]}.attention.attention.${which}.${fused[2]}`] = {
        shape: [rows / 3, ...rest],
        data: tensor.data.slice(i * part, (i + 1) * part) as Float32Array,
      };
  }
  return renamed;
}

/** The same weights under the names of the source document's. */
export function sourceTensors(shape: TinyShape): Writable {
  const names: [RegExp, string][] = [
    [/^pos_embed$/, 'pos_emb'],
    [/^patch_embed\.proj/, 'patch_embedding.patch_embed'],
    [/^blocks\.(\d+)\.attn\.qkv\.(weight|bias)/, 'layers.$1.attn.in_proj_$2'],
    [/^blocks\.(\d+)\.attn\.proj/, 'layers.$1.attn.out_proj'],
    [/^blocks\.(\d+)\.mlp\.fc1/, 'layers.$1.ff.0'],
    [/^blocks\.(\d+)\.mlp\.fc2/, 'layers.$1.ff.2'],
    [/^blocks\.(\d+)\.norm/, 'layers.$1.norm'],
  ];
  return Object.fromEntries(
    Object.entries(timmTensors(shape)).map(([name, tensor]) => {
      const [pattern, to] = names.find(([from]) => from.test(name)) ?? [/^$/, ''];
      return [name.replace(pattern, to), tensor];
    }),
  );
}

/** The same weights under torchvision's names. */
export function torchvisionTensors(shape: TinyShape): Writable {
  const block = 'encoder.layers.encoder_layer_$1';
  const names: [RegExp, string][] = [
    [/^cls_token$/, 'class_token'],
    [/^pos_embed$/, 'encoder.pos_embedding'],
    [/^patch_embed\.proj/, 'conv_proj'],
    [/^blocks\.(\d+)\.attn\.qkv\.(weight|bias)/, `${block}.self_attention.in_proj_$2`],
    [/^blocks\.(\d+)\.attn\.proj/, `${block}.self_attention.out_proj`],
    [/^blocks\.(\d+)\.mlp\.fc1/, `${block}.mlp.0`],
    [/^blocks\.(\d+)\.mlp\.fc2/, `${block}.mlp.3`],
    [/^blocks\.(\d+)\.norm/, `${block}.ln_`],
    [/^norm/, 'encoder.ln'],
    [/^head/, 'heads.head'],
  ];
  return Object.fromEntries(
    Object.entries(timmTensors(shape)).map(([name, tensor]) => {
      const [pattern, to] = names.find(([from]) => from.test(name)) ?? [/^$/, ''];
      return [name.replace(pattern, to), tensor];
    }),
  );
}

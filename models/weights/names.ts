/** What timm, Hugging Face and the source document call the parts of a Vision Transformer. */
import { hasDistillationHead, type KeyNames, type VitConfig } from '../config.ts';

/** `q`, `k`, `v` apart, or one matrix of all three, rows in that order. A name stands for `.weight` and `.bias`. */
export type Projection = { fused: { weight: string; bias: string } } | { q: string; k: string; v: string };

export interface BlockNames {
  norm1: string;
  qkv: Projection;
  out: string;
  scale1: string;
  norm2: string;
  fc1: string;
  fc2: string;
  scale2: string;
}

interface PoolingNames {
  latent: string;
  /** Query, key and value one above the other, as stored: in `of` times D rows each. */
  qkv: { weight: string; bias: string; of: number }[];
  out: string;
  norm: string;
  fc1: string;
  fc2: string;
}

export interface PartNames {
  patch: string;
  cls: string;
  distillation: string;
  registers: string;
  positions: string;
  block(layer: number): BlockNames;
  /** Before the first block, where the model has it. */
  normFirst: string;
  norm: string;
  /** Of attention pooling; null: not in this layout. */
  pooling: PoolingNames | null;
  head: string;
  headDistillation: string;
  /** Of CLIP's embedding. */
  projection: string;
}

/** `prefix` is `dinov2` for what that repository calls otherwise. */
function timm(config: VitConfig): PartNames {
  const dino = config.prefix === 'dinov2';
  const gated = dino && config.activation === 'swiglu';
  return {
    patch: 'patch_embed.proj',
    cls: 'cls_token',
    distillation: 'dist_token',
    registers: dino ? 'register_tokens' : 'reg_token',
    positions: 'pos_embed',
    block(layer) {
      const block = `blocks.${layer}`;
      return {
        norm1: `${block}.norm1`,
        qkv: { fused: { weight: `${block}.attn.qkv.weight`, bias: `${block}.attn.qkv.bias` } },
        out: `${block}.attn.proj`,
        scale1: `${block}.ls1.gamma`,
        norm2: `${block}.norm2`,
        fc1: `${block}.mlp.${gated ? 'w12' : 'fc1'}`,
        fc2: `${block}.mlp.${gated ? 'w3' : 'fc2'}`,
        scale2: `${block}.ls2.gamma`,
      };
    },
    normFirst: 'norm_pre',
    norm: config.finalNorm === 'pooled' ? 'fc_norm' : 'norm',
    pooling: {
      latent: 'attn_pool.latent',
      qkv: [
        { weight: 'attn_pool.q.weight', bias: 'attn_pool.q.bias', of: 1 },
        { weight: 'attn_pool.kv.weight', bias: 'attn_pool.kv.bias', of: 2 },
      ],
      out: 'attn_pool.proj',
      norm: 'attn_pool.norm',
      fc1: 'attn_pool.mlp.fc1',
      fc2: 'attn_pool.mlp.fc2',
    },
    head: 'head',
    headDistillation: 'head_dist',
    projection: '',
  };
}

function huggingFace(config: VitConfig): PartNames {
  const { prefix } = config;
  const base = config.bare ? '' : `${prefix}.`;
  const dino = prefix.startsWith('dinov2');
  const swiglu = config.activation === 'swiglu';
  return {
    patch: `${base}embeddings.patch_embeddings.projection`,
    cls: `${base}embeddings.cls_token`,
    distillation: `${base}embeddings.distillation_token`,
    registers: `${base}embeddings.register_tokens`,
    positions: `${base}embeddings.position_embeddings`,
    block(layer) {
      const block = `${base}encoder.layer.${layer}`;
      const attention = `${block}.attention.attention`;
      const mlp = dino
        ? {
            fc1: `${block}.mlp.${swiglu ? 'weights_in' : 'fc1'}`,
            fc2: `${block}.mlp.${swiglu ? 'weights_out' : 'fc2'}`,
          }
        : { fc1: `${block}.intermediate.dense`, fc2: `${block}.output.dense` };
      return {
        norm1: `${block}.${dino ? 'norm1' : 'layernorm_before'}`,
        qkv: { q: `${attention}.query`, k: `${attention}.key`, v: `${attention}.value` },
        out: `${block}.attention.output.dense`,
        scale1: `${block}.layer_scale1.lambda1`,
        norm2: `${block}.${dino ? 'norm2' : 'layernorm_after'}`,
        ...mlp,
        scale2: `${block}.layer_scale2.lambda1`,
      };
    },
    normFirst: '',
    norm: `${base}layernorm`,
    pooling: null,
    head: hasDistillationHead(config) ? 'cls_classifier' : 'classifier',
    headDistillation: 'distillation_classifier',
    projection: '',
  };
}

function source(): PartNames {
  return {
    patch: 'patch_embedding.patch_embed',
    cls: 'cls_token',
    distillation: '',
    registers: '',
    positions: 'pos_emb',
    block(layer) {
      const block = `layers.${layer}`;
      return {
        norm1: `${block}.norm1`,
        qkv: { fused: { weight: `${block}.attn.in_proj_weight`, bias: `${block}.attn.in_proj_bias` } },
        out: `${block}.attn.out_proj`,
        scale1: '',
        norm2: `${block}.norm2`,
        fc1: `${block}.ff.0`,
        fc2: `${block}.ff.2`,
        scale2: '',
      };
    },
    normFirst: '',
    norm: 'norm',
    pooling: null,
    head: 'head',
    headDistillation: '',
    projection: '',
  };
}

/** torchvision/models/vision_transformer.py; its MLP's layers were called `linear_1` and `linear_2` at first. */
function torchvision({ prefix }: VitConfig): PartNames {
  return {
    patch: 'conv_proj',
    cls: 'class_token',
    distillation: '',
    registers: '',
    positions: 'encoder.pos_embedding',
    block(layer) {
      const block = `encoder.layers.encoder_layer_${layer}`;
      const attention = `${block}.self_attention`;
      return {
        norm1: `${block}.ln_1`,
        qkv: { fused: { weight: `${attention}.in_proj_weight`, bias: `${attention}.in_proj_bias` } },
        out: `${attention}.out_proj`,
        scale1: '',
        norm2: `${block}.ln_2`,
        fc1: `${block}.mlp.${prefix ? `${prefix}1` : '0'}`,
        fc2: `${block}.mlp.${prefix ? `${prefix}2` : '3'}`,
        scale2: '',
      };
    },
    normFirst: '',
    norm: 'encoder.ln',
    pooling: null,
    head: 'heads.head',
    headDistillation: '',
    projection: '',
  };
}

/** transformers' CLIPModel; `prefix` is `vision_model` or `text_model`. Its misspelt norm is theirs. */
function clip({ prefix }: VitConfig): PartNames {
  const text = prefix === 'text_model';
  return {
    patch: `${prefix}.embeddings.patch_embedding`,
    cls: `${prefix}.embeddings.class_embedding`,
    distillation: '',
    registers: '',
    positions: `${prefix}.embeddings.position_embedding.weight`,
    block(layer) {
      const block = `${prefix}.encoder.layers.${layer}`;
      const attention = `${block}.self_attn`;
      return {
        norm1: `${block}.layer_norm1`,
        qkv: { q: `${attention}.q_proj`, k: `${attention}.k_proj`, v: `${attention}.v_proj` },
        out: `${attention}.out_proj`,
        scale1: '',
        norm2: `${block}.layer_norm2`,
        fc1: `${block}.mlp.fc1`,
        fc2: `${block}.mlp.fc2`,
        scale2: '',
      };
    },
    normFirst: `${prefix}.pre_layrnorm`,
    norm: text ? `${prefix}.final_layer_norm` : `${prefix}.post_layernorm`,
    pooling: null,
    head: '',
    headDistillation: '',
    projection: text ? 'text_projection.weight' : 'visual_projection.weight',
  };
}

/** transformers' SiglipModel (models/siglip): CLIP's names, and a head that pools. */
function siglip(config: VitConfig): PartNames {
  const head = `${config.prefix}.head`;
  const text = config.prefix === 'text_model';
  return {
    ...clip(config),
    cls: '',
    normFirst: '',
    pooling: {
      latent: `${head}.probe`,
      qkv: [{ weight: `${head}.attention.in_proj_weight`, bias: `${head}.attention.in_proj_bias`, of: 3 }],
      out: `${head}.attention.out_proj`,
      norm: `${head}.layernorm`,
      fc1: `${head}.mlp.fc1`,
      fc2: `${head}.mlp.fc2`,
    },
    head: text ? '' : 'classifier',
    projection: text ? `${head}.weight` : '',
  };
}

/** open_clip's CLIP; `prefix` is `visual.` or, of texts, empty. */
function openClip({ prefix }: VitConfig): PartNames {
  return {
    patch: `${prefix}conv1`,
    cls: `${prefix}class_embedding`,
    distillation: '',
    registers: '',
    positions: `${prefix}positional_embedding`,
    block(layer) {
      const block = `${prefix}transformer.resblocks.${layer}`;
      return {
        norm1: `${block}.ln_1`,
        qkv: { fused: { weight: `${block}.attn.in_proj_weight`, bias: `${block}.attn.in_proj_bias` } },
        out: `${block}.attn.out_proj`,
        scale1: '',
        norm2: `${block}.ln_2`,
        fc1: `${block}.mlp.c_fc`,
        fc2: `${block}.mlp.c_proj`,
        scale2: '',
      };
    },
    normFirst: `${prefix}ln_pre`,
    norm: prefix ? `${prefix}ln_post` : 'ln_final',
    pooling: null,
    head: '',
    headDistillation: '',
    projection: prefix ? `${prefix}proj` : 'text_projection',
  };
}

const families: Record<KeyNames, (config: VitConfig) => PartNames> = {
  timm,
  huggingface: huggingFace,
  torchvision,
  clip,
  open_clip: openClip,
  siglip,
  source,
};

export function partNames(config: VitConfig): PartNames {
  return families[config.keys](config);
}

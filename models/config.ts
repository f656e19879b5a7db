/**
 * What `models/vit.ts` builds from: one Vision Transformer's shape. Stored as `architecture` in model.json.
 * Field names follow timm and Hugging Face where they agree.
 */
export type KeyNames = 'timm' | 'huggingface' | 'torchvision' | 'clip' | 'open_clip' | 'siglip' | 'source';

export interface VitConfig {
  family: 'vit';
  /** Whose names the tensors have. */
  keys: KeyNames;
  /** Of Hugging Face's names ("vit", "deit", …); "linear_" for torchvision before 0.14; empty elsewhere. */
  prefix: string;
  /** Hugging Face's names without the prefix, as its backbones without a classifier are saved. */
  bare?: true;
  /** Input in pixels, which may differ from what the positions were trained at. */
  imageSize: { height: number; width: number };
  /** Side of the square patches, pixels. */
  patchSize: number;
  /** D, length of a token. */
  width: number;
  /** L, encoder blocks. */
  depth: number;
  /** H, heads of each attention; D / H numbers each. */
  heads: number;
  /** Numbers in the feed-forward's hidden layer; for SwiGLU of each of its two halves. */
  mlpWidth: number;
  /**
   * `pre`: x + f(norm(x)) (timm and almost everyone); `post`: norm(x + f(x)) (the source document);
   * `residual-post`: x + norm(f(x)) (timm's ResPostBlock, after Liu et al. 2022, "Swin Transformer V2").
   */
  norm: 'pre' | 'post' | 'residual-post';
  /** A norm on all tokens before the first block (Radford et al. 2021, CLIP). Absent: none. */
  normFirst?: boolean;
  epsilon: number;
  /** `quick-gelu`: x · sigmoid(1.702 x) (OpenAI's CLIP); `silu`: x · sigmoid(x). */
  activation: 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'relu' | 'silu' | 'swiglu';
  qkvBias: boolean;
  /** Touvron et al. 2021: a factor per channel on each branch. */
  layerScale: boolean;
  clsToken: boolean;
  /** Touvron et al. 2020 (DeiT): a second token with a head of its own; the logits are the mean of both heads. */
  distillation: boolean;
  /** `false`: the second token is there, and [CLS]'s is the only head (Hugging Face's DeiTForImageClassification). */
  distillationHead?: false;
  /** Darcet et al. 2023: tokens between [CLS] and the patches. */
  registers: number;
  /**
   * Rows and columns of patches that the position embeddings were trained at; whether [CLS] and the distillation token
   * have positions too, and whether registers have.
   */
  positions: { rows: number; columns: number; special: boolean; registers?: boolean };
  /** How positions are resized when the grid differs from training: timm and DINOv2-with-registers antialias. */
  positionResize: { antialias: boolean };
  /**
   * What the head reads: [CLS]; the mean of the patch tokens; [CLS] joined with that mean (DINOv2); what one learned
   * query gathers from the patch tokens (timm's AttentionPoolLatent, Zhai et al. 2022; SigLIP).
   */
  pool: 'cls' | 'mean' | 'cls+mean' | 'attention';
  /** Where the last norm stands: on all tokens before pooling, or on the pooled vector (timm's fc_norm). */
  finalNorm: 'tokens' | 'pooled';
  /** 0: no head. */
  classes: number;
  /** Numbers of the embedding that the feature is projected to, without a bias (CLIP). Absent: it is not. */
  projection?: number;
  /** What reads texts into the same space (CLIP). */
  text?: TextConfig;
}

/** CLIP's text tower: the same encoder over tokens of text, each of which sees those before it only; or SigLIP's. */
export interface TextConfig {
  /** Numbers a token. */
  width: number;
  depth: number;
  heads: number;
  mlpWidth: number;
  epsilon: number;
  activation: VitConfig['activation'];
  /** Most tokens of a text, the first and the last among them. */
  positions: number;
  vocabulary: number;
  /** Files of the tokeniser in the model's folder. */
  tokenizer: string[];
  /** SigLIP's (Zhai et al. 2023). Absent: CLIP's. */
  filled?: FilledTexts;
}

/** Texts that are filled up to all positions, each of whose tokens sees all; the last of them is read. */
export interface FilledTexts {
  /** Id of the token that fills. */
  by: number;
  /** How words are spelled for the tokeniser: in lower case, of SigLIP (not of SigLIP 2) without ASCII punctuation. */
  spelling: 'lower' | 'lower-bare';
}

/** Patches in the input. */
export function gridOf(config: VitConfig): { rows: number; columns: number; patches: number } {
  const rows = Math.floor(config.imageSize.height / config.patchSize);
  const columns = Math.floor(config.imageSize.width / config.patchSize);
  return { rows, columns, patches: rows * columns };
}

/** Tokens before the patches: [CLS], distillation, registers, in this order. */
export function prefixTokens(config: VitConfig): number {
  return (config.clsToken ? 1 : 0) + (config.distillation ? 1 : 0) + config.registers;
}

/** Whether the logits are the mean of two heads. */
export function hasDistillationHead(config: VitConfig): boolean {
  return config.distillation && config.distillationHead !== false;
}

/** A token by its index, or the mean of several, which are the patches in a model of ours. */
export type Readout = number | 'mean';

/**
 * What the head reads of the last tokens, D numbers each, in the order in which the feature joins them. The logits
 * are a linear function of the feature: two heads that are averaged (DeiT) are one head over both tokens.
 */
export function readouts(config: VitConfig): Readout[] {
  const { pool } = config;
  if (pool === 'mean' || pool === 'attention') return ['mean'];
  if (pool === 'cls+mean') return [0, 'mean'];
  return hasDistillationHead(config) ? [0, 1] : [0];
}

/** Numbers of the tokens that are read, side by side. */
export function readWidth(config: VitConfig): number {
  return readouts(config).length * config.width;
}

/** F, the length of the feature. */
export function featureWidth(config: VitConfig): number {
  return config.projection ?? readWidth(config);
}

/** How many tokens, counted from the first, the head needs: R. */
export function rowsNeeded(config: VitConfig): number {
  const read = readouts(config);
  return read.includes('mean') ? prefixTokens(config) + gridOf(config).patches : read.length;
}

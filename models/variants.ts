/**
 * Named Vision Transformers as data. Sizes: Dosovitskiy et al. 2021 (table 1), Touvron et al. 2020 (DeiT, table 1),
 * Steiner et al. 2021 (ViT-Ti and ViT-S), Oquab et al. 2023 (DINOv2), Darcet et al. 2023 (registers).
 */
export interface Variant {
  /** D */
  width: number;
  /** L */
  depth: number;
  /** H */
  heads: number;
  /** Side of a patch, pixels. */
  patchSize: number;
  /** Input side as published, pixels. */
  imageSize: number;
  distillation: boolean;
  registers: number;
  layerScale: boolean;
  activation: 'gelu' | 'swiglu';
}

const tiny = { width: 192, depth: 12, heads: 3 };
const small = { width: 384, depth: 12, heads: 6 };
const base = { width: 768, depth: 12, heads: 12 };
const large = { width: 1024, depth: 24, heads: 16 };
const huge = { width: 1280, depth: 32, heads: 16 };

const vit = { patchSize: 16, imageSize: 224, distillation: false, registers: 0, layerScale: false, activation: 'gelu' } as const; // prettier-ignore
const deit = { ...vit, distillation: true };
const dinov2 = { ...vit, patchSize: 14, imageSize: 518, layerScale: true };
const withRegisters = { ...dinov2, registers: 4 };

export const variants: Record<string, Variant> = {
  'vit-tiny': { ...tiny, ...vit },
  'vit-small': { ...small, ...vit },
  'vit-base': { ...base, ...vit },
  'vit-large': { ...large, ...vit },
  'vit-huge': { ...huge, ...vit, patchSize: 14 },
  'deit-tiny': { ...tiny, ...vit },
  'deit-small': { ...small, ...vit },
  'deit-base': { ...base, ...vit },
  'deit-tiny-distilled': { ...tiny, ...deit },
  'deit-small-distilled': { ...small, ...deit },
  'deit-base-distilled': { ...base, ...deit },
  'dinov2-small': { ...small, ...dinov2 },
  'dinov2-base': { ...base, ...dinov2 },
  'dinov2-large': { ...large, ...dinov2 },
  'dinov2-small-registers': { ...small, ...withRegisters },
  'dinov2-base-registers': { ...base, ...withRegisters },
  'dinov2-large-registers': { ...large, ...withRegisters },
};

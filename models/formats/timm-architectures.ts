/**
 * timm's Vision Transformers by their exact names (timm/models/vision_transformer.py and deit.py, 1.0): what their
 * tensors don't show. A name that does not stand here says nothing: `vit_base_patch16_gap_224` has 16 heads,
 * `vit_base_patch16_rpn_224` norms elsewhere.
 */
import type { VitConfig } from '../config.ts';

export interface Architecture {
  /** H */
  heads: number;
  /** D, as the name has it. */
  width: number;
  pool: 'token' | 'avg' | 'map';
  norm: VitConfig['norm'];
  epsilon: number;
  activation: VitConfig['activation'];
}

const known = new Map<string, Architecture>();

const plain = { pool: 'token', norm: 'pre', epsilon: 1e-6, activation: 'gelu' } as const;
const average = { pool: 'avg' } as const;
const map = { pool: 'map' } as const;
const tanh = { activation: 'gelu-tanh' } as const;
/** Radford et al. 2021; OpenAI's and DFN's weights with its own GELU. */
const clip = { epsilon: 1e-5 } as const;
const quick = { ...clip, activation: 'quick-gelu' } as const;

/** @param names `{a,b}` stands for each of them */
function add(names: string, width: number, heads: number, other: Partial<Architecture> = {}): void {
  for (const name of names.split(/\s+/).flatMap(spelled))
    known.set(name, { ...plain, width, heads, ...other });
}

function spelled(name: string): string[] {
  const [, before, choices, after] = /^(.*?)\{(.*?)\}(.*)$/.exec(name) ?? [];
  if (choices === undefined) return [name];
  return choices.split(',').flatMap((choice) => spelled(`${before!}${choice}${after!}`));
}

add('vit_tiny_patch16_{224,384} deit_tiny{,_distilled}_patch16_224', 192, 3);
add(
  'vit_small_patch{16,32}_{224,384} vit_small_patch8_224 deit_small{,_distilled}_patch16_224 flexivit_small',
  384,
  6,
);
add('deit3_small_patch16_{224,384} vit_small_patch14{,_reg4}_dinov2 vit_small_patch16_36x1_224', 384, 6);
add('vit_base_patch{16,32}_{224,384} vit_base_patch8_224 vit_base_patch16_224_miil flexivit_base', 768, 12);
add('deit_base{,_distilled}_patch16_{224,384} deit3_base_patch16_{224,384}', 768, 12);
add('vit_base_patch14{,_reg4}_dinov2 vit_base_patch14_reg1_tipsv2', 768, 12);
add('vit_large_patch{16,32}_{224,384} vit_large_patch14_224 flexivit_large', 1024, 16);
add('deit3_large_patch16_{224,384} vit_large_patch14{,_reg4}_dinov2 vit_large_patch14_reg1_tipsv2', 1024, 16);
add('deit3_medium_patch16_224', 512, 8);
add('vit_huge_patch14_224 deit3_huge_patch14_224', 1280, 16);
add('vit_giant_patch14_224', 1408, 16);
add('vit_gigantic_patch14_224', 1664, 16);
add('vit_giant_patch14{,_reg4}_dinov2 vit_giant_patch14_reg1_tipsv2', 1536, 24);
add('vit_so400m_patch14_reg1_tipsv2', 1152, 16);
add('vit_base_patch32_plus_256 vit_base_patch16_plus_240', 896, 14);
add('eva_large_patch14_{196,336}', 1024, 16, average);
add('vit_base_patch16_rpn_224', 768, 12, { ...average, norm: 'residual-post' });

add('vit_medium_patch16_gap_{240,256,384} vit_medium_patch16_reg{1,4}_gap_256', 512, 8, average);
add('vit_mediumd_patch16_reg4_gap_{256,384}', 512, 8, average);
add('vit_betwixt_patch16_gap_256 vit_betwixt_patch16_reg1_gap_256 vit_betwixt_patch16_reg4_gap_{256,384}', 640, 10, average); // prettier-ignore
add('vit_base_patch16_gap_224', 768, 16, average);
add('vit_base_patch16_reg4_gap_256', 768, 12, average);
add('vit_huge_patch14_gap_224 vit_huge_patch16_gap_448', 1280, 16, average);
add('vit_giant_patch16_gap_224', 1408, 16, average);
add('vit_wee_patch16_reg1_gap_256', 256, 4, average);
add('vit_little_patch16_reg{1,4}_gap_256', 320, 5, average);
add('vit_so150m_patch16_reg4_gap_{256,384}', 896, 14, average);
add('vit_so150m_patch16_reg4_map_256', 896, 14, map);
add('vit_so150m2_patch16_reg1_gap_{256,384,448}', 832, 13, average);
add('test_vit', 64, 2);
add('test_vit2', 64, 2, average);

add('vit_xsmall_patch16_clip_224', 256, 4, clip);
add('vit_medium_patch{16,32}_clip_224', 512, 8, clip);
add('vit_betwixt_patch32_clip_224', 640, 10, clip);
add('vit_base_patch32_clip_{224,256,384,448} vit_base_patch16_clip_{224,384}', 768, 12, clip);
add('vit_base_patch16_plus_clip_240', 896, 14, clip);
add('vit_large_patch14_clip_{224,336}', 1024, 16, clip);
add('vit_huge_patch14_clip_{224,336,378}', 1280, 16, clip);
add('vit_giant_patch14_clip_224', 1408, 16, clip);
add('vit_gigantic_patch14_clip_{224,378}', 1664, 16, clip);
add('vit_base_patch{16,32}_clip_quickgelu_224', 768, 12, quick);
add('vit_large_patch14_clip_quickgelu_{224,336}', 1024, 16, quick);
add('vit_huge_patch14_clip_quickgelu_{224,378}', 1280, 16, quick);
add('vit_gigantic_patch14_clip_quickgelu_224', 1664, 16, quick);

for (const [infix, how] of [['', map], ['gap_', average]] as const) {
  add(`vit_base_patch32_siglip_${infix}256`, 768, 12, { ...how, ...tanh });
  add(`vit_base_patch16_siglip_${infix}{224,256,384,512}`, 768, 12, how);
  add(`vit_large_patch16_siglip_${infix}{256,384}`, 1024, 16, how);
  add(`vit_large_patch16_siglip_${infix}512`, 1024, 16, { ...how, ...tanh });
  add(`vit_so400m_patch14_siglip_${infix}{224,378,384}`, 1152, 16, how);
  add(`vit_so400m_patch16_siglip_${infix}{256,384,512}`, 1152, 16, { ...how, ...tanh });
  add(`vit_giantopt_patch16_siglip_${infix}{256,384}`, 1536, 16, { ...how, ...tanh });
} // prettier-ignore
add('vit_so400m_patch14_siglip_gap_{448,896}', 1152, 16, average);

/** Null: not a name that is known, whatever it begins with. A tag (`.augreg_in1k`) names weights, not a structure. */
export function architectureOf(name: string): Architecture | null {
  return known.get(name.replace(/\..*$/, '')) ?? null;
}

/** Words of names whose models are built otherwise than their tensors' names tell. */
const otherwise =
  /rpn|clip|siglip|quickgelu|_xp_|beit|aimv2|diff|parallel|18x2|intern|dwee|pwee|dlittle|relpos|rope|rmsnorm|_pe_|eva0|dinov3|naflex|test_vit|_r\d*_s\d|_mci_|lingbot/i;

/** Whether a name that is not known hints at another structure than the plain one. */
export function hintsOtherwise(name: string): boolean {
  return otherwise.test(name);
}

/** The enumerations that cross between processes, each once: as a schema, with its list in `options`, and as a type. */
import { z } from 'zod';
import { mapNames } from '../../models/explain/options.ts';
import { modelIdPattern } from '../../models/manifest-values.ts';

export const providerName = z.enum(['cpu', 'webgpu', 'cuda', 'directml', 'coreml']);
export type ProviderName = z.infer<typeof providerName>;
export const providerChoice = z.enum(['auto', ...providerName.options]);
export type ProviderChoice = z.infer<typeof providerChoice>;

export const precision = z.enum(['fp32', 'fp16', 'int8']);
export type Precision = z.infer<typeof precision>;
export const precisionChoice = z.enum(['auto', ...precision.options]);
export type PrecisionChoice = z.infer<typeof precisionChoice>;

/** Stored by their place in the list, which must not change. */
export const mapMethod = z.enum(mapNames);
export type MapMethod = z.infer<typeof mapMethod>;
/**
 * Maps that take many looks at one photo: `measured`, what becomes of the answer when patches are left out at random;
 * `thorough`, that and the evidence, each standardised, added.
 */
const triedMethod = z.enum(['measured', 'thorough']);
/** A map as one photo is shown it, of one look or of many. */
export const shownMethod = z.enum([...mapMethod.options, ...triedMethod.options]);
export type ShownMethod = z.infer<typeof shownMethod>;
/** What faithfulness compares; `random` is the order that any map must beat. */
export const faithfulnessMethod = z.enum([...mapMethod.options, ...triedMethod.options, 'random']);
export type FaithfulnessMethod = z.infer<typeof faithfulnessMethod>;

/** How a patch is taken away: its token left out of the sequence, or its pixels replaced by the photo blurred or by grey. */
export const baseline = z.enum(['drop', 'blur', 'grey']);
export type Baseline = z.infer<typeof baseline>;
/** Which patches are left out together at random: each by itself, or smooth regions. */
export const fields = z.enum(['single', 'smooth']);
export type Fields = z.infer<typeof fields>;

/**
 * Stored by their place in the list, which must not change. `unnamed`: seen by a model that has no labels, which is
 * neither sure nor unsure.
 */
export const photoStatus = z.enum(['new', 'ok', 'unsure', 'failed', 'missing', 'unnamed']);
export type PhotoStatus = z.infer<typeof photoStatus>;
/** The number under which the catalog keeps a status. */
export const statusNumber = (status: PhotoStatus): number => photoStatus.options.indexOf(status);
/** Numbers of photos that no list shows: moved out of the library, and under another of the same shot. */
export const hiddenStatus = { away: photoStatus.options.length, under: photoStatus.options.length + 1 };

export const sortKey = z.enum(['name', 'date', 'confidence', 'focus', 'path']);
export type SortKey = z.infer<typeof sortKey>;

/**
 * Why a scan leaves a file or folder out: `other` no photo by its ending; `no-picture` no ending, and no picture
 * inside; `system` kept by a system or program for itself; `hidden` begins with a dot; `excluded` by somebody's
 * pattern; `marked` a folder with a .nomedia in it; `special` a pipe, socket or device; `dangling` a link to nothing;
 * `video` a video by its ending.
 */
export const leftOutKind = z.enum([
  'other',
  'no-picture',
  'system',
  'hidden',
  'excluded',
  'marked',
  'special',
  'dangling',
  'video',
]);
export type LeftOutKind = z.infer<typeof leftOutKind>;

export const language = z.enum(['system', 'en', 'zh-CN']);
export const theme = z.enum(['system', 'light', 'dark']);

/** Of a row of the catalog. */
export const id = z.int().positive();
/** A keyword, or what is looked for: as long as any that a file of others has. */
export const words = z.string().max(10_000);
export const modelId = z.string().regex(modelIdPattern);
export const path = z.string().min(1).max(32_767);
/** What to compute with. */
export const batch = z.int().min(1).max(256).nullable();

/** The enumerations that cross between processes, each once: as a schema, with its list in `options`, and as a type. */
import { z } from 'zod';
import { mapNames } from '../../models/explain/options.ts';
import { modelIdPattern } from '../../models/manifest.ts';

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
/** What faithfulness compares; `random` is the order that any map must beat. */
export const faithfulnessMethod = z.enum([...mapMethod.options, 'random']);

/** Stored by their place in the list, which must not change. */
export const photoStatus = z.enum(['new', 'ok', 'unsure', 'failed', 'missing']);
export type PhotoStatus = z.infer<typeof photoStatus>;
/** The number under which the catalog keeps a status. */
export const statusNumber = (status: PhotoStatus): number => photoStatus.options.indexOf(status);

export const sortKey = z.enum(['name', 'date', 'confidence', 'focus', 'path']);
export type SortKey = z.infer<typeof sortKey>;

/**
 * Why a scan leaves a file or folder out: `other` no photo by its ending; `no-picture` no ending, and no picture
 * inside; `system` kept by a system or program for itself; `hidden` begins with a dot; `excluded` by somebody's
 * pattern; `marked` a folder with a .nomedia in it; `special` a pipe, socket or device; `dangling` a link to nothing.
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
]);
export type LeftOutKind = z.infer<typeof leftOutKind>;

export const language = z.enum(['system', 'en', 'zh-CN']);
export const theme = z.enum(['system', 'light', 'dark']);

/** Of a row of the catalog. */
export const id = z.int().positive();
export const modelId = z.string().regex(modelIdPattern);
export const path = z.string().min(1).max(32_767);
/** What to compute with. */
export const batch = z.int().min(1).max(256).nullable();

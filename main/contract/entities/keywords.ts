/** Keywords that other programs wrote into a photo's file or beside it. */
import { z } from 'zod';
import { failure } from '../failure.ts';
import { count } from './parts.ts';

export const fileKeyword = z.strictObject({
  label: z.string(),
  /** Its own file, or an XMP file beside it. */
  from: z.enum(['file', 'sidecar']),
  /** Which program's the sidecar is, where it tells. */
  program: z.string().nullable(),
});
export type FileKeyword = z.infer<typeof fileKeyword>;

/** Photos under a filter that have it. */
export const keywordFacet = z.strictObject({ name: z.string(), photos: count });
export type KeywordFacet = z.infer<typeof keywordFacet>;

/** What one photo's file and sidecars say. */
export const photoKeywords = z.strictObject({
  path: z.string(),
  keywords: z.array(fileKeyword),
  /** Of sidecars that can't be read, and of the file. */
  errors: z.array(failure),
});
export type PhotoKeywords = z.infer<typeof photoKeywords>;

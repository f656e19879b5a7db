/** Photos by how near they are to something: search, and duplicates. */
import { z } from 'zod';
import { note } from '../../../models/heads/report.ts';
import { failure } from '../failure.ts';
import { id } from '../values.ts';
import { count } from './parts.ts';
import { photoItem } from './photo.ts';

const scored = z.strictObject({
  photo: photoItem,
  /** Cosine, −1 … 1. */
  score: z.number(),
});

export const searchResult = z.strictObject({
  /** Best first. */
  items: z.array(scored),
  /** How many photos have a feature and were compared; the others of the filter are not known yet. */
  compared: count,
  unknown: count,
  /** Of all compared: `counts` photos in equal steps from `least` to `most`. */
  distribution: z.strictObject({ least: z.number(), most: z.number(), counts: z.array(count) }),
  /** Of texts that were cut. */
  notes: z.array(note),
});
export type SearchResult = z.infer<typeof searchResult>;

/** `same`: one picture in several sizes, formats or qualities. `alike`: photos that look alike. */
export const duplicateKind = z.enum(['same', 'alike']);

export const duplicateGroup = z.strictObject({
  kind: duplicateKind,
  photos: z.array(photoItem),
  /** Id of the one to keep, the first: most pixels, then most bytes, then the oldest; null where they only look alike. */
  best: id.nullable(),
  /** Least likeness to the best or first: correlation of pixels (`same`) or cosine of features (`alike`). */
  likeness: z.number(),
});
export type DuplicateGroup = z.infer<typeof duplicateGroup>;

/** Photos were read and are being compared: how far, 0 … 1. */
const grouping = z.strictObject({ of: duplicateKind, share: z.number() });
export type Grouping = z.infer<typeof grouping>;

export const duplicatesStatus = z.strictObject({
  state: z.enum(['idle', 'running', 'finished', 'failed', 'cancelled']),
  done: count,
  total: count,
  /** Null while photos are read. */
  grouping: grouping.nullable(),
  /** Groups. */
  same: count,
  alike: count,
  /** Photos that could not be compared, with why: the first hundred of `leftOutTotal`. Known once it has finished. */
  leftOut: z.array(z.strictObject({ path: z.string(), error: failure })),
  leftOutTotal: count,
  error: failure.nullable(),
});
export type DuplicatesStatus = z.infer<typeof duplicatesStatus>;

const comparedGroup = z.strictObject({
  kind: duplicateKind,
  /** The one to keep, the first of `files`; null where they only look alike. */
  best: z.string().nullable(),
  /** Upright pixels, bytes. */
  files: z.array(z.strictObject({ path: z.string(), width: count, height: count, bytes: count })),
});
export type ComparedGroup = z.infer<typeof comparedGroup>;

export const comparedPaths = z.strictObject({
  /** Files. */
  compared: count,
  groups: z.array(comparedGroup),
  leftOut: z.array(z.strictObject({ path: z.string(), error: failure })),
});
export type ComparedPaths = z.infer<typeof comparedPaths>;

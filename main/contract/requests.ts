/** Parts that the requests of several verbs share. */
import { z } from 'zod';
import { id, photoStatus, sortKey, words } from './values.ts';

const probability = z.number().min(0).max(1);

const labels = z.array(z.int().nonnegative()).max(1000).optional();
const names = z.array(words.min(1)).max(1000).optional();

/** All conditions hold at once; an absent one is no condition. */
export const photoFilter = z.strictObject({
  /** In this folder or below it. */
  folderId: id.optional(),
  /** Indices of the labels of the head in use: a photo's first, and where several may hold, each that holds of it. */
  labels,
  /** Labels by a person's word; case does not matter. */
  person: names,
  /** Of `labels` and `person` together: any of them (if absent), or all. */
  match: z.enum(['any', 'all']).optional(),
  /** None of these. */
  withoutLabels: labels,
  withoutPerson: names,
  status: z.array(photoStatus).max(photoStatus.options.length).optional(),
  /** Of a photo's first label, or, with `labels` of which several may hold, of the one that is wanted. */
  minProbability: probability.optional(),
  maxProbability: probability.optional(),
  /** With a person's own label, or without one. */
  own: z.boolean().optional(),
  /** Any of these keywords of their files and sidecars; case does not matter. */
  keywords: names,
  /** A part of the file is lost, or none is. */
  damaged: z.boolean().optional(),
  /** The files of one shot: a photo and those it stands for. */
  shot: id.optional(),
  /** A cell of a `review.agreement`. Refused (`no-comparison`) where ten others were made or asked about since. */
  cell: z
    .strictObject({
      comparison: z.int().nonnegative(),
      row: z.int().nonnegative(),
      column: z.int().nonnegative(),
    })
    .optional(),
  /** Words in file name, path, own label, keywords of its files, or the label's name in any language; and those of `query-words.ts`. */
  search: words.optional(),
});
export type PhotoFilter = z.infer<typeof photoFilter>;

export const photoSort = z.strictObject({
  key: sortKey,
  descending: z.boolean(),
});
export type PhotoSort = z.infer<typeof photoSort>;

/** Photos by hand, or everything a filter finds but for some. */
export const selection = z.union([
  z.strictObject({ ids: z.array(id).max(10_000) }),
  z.strictObject({ filter: photoFilter, except: z.array(id).max(10_000) }),
]);
export type Selection = z.infer<typeof selection>;

/** Files of photos. With them go RAW files of the same shots, where those are one photo, unless `alone`. */
export const filesOf = { selection, alone: z.boolean().optional() };

export const page = { limit: z.int().min(1).max(500), cursor: z.string().max(2000).optional() };

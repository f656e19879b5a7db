/** How good a taught head is, as it is kept with the head and shown to people. */
import { z } from 'zod';

const count = z.int().nonnegative();

/** A share with the interval that holds the true one in 95 of 100 cases. */
export const share = z.strictObject({
  /** right / of */
  share: z.number(),
  low: z.number(),
  high: z.number(),
  /** May be a part of one where near-duplicates are counted together. */
  right: z.number(),
  of: z.number(),
});
export type Share = z.infer<typeof share>;

const labelFigures = z.strictObject({
  /** Examples that have the label by a person's word, and that were held out. */
  examples: count,
  /** Of those that the head calls so, how many are; null where it calls none so. */
  precision: share.nullable(),
  /** Of those that are so, how many the head finds. */
  recall: share.nullable(),
});
export type LabelFigures = z.infer<typeof labelFigures>;

/**
 * What held-out examples say: each was judged by a head that was taught without it and without its near-duplicates,
 * which intervals count once.
 */
export const report = z.strictObject({
  examples: count,
  folds: count,
  l2: z.number(),
  /** `one`: the likeliest label is right; `any`: all labels are. */
  accuracy: share,
  /** Of those that the doubt lets through; null where there is no doubt. */
  accuracyOfSure: share.nullable(),
  /** Share of held-out examples that the doubt lets through. */
  sure: z.number(),
  /** By row of the head; null: too few examples. */
  labels: z.array(labelFigures.nullable()),
  /** [C, C], rows by the person's word, columns by the head; null for `any`. */
  confusion: z.array(z.array(count)).nullable(),
});
export type Report = z.infer<typeof report>;

/** Something to be told that did not stop the teaching, or the writing. */
export const note = z.strictObject({
  code: z.enum(['too-few-examples', 'contradictory-labels', 'text-cut', 'none-by-itself']),
  message: z.string(),
});
export type Note = z.infer<typeof note>;

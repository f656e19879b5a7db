/** What can be asked about one photo: by a window of one of its library, by a command of one at any path. */
import { z } from 'zod';
import { rolloutOptions } from '../../models/explain/options.ts';
import { baseline, faithfulnessMethod, fields } from './values.ts';

/** Index of a class, or of a label of a head; null: the likeliest, or nobody's. */
const classIndex = z.int().nonnegative().nullable();
/** Index of the grid. */
const patch = z.int().min(0).max(65_535);
/** Counted from 0. */
const layerOrHead = z.int().min(0).max(1023);
/** By what parts are taken away, and whose probability is followed. */
const tried = { baseline, classIndex };

/** How a map is measured: passes of the same seed are the same. */
const measuring = z.strictObject({
  fields,
  passes: z.int().min(4).max(20_000),
  seed: z.int().min(0).max(0xffff_ffff),
});

/** What is seen, and whose contribution. `rollout`: absent, the mean of heads, nothing discarded. */
export const inspectQuestion = z.strictObject({ classIndex, rollout: rolloutOptions.optional() });
export type InspectQuestion = z.infer<typeof inspectQuestion>;

export const faithfulnessQuestion = z.strictObject({
  methods: z.array(faithfulnessMethod).min(1).max(6),
  steps: z.int().min(2).max(200),
  /** How patches are taken away; absent: blurred. */
  baseline: baseline.optional(),
  /** Whose probability is followed, and whose evidence. */
  classIndex: classIndex.optional(),
  /** Of `measured` and `thorough`. */
  measuring: measuring.optional(),
});
export type FaithfulnessQuestion = z.infer<typeof faithfulnessQuestion>;

/** Without which patches, and which heads [layer, head], a photo is named. */
export const ablateQuestion = z.strictObject({
  ...tried,
  without: z.array(patch).max(65_536),
  headsOff: z
    .array(z.tuple([layerOrHead, layerOrHead]))
    .max(65_536)
    .optional(),
});
export type AblateQuestion = z.infer<typeof ablateQuestion>;

/** The smallest part that keeps a label. */
export const smallestPartQuestion = z.strictObject(tried);
export type SmallestPartQuestion = z.infer<typeof smallestPartQuestion>;

/** A part of the passes of a map that is measured, from the pass `from` on, counted from 0. */
export const measureQuestion = z.strictObject({
  ...tried,
  ...measuring.shape,
  passes: z.int().min(1).max(256),
  from: z.int().nonnegative(),
});
export type MeasureQuestion = z.infer<typeof measureQuestion>;

/** Where a token looked: a patch, or one of the special ones in their order ([CLS], distillation, registers). */
export const attendQuestion = z.strictObject({
  query: z.union([z.strictObject({ patch }), z.strictObject({ special: z.int().min(0).max(63) })]),
});
export type AttendQuestion = z.infer<typeof attendQuestion>;

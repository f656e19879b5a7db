/** What is answered of parts of one photo, and of single tokens: the eraser, measured maps, patch-to-patch attention. */
import { z } from 'zod';
import { label } from '../../../models/manifest-schema.ts';
import { baseline, faithfulnessMethod } from '../values.ts';
import { faithfulnessCurve, prediction } from './inspection.ts';
import { bytes, count, floats, fraction } from './parts.ts';

const how = {
  /** How patches were taken away. */
  baseline,
  /** Why otherwise than asked, as a sentence; null: as asked. */
  instead: z.string().nullable(),
};

/** What a part of a photo is called, or the photo without some of the model's heads. */
export const ablated = z.strictObject({
  ...how,
  /** Whose labels; null: what the model came with. */
  head: z.string().nullable(),
  /** Best first. */
  predictions: z.array(prediction),
  /** Of the label that was asked for; null: of none. */
  asked: z.strictObject({ index: count, label, probability: fraction, logit: z.number() }).nullable(),
  /** Milliseconds of the computation, without decoding the photo. */
  runMs: z.number(),
});
export type Ablated = z.infer<typeof ablated>;

export const smallestPart = z.strictObject({
  ...how,
  classIndex: count,
  /** Patches, ascending: without any one of them the label is another. */
  kept: z.array(count),
  /** Of the label, for the part and for the whole photo. */
  probability: fraction,
  whole: fraction,
  /** How many parts were tried. */
  runs: count,
});
export type SmallestPart = z.infer<typeof smallestPart>;

/** Some passes of a map that is measured. */
export const measuredPasses = z.strictObject({
  ...how,
  classIndex: count,
  /** [passes]: the label's logit. */
  scores: floats,
  /** [passes, N]: 1 where the pass kept the patch. */
  kept: bytes,
});
export type MeasuredPasses = z.infer<typeof measuredPasses>;

/** Where one token looked, in every layer and head, and how far all patches look. Row-major. */
export const attended = z.strictObject({
  layers: count,
  heads: count,
  /** [L, H, N]: the token's row of every softmax, special tokens apart. */
  attention: floats,
  /** [L, H, S] */
  toSpecial: floats,
  /** S */
  special: count,
  /** [L, H]: mean attention distance, pixels of the model's input. */
  distance: floats,
});
export type Attended = z.infer<typeof attended>;

export const faithfulnessAnswer = z.strictObject({
  classIndex: count,
  curves: z.array(faithfulnessCurve),
  baseline,
  /** Sentences about what was done otherwise than asked. */
  told: z.array(z.string()),
  /** Methods that the model can't give, and why. */
  absent: z.partialRecord(faithfulnessMethod, z.string()),
});
export type FaithfulnessAnswer = z.infer<typeof faithfulnessAnswer>;

/** What a model saw in one photo: maps, and everything that the inspection graph returns. */
import { z } from 'zod';
import { attentionKinds } from '../../../models/explain/maps.ts';
import { rolloutOptions } from '../../../models/explain/options.ts';
import { label, patchGrid } from '../../../models/manifest-schema.ts';
import { faithfulnessMethod, mapMethod } from '../values.ts';
import { bytes, count, floats, fraction, size } from './parts.ts';
import { placement } from './placement.ts';

export type { RolloutOptions } from '../../../models/explain/options.ts';

/** A map of one number a patch, one byte each: value = offset + scale · byte. */
export const storedMap = z.strictObject({
  method: mapMethod,
  /** First and last layer it spans, counted from 0. */
  layers: z.tuple([count, count]),
  /** The class it explains; null where the method has none. */
  classIndex: count.nullable(),
  rows: count,
  columns: count,
  scale: z.number(),
  offset: z.number(),
  /** rows · columns bytes, row by row. */
  bytes,
});
export type StoredMap = z.infer<typeof storedMap>;

/** Where the model looked, in pixels of the oriented photo. Sides may be fractional. */
export const seenRegion = z.strictObject({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
});
export type SeenRegion = z.infer<typeof seenRegion>;

export const prediction = z.strictObject({
  index: count,
  label,
  /** After temperature scaling. */
  probability: fraction,
});
export type Prediction = z.infer<typeof prediction>;

/** Direct contribution of each patch to a class, in logit units, with all other terms of the logit. */
const contribution = z.strictObject({
  classIndex: count,
  /** [L, N] signed, logit units. */
  patches: floats,
  /** [L]: [CLS]'s and the other special tokens' own share through attention. */
  special: floats,
  /** [L]: through the MLPs. */
  mlp: floats,
  /** [L]: biases of value and output projection. */
  bias: floats,
  /** [CLS] token and its position before the first layer. */
  start: z.number(),
  /** Norm's shift and the head's bias. */
  head: z.number(),
  /** Sum of all of the above; equals the logit but for rounding. */
  sum: z.number(),
});
export type Contribution = z.infer<typeof contribution>;

/** Everything the inspection graph returns for one photo. Row-major. */
export const inspection = z.strictObject({
  model: z.string(),
  /** Name of the head in use, of which logits, predictions and contribution are; null: what the model came with. */
  head: z.string().nullable(),
  placement,
  photo: size,
  seen: seenRegion,
  grid: patchGrid.nullable(),
  layers: count,
  heads: count,
  /** [C] before temperature. */
  logits: floats,
  predictions: z.array(prediction),
  /** [D] final [CLS] after the norm. */
  clsFeature: floats,
  /** [L, H, N]: the row `attentionOf` of every softmax, special tokens dropped; null: `absent.cls` says why. */
  clsAttention: floats.nullable(),
  attentionOf: z.enum(attentionKinds),
  /** [N], as `rolloutOptions` say */
  rollout: floats.nullable(),
  rolloutOptions,
  /** Null: `absent.class` says why. */
  contribution: contribution.nullable(),
  absent: z.partialRecord(mapMethod, z.string()),
});
export type Inspection = z.infer<typeof inspection>;

export const faithfulnessCurve = z.strictObject({
  method: faithfulnessMethod,
  /** Probability of the explained class at each step, first to last. */
  deletion: z.array(z.number()),
  insertion: z.array(z.number()),
  /** Trapezoid areas over 0 … 1. */
  deletionAuc: z.number(),
  insertionAuc: z.number(),
});
export type FaithfulnessCurve = z.infer<typeof faithfulnessCurve>;

/** Evidence of the head in use for the label it gives. */
export const evidence = z.strictObject({
  photoId: count,
  map: storedMap.nullable(),
  /** Why there is none. */
  absent: z.string().nullable(),
});
export type Evidence = z.infer<typeof evidence>;

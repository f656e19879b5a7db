/** What a label looks at over many photos: where its evidence lies, what stands out, and which photos differ. */
import { z } from 'zod';
import { label } from '../../../models/manifest-schema.ts';
import { corners, edges } from '../../../models/looks/places.ts';
import { failure } from '../failure.ts';
import { id } from '../values.ts';
import { seenRegion, storedMap } from './inspection.ts';
import { count, floats, fraction } from './parts.ts';
import { photoItem } from './photo.ts';

/** A patch that speaks for a label, or against it. */
const evidenceCrop = z.strictObject({
  photo: photoItem,
  row: count,
  column: count,
  /** Logit units. */
  value: z.number(),
  /** Of the label's logit, where that is known and positive. */
  share: z.number().nullable(),
  /** The patch, in pixels of the photo. */
  region: seenRegion,
});
export type EvidenceCrop = z.infer<typeof evidenceCrop>;

/** As models/looks/where.ts finds it. */
const evidenceFinding = z.strictObject({
  kind: z.enum([...corners, ...edges, 'outside', 'cropped', 'special']),
  share: z.number(),
  usual: z.number().nullable(),
  even: fraction.nullable(),
  photos: count,
  mostly: count,
  odd: z.boolean(),
});
export type EvidenceFinding = z.infer<typeof evidenceFinding>;

const evidenceWhere = z.strictObject({
  /** Photos with any evidence for the label. */
  photos: count,
  rows: count,
  columns: count,
  /** [N]: mean, logit units. */
  mean: floats,
  likeOthers: z.number().min(-1).max(1).nullable(),
  /** How many other labels it is compared with. */
  others: count,
  /** The other labels are those that the model came with, though the label is another head's: nothing else is known. */
  othersOfModel: z.boolean(),
  findings: z.array(evidenceFinding),
});
export type EvidenceWhere = z.infer<typeof evidenceWhere>;

export const labelLooks = z.strictObject({
  index: count,
  label,
  /** Name of the head; null: what the model came with. */
  head: z.string().nullable(),
  /** Photos that have the label, and those whose map for it is known; the same content counts once. */
  photos: count,
  known: count,
  /** Null: no map is known. */
  where: evidenceWhere.nullable(),
  /** The strongest first. */
  speakFor: z.array(evidenceCrop),
  speakAgainst: z.array(evidenceCrop),
});
export type LabelLooks = z.infer<typeof labelLooks>;

/** A label, and how many photos a head gives it first. */
export const calledLabel = z.strictObject({ index: count, label, photos: count });
export type CalledLabel = z.infer<typeof calledLabel>;

export const unusualPhoto = z.strictObject({
  photo: photoItem,
  map: storedMap,
  /** Share of its evidence that lies where the label's evidence usually does not. */
  share: fraction,
});
export type UnusualPhoto = z.infer<typeof unusualPhoto>;

const sideOfPhoto = z.strictObject({
  index: count,
  label,
  probability: fraction,
  map: storedMap,
  seen: seenRegion,
});
export const comparedPhoto = z.strictObject({
  photo: photoItem,
  one: sideOfPhoto,
  other: sideOfPhoto,
  /** Rank correlation of the two maps, −1 … 1. */
  correlation: z.number(),
});
export type ComparedPhoto = z.infer<typeof comparedPhoto>;

/** Looking at photos for maps that no run stored. */
export const looksStatus = z.strictObject({
  state: z.enum(['idle', 'running', 'finished', 'failed', 'cancelled']),
  headId: id.nullable(),
  /** Null: each photo's own first label. */
  label: count.nullable(),
  /** Photos. */
  done: count,
  total: count,
  /** Those that could not be looked at, among `done`. */
  failed: count,
  error: failure.nullable(),
});
export type LooksStatus = z.infer<typeof looksStatus>;

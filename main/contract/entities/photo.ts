/** Photos as lists and the inspector show them. */
import { z } from 'zod';
import { label } from '../../../models/manifest-schema.ts';
import { failure } from '../failure.ts';
import { queryFields } from '../query-words.ts';
import { id, photoStatus } from '../values.ts';
import { fileKeyword } from './keywords.ts';
import { prediction, seenRegion, storedMap } from './inspection.ts';
import { count, fraction, timeMs } from './parts.ts';
import { placement } from './placement.ts';

/** One tile of the grid. */
export const photoItem = z.strictObject({
  id,
  path: z.string(),
  /** File name with extension. */
  name: z.string(),
  folderId: id,
  /** Oriented pixels; 0 until decoded once. */
  width: count,
  height: count,
  bytes: count,
  /** File's modification time. */
  modifiedMs: timeMs,
  /** By the clock where it was taken, as if that were UTC (`clockAt`); null: nobody says. */
  takenMs: timeMs.nullable(),
  status: photoStatus,
  /** The file could be read only in part (truncated), and was classified all the same. */
  damaged: z.boolean(),
  top: prediction.nullable(),
  /** Labels that hold of it beside the first, where several may, the likeliest first: lists have it under each. */
  also: z.array(prediction),
  /** A person's own word for it, which a prediction never overwrites. */
  ownLabel: z.string().nullable(),
  /** Entropy of the stored map in 0 (one patch) … 1 (even); null: no map. */
  spread: fraction.nullable(),
  error: failure.nullable(),
  /** Changes when the content does: part of the addresses of thumbnail and rendition. */
  version: z.string(),
  /** Names of other files of the same shot, for which it stands. */
  stands: z.array(z.string()),
  map: storedMap.nullable(),
  seen: seenRegion.nullable(),
});
export type PhotoItem = z.infer<typeof photoItem>;

/** A person's word on a photo. All empty and false: none. */
export const personWords = z.strictObject({
  /** What it is. */
  labels: z.array(z.string()),
  /** What it is not. */
  rejected: z.array(z.string()),
  /** None of the labels there are. */
  none: z.boolean(),
  /** Given to a photo that was drawn at random for an estimate, so no head is taught with it. */
  drawn: z.boolean(),
});
export type PersonWords = z.infer<typeof personWords>;

const quantity = z.number().positive().nullable();
/** What the camera wrote into the file; null: it did not. */
const capture = z.strictObject({
  takenMs: timeMs.nullable(),
  camera: z.string().nullable(),
  lens: z.string().nullable(),
  /** Seconds. */
  exposure: quantity,
  /** The f-number. */
  aperture: quantity,
  iso: quantity,
  /** Millimetres; and those of the same field of view on 36 × 24 mm. */
  focal: quantity,
  focal35: quantity,
  /** Degrees, north and east positive. */
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
});
export type Capture = z.infer<typeof capture>;

export const photoDetail = photoItem.extend({
  /** Null: not read yet. */
  capture: capture.nullable(),
  /** Of the head in use. */
  predictions: z.array(prediction),
  /** Name of the head in use; null: what the model came with. */
  head: z.string().nullable(),
  person: personWords,
  /** Of its file and the sidecars beside it. */
  keywords: z.array(fileKeyword),
  model: z.string().nullable(),
  placement: placement.pick({ provider: true, precision: true }).nullable(),
});
export type PhotoDetail = z.infer<typeof photoDetail>;

export const photoPage = z.strictObject({
  items: z.array(photoItem),
  /** Position of the first item in the whole list, counted from 0. */
  start: count,
  /** How many the filter finds in all. */
  total: count,
  /** Hand back to continue after the last item; null at the end. */
  next: z.string().nullable(),
});
export type PhotoPage = z.infer<typeof photoPage>;

export const labelFacet = z.strictObject({
  index: count,
  label,
  /**
   * Of which it is the first label, unsure ones included, or holds beside the first. Where several labels may hold, photos are
   * counted under each, so that the numbers of all labels are no number of photos.
   */
  photos: count,
  unsure: count,
});
export type LabelFacet = z.infer<typeof labelFacet>;

/** A month or, its month being 1, a year. */
export const period = z.strictObject({ year: z.int(), month: z.int().min(1).max(12), photos: count });
export type Period = z.infer<typeof period>;

/** Something that there is to search for. */
export const suggestion = z.strictObject({
  field: z.enum(queryFields),
  name: z.string(),
  names: label.shape.names,
  /** Null: not counted. */
  photos: count.nullable(),
  /** As it is typed. */
  text: z.string(),
});
export type Suggestion = z.infer<typeof suggestion>;

/** What reads labels off a model's feature, and how it is taught. */
import { z } from 'zod';
import { headManifestSchema } from '../../../models/heads/head.ts';
import { note, report, share } from '../../../models/heads/report.ts';
import { label } from '../../../models/manifest-schema.ts';
import { failure } from '../failure.ts';
import { id } from '../values.ts';
import { count, fraction, timeMs } from './parts.ts';

export type { Note } from '../../../models/heads/report.ts';

const { kind, answers } = headManifestSchema.shape;
/** `one` of the labels, or `any` of them. */
export const headAnswers = answers;

export const headSummary = z.strictObject({
  /** Null: what the model came with. */
  id: id.nullable(),
  name: z.string(),
  kind,
  /** Id of the model that it was made for, which may be gone. */
  model: z.string(),
  /** Why it can't be used with the chosen model; null: it can. */
  unfit: failure.nullable(),
  /** How many labels, without "none of these". */
  labels: count,
  answers,
  /** Whether "none of these" can be an answer. */
  none: z.boolean(),
  /** Raised with each change of the weights. */
  version: count,
  createdMs: timeMs.nullable(),
  /** Lists, facets, search and evidence speak of it. One of those of a model is. */
  inUse: z.boolean(),
  /** Of held-out examples; null: nothing was held out. */
  accuracy: share.nullable(),
});
export type HeadSummary = z.infer<typeof headSummary>;

export const headDetail = headSummary.extend({
  /** In the order of their indices; "none of these" comes last where there is one. */
  names: z.array(label),
  temperature: z.number(),
  /** A photo is unsure below this confidence; null: never. */
  doubt: fraction.nullable(),
  /** By a person. */
  doubtSet: z.boolean(),
  origin: z.discriminatedUnion('from', [
    z.strictObject({ from: z.literal('model') }),
    z.strictObject({
      from: z.literal('examples'),
      examples: count,
      l2: z.number(),
      report: report.nullable(),
    }),
    /** `{}` in a template stands for a phrase; phrases in the labels' order. */
    z.strictObject({
      from: z.literal('texts'),
      templates: z.array(z.string()),
      phrases: z.array(z.array(z.string())),
      none: z.array(z.string()),
    }),
  ]),
});
export type HeadDetail = z.infer<typeof headDetail>;

export const wordsRead = z.strictObject({ read: count, of: count });
export type WordsRead = z.infer<typeof wordsRead>;

/** `features`: photos that have none yet are looked at by the model. */
const teachingState = z.enum(['reading', 'features', 'teaching', 'finished', 'failed', 'cancelled']);

export const teachingStatus = z.strictObject({
  state: teachingState,
  name: z.string(),
  /** Of the state in hand: photos, or fits. */
  done: count,
  total: count,
  /** Id of the head; null until finished. */
  head: id.nullable(),
  /** Photos taught with; null until known. */
  examples: count.nullable(),
  notes: z.array(note),
  /** Photos left out, with why: the first hundred of `leftOutTotal`. */
  leftOut: z.array(z.strictObject({ path: z.string(), error: failure })),
  leftOutTotal: count,
  error: failure.nullable(),
});
export type TeachingStatus = z.infer<typeof teachingStatus>;

/** What joining one data folder into another found. */
import { z } from 'zod';
import { count } from './parts.ts';

/** Something that both say differently; ours was kept. */
export const mergeConflict = z.strictObject({
  /**
   * `words` a person gave a photo; `patterns` of a folder; `picture`: another file lies at that path; `head`: another of
   * that name, which was taken in under a second name; `labels`: names of a model's classes; `answer`: a first label.
   */
  about: z.enum(['words', 'patterns', 'picture', 'head', 'labels', 'answer']),
  /** A path, or the name of a head or model. */
  of: z.string(),
  ours: z.string().nullable(),
  theirs: z.string().nullable(),
});
export type MergeConflict = z.infer<typeof mergeConflict>;

export const mergeReport = z.strictObject({
  folder: z.string(),
  /** Answers that were not there; that were there as a failure or with less; that both had. */
  answers: z.strictObject({ added: count, improved: count, known: count }),
  /** What a person did: folders and heads that were not there, photos whose words were taken over. */
  person: z.strictObject({ folders: count, photos: count, heads: count }),
  /** The shard that the folder holds, if it is one's. */
  shard: z.strictObject({ index: count, count, finished: z.boolean() }).nullable(),
  /** Of answers that differ the first ones; `internal.differingAnswers` has the others. */
  conflicts: z.array(mergeConflict),
  /** How many answers differ. */
  differing: count,
});
export type MergeReport = z.infer<typeof mergeReport>;

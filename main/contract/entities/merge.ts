/** What joining one data folder into another found. */
import { z } from 'zod';
import { count } from './parts.ts';

/** Something that both say differently; ours was kept. */
export const mergeConflict = z.strictObject({
  /**
   * `words` a person gave a photo; `patterns` of a folder; `picture`: another file lies at that path; `head`: another of
   * that name, which was taken in under a second name, or one that was removed here and stays away; `labels`: names of a
   * model's classes; `answer`: a first label; `setting`: of those that answers and lists depend on.
   */
  about: z.enum(['words', 'patterns', 'picture', 'head', 'labels', 'answer', 'setting']),
  /** A path, or the name of a head, model or setting. */
  of: z.string(),
  /** Null: a head that was removed; a label that no model here has a name for. */
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

/** Verbs for people's own labels: heads, a person's words, queues, search by likeness and words, duplicates. */
import { z } from 'zod';
import type { HeadDetail, HeadSummary, TeachingStatus } from './entities/head.ts';
import type { Evidence } from './entities/inspection.ts';
import type { DuplicateGroup, DuplicatesStatus, SearchResult } from './entities/likeness.ts';
import type { Act, Agreement, Estimate, Moved, QueueItem } from './entities/review.ts';
import type { Note } from '../../models/heads/report.ts';
import { duplicateKind } from './entities/likeness.ts';
import { headAnswers } from './entities/head.ts';
import { auditBy, personAct, queueKind } from './entities/review.ts';
import { filesOf, page, photoFilter, selection } from './requests.ts';
import { id, modelId, path, words } from './values.ts';
import { library } from './verb.ts';

const nothing = z.strictObject({});
const name = z.string().trim().min(1).max(200);
/** Null: what the chosen model came with. */
const headId = id.nullable();
/** Present: no other act than this one. Refused (`done-since`) where its turn is not next. */
const step = z.strictObject({ actId: id.optional() });
const phrase = z.string().max(10_000);

/** Whom an agreement compares: a head of the chosen model, another model's answers, or the person. */
const judge = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('head'), headId }),
  z.strictObject({ by: z.literal('model'), modelId: z.string().max(128) }),
  z.strictObject({ by: z.literal('person') }),
]);
export type Judge = z.infer<typeof judge>;

/** Where examples come from. */
const exampleSource = z.discriminatedUnion('from', [
  /** Words given in the window. */
  z.strictObject({
    from: z.literal('person'),
    filter: photoFilter.optional(),
    /** Keywords of files and sidecars too, of photos that have no word of the window's. */
    keywords: z.boolean().optional(),
  }),
  /** A folder whose photos have keywords, in their files or in sidecars. */
  z.strictObject({ from: z.literal('keywords'), path }),
  /** A folder whose folders are labels. */
  z.strictObject({ from: z.literal('folder'), path }),
  /** Columns `path` and `label`; relative paths begin at the file's folder. */
  z.strictObject({ from: z.literal('csv'), path }),
]);

export const labelVerbs = {
  // Heads
  /** The chosen model's own first, then by name; those for other models too, as `unfit`. */
  'heads.list': library<{ items: HeadSummary[] }>()(nothing),
  'heads.show': library<HeadDetail>()(z.strictObject({ headId })),
  /**
   * Starts teaching in the background; `heads.teaching` events follow. `headId`: the next version of that head.
   * One at a time: `teaching-active`.
   */
  'heads.teach': library<TeachingStatus>()(
    z.strictObject({
      name,
      source: exampleSource,
      answers: headAnswers.optional(),
      headId: id.optional(),
      /** Makes it the head in use once it is taught. */
      use: z.boolean().optional(),
    }),
  ),
  'heads.cancelTeaching': library<TeachingStatus | null>()(nothing),
  /** The teaching in hand or the last one; null: none since the start. */
  'heads.teaching': library<TeachingStatus | null>()(nothing),
  /**
   * Labels in words, for models that read text (`readsText`). Answers with what is to be told besides; meanwhile
   * `heads.writing` events tell how far it is.
   */
  'heads.write': library<{ head: HeadDetail; notes: Note[] }>()(
    z.strictObject({
      name,
      /** A label each: its name, which is its first phrase, and other phrases after bars; or `name = phrase | phrase`. */
      labels: z.array(phrase).min(1).max(10_000),
      /** `{}` in a template stands for a phrase; absent: `usualTemplates`. */
      templates: z.array(phrase).min(1).max(100).optional(),
      /** Phrases for "none of these"; absent: `neutralPhrases`; empty: no such answer. */
      none: z.array(phrase).max(100).optional(),
      /** The next version of that head. */
      headId: id.optional(),
      /** Makes it the head in use. */
      use: z.boolean().optional(),
      /** Whose; absent: the chosen one. */
      model: modelId.optional(),
    }),
  ),
  /** Ends the writing in hand with `cancelled`; everything stays as it was before. */
  'heads.cancelWriting': library<null>()(nothing),
  'heads.rename': library<HeadSummary>()(z.strictObject({ headId: id, name })),
  'heads.remove': library<null>()(z.strictObject({ headId: id })),
  /** Into a new folder: what timm, transformers and Saccade read; of labels in words their lines and embeddings. */
  'heads.export': library<{ path: string; files: string[] }>()(z.strictObject({ headId: id, path })),
  /** Below which confidence its answers are unsure; null: as it was made. Holds at once, as `heads.use` does. */
  'heads.setDoubt': library<HeadDetail>()(
    z.strictObject({ headId: id, threshold: z.number().min(0).max(1).nullable() }),
  ),
  /** Answers at once; lists are brought up to date in the background, with `library.changed` events. */
  'heads.use': library<HeadSummary>()(z.strictObject({ headId })),
  /** Evidence of the head in use for the label it gives, one map a photo. */
  'heads.evidence': library<{ items: Evidence[] }>()(
    z.strictObject({ photoIds: z.array(id).min(1).max(100) }),
  ),

  // A person's words
  'review.act': library<{ act: Act | null }>()(
    z.strictObject({
      selection,
      act: personAct,
      /** The photo came from the queue `sample`. */
      drawn: z.boolean().optional(),
    }),
  ),
  /** The last act that holds, taken back; null: there is none. */
  'review.undo': library<{ act: Act | null }>()(step),
  /** The act undone last, done again; null: there is none, or something was done since. */
  'review.redo': library<{ act: Act | null }>()(step),
  /** Newest first. */
  'review.history': library<{
    items: Act[];
    next: string | null;
    canUndo: boolean;
    canRedo: boolean;
  }>()(z.strictObject(page)),
  /** For completion: labels that people gave, most photos first, then those of the head in use. */
  'review.labels': library<{ items: { name: string; photos: number }[] }>()(
    z.strictObject({ search: words.optional(), limit: z.int().min(1).max(500) }),
  ),
  /**
   * `unsure`: least sure first. `audit`: sure, but against the person's, the folder's (`folder`) or the files' own
   * (`keywords`) word, strongest first. `disagreement`: of the head in use with `with`, on photos
   * without a person's word, or, with `person`, on those that have one. `sample`: at random, of those called `label`
   * (an index of the head in use; absent: of all). `left`: how many there are from this page on.
   */
  'review.queue': library<{ items: QueueItem[]; left: number; next: string | null }>()(
    z.strictObject({
      queue: queueKind,
      filter: photoFilter.optional(),
      by: auditBy.optional(),
      with: judge.optional(),
      label: z.int().nonnegative().optional(),
      ...page,
    }),
  ),
  /** Photos of a queue as they are now, without what was `against` them; those that are gone are left out. */
  'review.items': library<{ items: QueueItem[] }>()(z.strictObject({ ids: z.array(id).max(500) })),
  'review.estimate': library<Estimate>()(
    z.strictObject({ filter: photoFilter.optional(), label: z.int().nonnegative().optional() }),
  ),
  'review.agreement': library<Agreement>()(
    z.strictObject({ rows: judge, columns: judge, filter: photoFilter.optional() }),
  ),

  // Search
  /** More like these, which are left out of the answer. */
  'photos.like': library<SearchResult>()(
    z.strictObject({ selection, filter: photoFilter.optional(), top: z.int().min(1).max(500) }),
  ),
  /** Photos by what a text says, for models that read text (`readsText`). */
  'photos.searchWords': library<SearchResult>()(
    z.strictObject({
      text: phrase,
      filter: photoFilter.optional(),
      top: z.int().min(1).max(500),
      /** Which sees and reads; absent: the chosen one. */
      model: modelId.optional(),
    }),
  ),

  // Duplicates
  /** Starts comparing; `duplicates.progress` events follow. Photos that were never classified are read for it. */
  'duplicates.find': library<DuplicatesStatus>()(z.strictObject({ filter: photoFilter.optional() })),
  'duplicates.cancel': library<DuplicatesStatus>()(nothing),
  'duplicates.status': library<DuplicatesStatus>()(nothing),
  /** Of the last comparison. */
  'duplicates.groups': library<{ items: DuplicateGroup[]; total: number; next: string | null }>()(
    z.strictObject({ kind: duplicateKind, ...page }),
  ),
  /** These are not the same picture: remembered, and undone as any act is. */
  'duplicates.distinguish': library<{ act: Act | null }>()(
    z.strictObject({ photoIds: z.array(id).min(2).max(1000) }),
  ),
  /** Moves files into a folder, which is made where there is none; undone as any act is. */
  'photos.move': library<Moved>()(z.strictObject({ ...filesOf, folder: path })),
};

/**
 * Verbs of the library process that hosts and the command line may ask, and no renderer: the broker knows only the
 * contract's. Served over the same port, checked by the same kind of schema.
 */
import { z } from 'zod';
import type { LeftOutItem } from './entities/folder.ts';
import type { Inspection } from './entities/inspection.ts';
import type {
  Ablated,
  Attended,
  FaithfulnessAnswer,
  MeasuredPasses,
  SmallestPart,
} from './entities/trial.ts';
import type { Answer, LibraryVerb, Request } from './verbs.ts';
import {
  ablateQuestion,
  attendQuestion,
  faithfulnessQuestion,
  inspectQuestion,
  measureQuestion,
  smallestPartQuestion,
} from './one-photo.ts';
import { batch, id, mapMethod, modelId, path, precision, precisionChoice, providerChoice } from './values.ts';
import type { PhotoKeywords } from './entities/keywords.ts';
import type { WrittenItem } from './entities/writing.ts';
import type { SearchResult, ComparedPaths } from './entities/likeness.ts';
import type { Act, Moved, TrashBegun } from './entities/review.ts';
import { filesOf } from './requests.ts';
import { keywordOptions, labelChoice, organiseOptions } from './writing.ts';
import type { MergeConflict, MergeReport } from './entities/merge.ts';
import { shard, type ClassifiedPath, type JobProgress } from './entities/path-job.ts';
import type { PrecisionAgreement } from './entities/placement.ts';
import { library, type Verb } from './verb.ts';
import type { Failure } from './result.ts';
import { label } from '../../models/manifest-schema.ts';

const edge = z.int().min(16).max(8192);
/** What to compute with; absent: as in the settings. */
const compute = {
  /** A model's id, its folder, or a weights file. */
  model: path.optional(),
  provider: providerChoice.optional(),
  precision: precisionChoice.optional(),
  batch: batch.optional(),
};

/** Name of a head; absent: the model's own. */
const head = z.string().max(200).optional();
const topK = z.int().min(1).max(100_000);

/** Photos wherever they lie, and which of their labels are meant. */
const predicted = {
  photos: z.array(
    z.strictObject({
      path,
      predictions: z.array(z.strictObject({ index: z.int(), label, probability: z.number() })),
      sure: z.boolean(),
    }),
  ),
  labels: labelChoice,
  /** Id of the model, and name of the head, that the predictions are of. */
  model: modelId.optional(),
  head,
};

export const internalVerbs = {
  'internal.open': library<null>()(
    z.strictObject({
      home: path,
      builtInModel: path,
      /** Folder of installed models; absent: `models` in `home`. */
      models: path.optional(),
      /** Somebody looks on: watch folders, go on with a run that was cut off, keep batches short. */
      window: z.boolean(),
      /** False: a catalog of its own that is gone with the process. */
      remember: z.boolean(),
      /** Photos are about to be computed: the inference process may begin at once. */
      compute: z.boolean().optional(),
    }),
  ),
  'internal.close': library<null>()(z.strictObject({})),
  /** JPEG, or WebP of an earlier version; longest edge as the grid needs it, or somewhat more. */
  'internal.thumbnail': library<{ bytes: Uint8Array; type: string }>()(z.strictObject({ photoId: id })),
  /** WebP, oriented, sRGB, at most `edge` pixels a side. */
  'internal.rendition': library<{ bytes: Uint8Array; type: string }>()(z.strictObject({ photoId: id, edge })),
  'internal.path': library<{ path: string }>()(z.strictObject({ photoId: id })),
  /** Starts it; ask `internal.results` until it answers `next: false`. Work waits when results are not fetched. */
  'internal.classify': library<{ jobId: number; model: string }>()(
    z.strictObject({
      ...compute,
      /** Files and folders; not registered as folders of the library. */
      paths: z.array(path).min(1),
      recursive: z.boolean(),
      topK,
      /** Name of the head that reads the labels; absent: what the model came with. */
      head,
      map: mapMethod.nullable(),
      /** Failures of earlier runs are tried again; otherwise they are answered as they were. */
      retryFailed: z.boolean(),
      /** Forgets what is known about the files first. */
      again: z.boolean(),
      /** Reads contents whatever sizes and times say. */
      fresh: z.boolean().optional(),
      /** What is left out or, after a `!`, taken in: patterns of .gitignore, below each folder that is asked for. */
      patterns: z.array(z.string().min(1).max(10_000)).max(10_000).optional(),
      /** A RAW with a JPEG or HEIC of the same name beside it is no photo of its own. */
      stacks: z.boolean().optional(),
      shard: shard.optional(),
    }),
  ),
  /**
   * Folders in which photos come and change; those that are there by now count as known, unless `existing`. Resolves when
   * everything that is there was looked at. `known` is a file of the watch's own, by which it goes on where the process
   * ended: `turn` is that of the last answer that came, null for a watch that begins.
   */
  'internal.watch': library<{ watchId: number }>()(
    z.strictObject({
      paths: z.array(path).min(1),
      recursive: z.boolean(),
      existing: z.boolean(),
      patterns: z.array(z.string().min(1).max(10_000)).max(10_000),
      known: path,
      turn: z.int().min(0).nullable(),
    }),
  ),
  /** Waits until there are some, at most a second; `notices` tell what is only looked at now and then. */
  'internal.arrivals': library<{ paths: string[]; notices: Failure[]; turn: number }>()(
    z.strictObject({ watchId: id, limit: z.int().min(1).max(1000) }),
  ),
  'internal.unwatch': library<null>()(z.strictObject({ watchId: id })),
  /** What it left out, in the order of paths. */
  'internal.leftOut': library<{ items: LeftOutItem[]; next: string | null }>()(
    z.strictObject({
      jobId: id,
      limit: z.int().min(1).max(1000),
      cursor: path.optional(),
    }),
  ),
  /** Photos of the library that look like a file; absent `model`: the chosen one. */
  'internal.like': library<SearchResult>()(
    z.strictObject({ path, top: z.int().min(1).max(500), model: path.optional() }),
  ),
  /** `alike`: look-alikes too, for which the chosen model looks at what it never saw. `duplicates.progress` events tell how far it is. */
  'internal.duplicates': library<ComparedPaths>()(
    z.strictObject({ paths: z.array(path).min(1), alike: z.boolean() }),
  ),
  /** Where the library's process reaches the system's trash itself. */
  'internal.trash': library<Moved>()(z.strictObject(filesOf)),
  /** Before and after the host gives photos to the system's trash. */
  'internal.trashBegin': library<TrashBegun>()(z.strictObject(filesOf)),
  'internal.trashEnd': library<{ act: Act | null }>()(z.strictObject({ batch: z.string().max(1000) })),
  /** Waits until there is something to tell, at most a second. `items` continue where the last answer ended. */
  'internal.results': library<{ items: ClassifiedPath[]; next: boolean; progress: JobProgress }>()(
    z.strictObject({ jobId: id, limit: z.int().min(1).max(1000) }),
  ),
  /** Files outside the library's folders that were classified by path. */
  'internal.strays': library<{ count: number }>()(z.strictObject({})),
  /** Data folders that a folder is or holds. */
  'internal.dataFolders': library<{ folders: string[] }>()(z.strictObject({ path })),
  /** Joins what another data folder knows into this one. */
  'internal.merge': library<MergeReport>()(z.strictObject({ folder: path })),
  /** Of the folder joined last; empty: there are no more. */
  'internal.differingAnswers': library<{ conflicts: MergeConflict[] }>()(
    z.strictObject({ after: z.int().min(0) }),
  ),
  /** Ends it and keeps what is done. Unknown ids are no error. */
  'internal.stop': library<null>()(z.strictObject({ jobId: id })),
  /** Keywords of photos, wherever they lie, into their sidecars. Photos that share one come in one call. */
  'internal.keywords': library<{ items: WrittenItem[] }>()(
    z.strictObject({ ...predicted, options: keywordOptions, dryRun: z.boolean() }),
  ),
  /** The same into JPEGs themselves. */
  'internal.iptc': library<{ items: WrittenItem[] }>()(z.strictObject({ ...predicted, dryRun: z.boolean() })),
  'internal.removeIptc': library<{ items: WrittenItem[] }>()(
    z.strictObject({
      paths: z.array(path).min(1),
      recursive: z.boolean(),
      dryRun: z.boolean(),
    }),
  ),
  /** Photos into folders by label. `stacks`: RAW files go where the JPEG or HEIC of their shot goes. */
  'internal.organise': library<{ items: WrittenItem[] }>()(
    z.strictObject({
      ...predicted,
      options: organiseOptions,
      stacks: z.boolean().optional(),
      dryRun: z.boolean(),
    }),
  ),
  /** The last of these, also one that was cut off, taken back. */
  'internal.undoOrganised': library<{ items: WrittenItem[] }>()(z.strictObject({})),
  /** Photos of the library that a person gave labels, at these paths, in these folders, or `recursive` below them. */
  'internal.confirmed': library<{ paths: string[] }>()(
    z.strictObject({ paths: z.array(path).min(1), recursive: z.boolean() }),
  ),
  /** Keywords that photos at these paths or below them have, by their files and sidecars. */
  'internal.readKeywords': library<{ items: PhotoKeywords[] }>()(
    z.strictObject({ paths: z.array(path).min(1), recursive: z.boolean() }),
  ),
  /** What Saccade wrote is taken out of all sidecars at these paths or below them. */
  'internal.removeKeywords': library<{ items: WrittenItem[] }>()(
    z.strictObject({
      paths: z.array(path).min(1),
      recursive: z.boolean(),
      dryRun: z.boolean(),
    }),
  ),
  'internal.inspect': library<Inspection>()(
    z.strictObject({ ...compute, path, head, topK, ...inspectQuestion.shape }),
  ),
  /** Of a reduced precision with fp32, on the photos that both have answered. */
  'internal.agreement': library<PrecisionAgreement>()(
    z.strictObject({ model: path.optional(), precision: precision.exclude(['fp32']) }),
  ),
  'internal.faithfulness': library<FaithfulnessAnswer>()(
    z.strictObject({ ...compute, path, head, ...faithfulnessQuestion.shape }),
  ),
  'internal.ablate': library<Ablated>()(
    z.strictObject({ ...compute, path, head, topK, ...ablateQuestion.shape }),
  ),
  'internal.smallestPart': library<SmallestPart>()(
    z.strictObject({ ...compute, path, head, ...smallestPartQuestion.shape }),
  ),
  'internal.measureMap': library<MeasuredPasses>()(
    z.strictObject({ ...compute, path, head, ...measureQuestion.shape }),
  ),
  'internal.attend': library<Attended>()(z.strictObject({ ...compute, path, ...attendQuestion.shape })),
} satisfies Record<string, Verb<z.ZodType, unknown>>;

type Internal = typeof internalVerbs;
type AnswerTo<V> = V extends Verb<z.ZodType, infer A> ? A : never;
type InternalVerbs = {
  [N in keyof Internal]: (request: z.input<Internal[N]['request']>) => AnswerTo<Internal[N]>;
};

/** All the library process answers. */
export type LibraryVerbs = { [N in LibraryVerb]: (request: Request<N>) => Answer<N> } & InternalVerbs;

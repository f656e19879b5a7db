/**
 * Verbs of the library process that hosts and the command line may ask, and no renderer: the broker knows only the
 * contract's. Served over the same port, checked by the same kind of schema.
 */
import { z } from 'zod';
import type {
  Ablated,
  Attended,
  FaithfulnessAnswer,
  MeasuredPasses,
  SmallestPart,
  Inspection,
  LeftOutCount,
  LeftOutItem,
  Placement,
  Precision,
  SeenRegion,
  StoredMap,
} from './entities.ts';
import type { Answer, LibraryVerb, Request } from './verbs.ts';
import {
  ablation,
  baseline,
  batch,
  faithfulnessMethod,
  id,
  mapMethod,
  measuredPart,
  measuring,
  path,
  precision,
  precisionChoice,
  providerChoice,
  query,
  smallestPart,
} from './values.ts';
import type { PhotoKeywords } from './entities/keywords.ts';
import type { WrittenItem } from './entities/writing.ts';
import type { Act, Moved, SearchResult } from './label-entities.ts';
import { selection } from './requests.ts';
import { keywordOptions, labelChoice, organiseOptions } from './writing.ts';
import type { MergeReport } from './merging.ts';
import type { Failure } from './result.ts';
import { rolloutOptions } from '../../models/explain/options.ts';
import type { Label } from '../../models/manifest.ts';

const labelSchema = z.object({
  id: z.string(),
  name: z.string(),
  names: z.record(z.string(), z.string()).optional(),
});
const edge = z.int().min(16).max(8192);
/** What to compute with; absent: as in the settings. */
const compute = {
  /** A model's id, its folder, or a weights file. */
  model: path.optional(),
  provider: providerChoice.optional(),
  precision: precisionChoice.optional(),
  batch: batch.optional(),
};

/** A part of the photos that were asked for, told by their paths: `index`, 1 … `count`. */
const shard = z
  .strictObject({ index: z.int().min(1), count: z.int().min(1).max(1_000_000) })
  .refine(({ index, count }) => index <= count);
export type Shard = z.infer<typeof shard>;

/** Photos wherever they lie, and which of their labels are meant. */
const predicted = {
  photos: z.array(
    z.strictObject({
      path,
      predictions: z.array(z.strictObject({ index: z.int(), label: labelSchema, probability: z.number() })),
      sure: z.boolean(),
    }),
  ),
  labels: labelChoice,
  /** Name of the head that the predictions are of. */
  head: z.string().max(200).optional(),
};

export const internalSchemas = {
  'internal.open': z.strictObject({
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
  'internal.close': z.strictObject({}),
  'internal.thumbnail': z.strictObject({ photoId: id }),
  'internal.rendition': z.strictObject({ photoId: id, edge }),
  'internal.path': z.strictObject({ photoId: id }),
  'internal.classify': z.strictObject({
    ...compute,
    /** Files and folders; not registered as folders of the library. */
    paths: z.array(path).min(1),
    recursive: z.boolean(),
    topK: z.int().min(1).max(100_000),
    /** Name of the head that reads the labels; absent: what the model came with. */
    head: z.string().max(200).optional(),
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
  /** Folders in which photos come and change; those that are there by now count as known, unless `existing`. */
  'internal.watch': z.strictObject({
    paths: z.array(path).min(1),
    recursive: z.boolean(),
    existing: z.boolean(),
    patterns: z.array(z.string().min(1).max(10_000)).max(10_000),
  }),
  'internal.arrivals': z.strictObject({ watchId: id, limit: z.int().min(1).max(1000) }),
  'internal.unwatch': z.strictObject({ watchId: id }),
  'internal.leftOut': z.strictObject({
    jobId: id,
    limit: z.int().min(1).max(1000),
    cursor: path.optional(),
  }),
  /** Photos of the library that look like a file; absent `model`: the chosen one. */
  'internal.like': z.strictObject({ path, top: z.int().min(1).max(500), model: path.optional() }),
  /** `alike`: look-alikes too, for which the chosen model looks at what it never saw. */
  'internal.duplicates': z.strictObject({ paths: z.array(path).min(1), alike: z.boolean() }),
  /** Where the library's process reaches the system's trash itself. */
  'internal.trash': z.strictObject({ selection }),
  /** Before and after the host gives photos to the system's trash. */
  'internal.trashBegin': z.strictObject({ selection }),
  'internal.trashEnd': z.strictObject({ batch: z.string().max(1000) }),
  'internal.results': z.strictObject({ jobId: id, limit: z.int().min(1).max(1000) }),
  'internal.strays': z.strictObject({}),
  /** Data folders that a folder is or holds. */
  'internal.dataFolders': z.strictObject({ path }),
  /** Joins what another data folder knows into this one. */
  'internal.merge': z.strictObject({ folder: path }),
  'internal.stop': z.strictObject({ jobId: id }),
  /** Keywords of photos, wherever they lie, into their sidecars. Photos that share one come in one call. */
  'internal.keywords': z.strictObject({ ...predicted, options: keywordOptions, dryRun: z.boolean() }),
  /** The same into JPEGs themselves. */
  'internal.iptc': z.strictObject({ ...predicted, dryRun: z.boolean() }),
  'internal.removeIptc': z.strictObject({
    paths: z.array(path).min(1),
    recursive: z.boolean(),
    dryRun: z.boolean(),
  }),
  /** Photos into folders by label. */
  'internal.organise': z.strictObject({ ...predicted, options: organiseOptions, dryRun: z.boolean() }),
  /** The last of these, also one that was cut off, taken back. */
  'internal.undoOrganised': z.strictObject({}),
  /** Photos of the library that a person gave labels, at these paths or below them. */
  'internal.confirmed': z.strictObject({ paths: z.array(path).min(1) }),
  /** Keywords that photos at these paths or below them have, by their files and sidecars. */
  'internal.readKeywords': z.strictObject({ paths: z.array(path).min(1), recursive: z.boolean() }),
  /** What Saccade wrote is taken out of all sidecars at these paths or below them. */
  'internal.removeKeywords': z.strictObject({
    paths: z.array(path).min(1),
    recursive: z.boolean(),
    dryRun: z.boolean(),
  }),
  'internal.inspect': z.strictObject({
    ...compute,
    path,
    classIndex: z.int().nonnegative().nullable(),
    topK: z.int().min(1).max(100_000),
    rollout: rolloutOptions.optional(),
    /** Name of the head whose label is explained; absent: the model's own. */
    head: z.string().max(200).optional(),
  }),
  'internal.agreement': z.strictObject({ model: path.optional(), precision: precision.exclude(['fp32']) }),
  'internal.faithfulness': z.strictObject({
    ...compute,
    path,
    methods: z.array(faithfulnessMethod).min(1).max(6),
    steps: z.int().min(2).max(200),
    baseline: baseline.optional(),
    classIndex: z.int().nonnegative().nullable().optional(),
    measuring: measuring.optional(),
    /** Name of the head whose labels are followed; absent: the model's own. */
    head: z.string().max(200).optional(),
  }),
  'internal.ablate': z.strictObject({
    ...compute,
    path,
    ...ablation.shape,
    topK: z.int().min(1).max(100_000),
  }),
  'internal.smallestPart': z.strictObject({ ...compute, path, ...smallestPart.shape }),
  'internal.measureMap': z.strictObject({
    ...compute,
    path,
    ...measuredPart.shape,
    /** As of `internal.inspect`. */
    head: z.string().max(200).optional(),
  }),
  'internal.attend': z.strictObject({ ...compute, path, query }),
};

/** One file of `internal.classify`, in path order. */
export type ClassifiedPath =
  | {
      path: string;
      status: 'ok';
      width: number;
      height: number;
      takenMs: number | null;
      damaged: boolean;
      unsure: boolean;
      model: string;
      provider: Placement['provider'];
      precision: Placement['precision'];
      labels: { index: number; label: Label; probability: number }[];
      map: StoredMap | null;
      seen: SeenRegion | null;
      /** The answer was in the catalog already. */
      known: boolean;
    }
  | { path: string; status: 'error'; error: Failure };

export interface JobProgress {
  state: 'running' | 'finished' | 'stopped';
  /** Files found so far; final once `scanned`. */
  total: number;
  scanned: boolean;
  done: number;
  known: number;
  failed: number;
  photosPerSecond: number | null;
  secondsLeft: number | null;
  placement: Placement | null;
  bottleneck: string | null;
  /** Why it stopped; null unless state is `stopped`. */
  error: Failure | null;
  /** What folders hold besides, by kind, most first. */
  leftOut: LeftOutCount[];
}

export interface ComparedGroup {
  kind: 'same' | 'alike';
  /** The one to keep, the first of `files`; null where they only look alike. */
  best: string | null;
  /** Upright pixels, bytes. */
  files: { path: string; width: number; height: number; bytes: number }[];
}

export interface ComparedPaths {
  /** Files. */
  compared: number;
  groups: ComparedGroup[];
  leftOut: { path: string; error: Failure }[];
}

/** How far a quick precision agrees with fp32 on the user's photos. */
export interface PrecisionAgreement {
  precision: Precision;
  /** Photos (contents) that both precisions have answered. */
  photos: number;
  agreed: number;
  /** Lower end of Wilson's 95 % interval of the share that agrees, 0 … 1. */
  lowerBound: number;
  earned: boolean;
}

interface InternalAnswers {
  'internal.open': null;
  'internal.close': null;
  /** JPEG, or WebP of an earlier version; longest edge as the grid needs it, or somewhat more. */
  'internal.thumbnail': { bytes: Uint8Array; type: string };
  /** WebP, oriented, sRGB, at most `edge` pixels a side. */
  'internal.rendition': { bytes: Uint8Array; type: string };
  'internal.path': { path: string };
  /** Starts it; ask `internal.results` until it answers `next: false`. Work waits when results are not fetched. */
  'internal.classify': { jobId: number; model: string };
  'internal.like': SearchResult;
  'internal.trash': Moved;
  'internal.trashBegin': { batch: string; paths: string[] };
  'internal.trashEnd': { act: Act | null };
  /** `duplicates.progress` events tell how far it is. */
  'internal.duplicates': ComparedPaths;
  /** Waits until there is something to tell, at most a second. `items` continue where the last answer ended. */
  'internal.results': { items: ClassifiedPath[]; next: boolean; progress: JobProgress };
  /** What it left out, in the order of paths. */
  'internal.leftOut': { items: LeftOutItem[]; next: string | null };
  /** Files outside the library's folders that were classified by path. */
  /** Resolves when everything that is there was looked at. */
  'internal.watch': { watchId: number };
  /** Waits until there are some, at most a second; `notices` tell what is only looked at now and then. */
  'internal.arrivals': { paths: string[]; notices: Failure[] };
  'internal.unwatch': null;
  'internal.strays': { count: number };
  'internal.dataFolders': { folders: string[] };
  'internal.merge': MergeReport;
  /** Ends it and keeps what is done. Unknown ids are no error. */
  'internal.stop': null;
  'internal.keywords': { items: WrittenItem[] };
  'internal.iptc': { items: WrittenItem[] };
  'internal.removeIptc': { items: WrittenItem[] };
  'internal.organise': { items: WrittenItem[] };
  'internal.undoOrganised': { items: WrittenItem[] };
  'internal.confirmed': { paths: string[] };
  'internal.readKeywords': { items: PhotoKeywords[] };
  'internal.removeKeywords': { items: WrittenItem[] };
  'internal.inspect': Inspection;
  /** Of a reduced precision with fp32, on the photos that both have answered. */
  'internal.agreement': PrecisionAgreement;
  'internal.faithfulness': FaithfulnessAnswer;
  'internal.ablate': Ablated;
  'internal.smallestPart': SmallestPart;
  'internal.measureMap': MeasuredPasses;
  'internal.attend': Attended;
}

export type InternalVerb = keyof typeof internalSchemas;
type InternalVerbs = {
  [N in InternalVerb]: (request: z.input<(typeof internalSchemas)[N]>) => InternalAnswers[N];
};

/** All the library process answers. */
export type LibraryVerbs = { [N in LibraryVerb]: (request: Request<N>) => Answer<N> } & InternalVerbs;

/**
 * Every verb a renderer may ask for and every event it may hear, with the schema its payload must pass.
 * The renderer imports types from here and nothing else from main. `library` verbs are passed on to the
 * library process as they are; `host` verbs are answered by the shell or the browser host.
 */
import { z } from 'zod';
import { mostOfLabel } from './label-length.ts';
import type { DownloadStatus } from './entities/download.ts';
import type { Folder, LeftOutCount, LeftOutItem } from './entities/folder.ts';
import type { Inspection } from './entities/inspection.ts';
import type { BrokenModel, CatalogueEntry, ModelDetail, ModelDoubt, ModelSummary } from './entities/model.ts';
import type { LabelFacet, PhotoDetail, Period, PhotoPage, Suggestion } from './entities/photo.ts';
import { geoBox } from './entities/place.ts';
import type { PlaceCount } from './entities/place.ts';
import type { ProviderReport } from './entities/placement.ts';
import type { RunFailure, RunStatus } from './entities/run.ts';
import type { Settings } from './entities/settings.ts';
import type {
  Ablated,
  Attended,
  FaithfulnessAnswer,
  MeasuredPasses,
  SmallestPart,
} from './entities/trial.ts';
import { importAnswers } from '../../models/formats/answers.ts';
import { settings } from './entities/settings.ts';
import type { KeywordFacet } from './entities/keywords.ts';
import type { TeachingStatus, WordsRead } from './entities/head.ts';
import type { DuplicatesStatus } from './entities/likeness.ts';
import type { Moved } from './entities/review.ts';
import { exportVerbs, type ModelExportStatus } from './exports.ts';
import type { WritingStatus } from './entities/writing.ts';
import { savedSearchVerbs } from './saved-searches.ts';
import { writingVerbs } from './writing.ts';
import { labelVerbs } from './labels.ts';
import type { LooksStatus } from './entities/looks.ts';
import { looksVerbs } from './looks.ts';
import { filesOf, page, photoFilter, photoSort, selection } from './requests.ts';
import type { Failure } from './result.ts';
import {
  ablateQuestion,
  attendQuestion,
  faithfulnessQuestion,
  inspectQuestion,
  measureQuestion,
  smallestPartQuestion,
} from './one-photo.ts';
import { id, modelId, path, words } from './values.ts';
import { host, library, type Verb } from './verb.ts';

/** A catalogue id, or `owner/name` of the Hugging Face Hub with or without `@revision` (branch, tag or commit). */
export const modelSource = z
  .string()
  .max(400)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(@[A-Za-z0-9][A-Za-z0-9._\/-]{0,199})?)?$/,
  );
/** What a person says where a model's files don't. */
const told = {
  answers: importAnswers.optional(),
  /** What a file of the classes' names holds: one a line, or JSON; or the word imagenet-1k. */
  labelsText: z.string().max(2_000_000).optional(),
};
const download = z.strictObject({ downloadId: z.string().regex(/^[0-9a-f]{16}$/) });
const nothing = z.strictObject({});
/** A photo, and whose labels are asked about: absent, those of the head in use; null, those that the model came with. */
const ofPhoto = { photoId: id, headId: id.nullable().optional() };

export const verbs = {
  // Folders
  /** Scans the folder in the background; a `library.changed` event follows each batch. */
  'folders.add': library<Folder>()(z.strictObject({ path })),
  /** Children of a folder, or the roots; sorted by name. */
  'folders.children': library<{ items: Folder[]; next: string | null }>()(
    z.strictObject({ parentId: id.nullable(), ...page }),
  ),
  /** Looks at the folder again, and reads every photo, whatever sizes and times say. */
  'folders.rescan': library<null>()(z.strictObject({ folderId: id })),
  /** What the last scans left out of a folder (null: of all) and below it: counted by kind, and a page of it in the order of paths. */
  'folders.leftOut': library<{ counts: LeftOutCount[]; items: LeftOutItem[]; next: string | null }>()(
    z.strictObject({ folderId: id.nullable(), ...page }),
  ),
  /** What to leave out of a folder or, after a `!`, to take in: patterns of .gitignore, one a line. Scans it again. */
  'folders.setPatterns': library<null>()(z.strictObject({ folderId: id, patterns: z.string().max(100_000) })),
  /** Whether photos that come into a root folder are classified by themselves. */
  'folders.setClassifyNew': library<null>()(z.strictObject({ folderId: id, classify: z.boolean() })),
  /** Forgets a root folder and what was found out about it. Photos are untouched. */
  'folders.remove': library<null>()(z.strictObject({ folderId: id })),

  // Photos
  /** `at` (a position) or `cursor`, not both; neither: from the start. */
  'photos.page': library<PhotoPage>()(
    z.strictObject({ filter: photoFilter, sort: photoSort, at: z.int().nonnegative().optional(), ...page }),
  ),
  'photos.get': library<PhotoDetail>()(z.strictObject({ photoId: id })),
  /** Which of them the library does not have, or not any more: `photos.get` would refuse them. */
  'photos.gone': library<{ ids: number[] }>()(z.strictObject({ ids: z.array(id).max(10_000) })),
  /** Position of a photo in a list, or null where the filter does not find it. */
  'photos.position': library<{ at: number | null }>()(
    z.strictObject({ photoId: id, filter: photoFilter, sort: photoSort }),
  ),
  'photos.count': library<{ total: number }>()(z.strictObject({ filter: photoFilter })),
  /**
   * Labels found under the filter, most photos first; photos of each status, with a person's own label, and damaged
   * ones. Each is counted without its own condition.
   */
  'photos.facets': library<{
    items: LabelFacet[];
    next: string | null;
    status: Record<string, number>;
    own: number;
    damaged: number;
  }>()(z.strictObject({ filter: photoFilter, search: words.optional(), ...page })),
  /** How many photos of a list are of each month, oldest first; those without are left out. */
  'photos.months': library<{ items: Period[] }>()(z.strictObject({ filter: photoFilter })),
  /**
   * Photos by the squares of a map in which they were taken, of those that a box touches (absent: of the whole map):
   * 4^level squares, or fewer where those would be too many. Photos without a place are in none.
   */
  'photos.places': library<{ level: number; items: PlaceCount[] }>()(
    z.strictObject({
      filter: photoFilter,
      box: geoBox
        .refine(({ south, north }) => south <= north, 'Expected the south below the north')
        .optional(),
      level: z.int().min(0).max(22),
    }),
  ),
  /** What there is to search for that goes on with a word that is being typed (`query-words.ts`). */
  'photos.suggest': library<{ items: Suggestion[] }>()(z.strictObject({ word: words, limit: page.limit })),
  /** Keywords of files and sidecars under the filter, most photos first, counted without the filter's own keywords. */
  'photos.keywords': library<{ items: KeywordFacet[] }>()(
    z.strictObject({
      filter: photoFilter,
      search: words.optional(),
      limit: z.int().min(1).max(500),
    }),
  ),
  /** A person's own word, or null to take it back. */
  'photos.setOwnLabel': library<null>()(
    z.strictObject({ selection, label: z.string().trim().min(1).max(mostOfLabel).nullable() }),
  ),
  /** File text; at most 100,000 photos a call, continued by cursor. */
  'photos.export': library<{ text: string; next: string | null }>()(
    z.strictObject({
      selection,
      sort: photoSort,
      format: z.enum(['csv', 'jsonl']),
      cursor: z.string().max(2000).optional(),
    }),
  ),

  // Runs
  /** Classifies what is not yet known of the selection. `again` forgets what is known first. */
  'runs.start': library<RunStatus>()(
    z.strictObject({ selection, again: z.boolean(), retryFailed: z.boolean() }),
  ),
  'runs.pause': library<RunStatus>()(nothing),
  'runs.resume': library<RunStatus>()(nothing),
  'runs.cancel': library<RunStatus>()(nothing),
  /** The run in hand, or the last one, or null. */
  'runs.current': library<RunStatus | null>()(nothing),
  'runs.failures': library<{ items: RunFailure[]; next: string | null }>()(
    z.strictObject({ runId: id, ...page }),
  ),

  // Inspection
  'inspect.photo': library<Inspection>()(z.strictObject({ ...ofPhoto, ...inspectQuestion.shape })),
  'inspect.faithfulness': library<FaithfulnessAnswer>()(
    z.strictObject({ ...ofPhoto, ...faithfulnessQuestion.shape }),
  ),
  /** What the photo is called without some of its patches, or without some of the model's heads. */
  'inspect.ablate': library<Ablated>()(z.strictObject({ ...ofPhoto, ...ablateQuestion.shape })),
  'inspect.smallestPart': library<SmallestPart>()(
    z.strictObject({ ...ofPhoto, ...smallestPartQuestion.shape }),
  ),
  /** Some passes of a map that is measured; the same for the same seed, however they are asked for. */
  'inspect.measureMap': library<MeasuredPasses>()(z.strictObject({ ...ofPhoto, ...measureQuestion.shape })),
  /** Where one token of a photo looked. */
  'inspect.attend': library<Attended>()(z.strictObject({ photoId: id, ...attendQuestion.shape })),

  // Models
  'models.list': library<{ items: ModelSummary[]; broken: BrokenModel[] }>()(nothing),
  'models.show': library<ModelDetail>()(z.strictObject({ modelId })),
  /** Whether it can compute: why not, where its folder or weights are gone or are others than were imported. */
  'models.check': library<{ failure: Failure | null }>()(z.strictObject({ modelId })),
  /** A folder or a file on this machine. */
  'models.import': library<ModelSummary>()(
    // What a name may be is said where models are imported, in a sentence.
    z.strictObject({ path, name: z.string().max(256).optional(), ...told }),
  ),
  /** Below what a model's own labels are told as unsure. */
  'models.doubt': library<ModelDoubt>()(z.strictObject({ modelId })),
  /** A probability, `fit` (what the confirmed photos say), or null: as the model came. Nothing is classified again. */
  'models.setDoubt': library<ModelDoubt>()(
    z.strictObject({ modelId, threshold: z.union([z.number().min(0).max(1), z.literal('fit')]).nullable() }),
  ),
  'models.remove': library<null>()(z.strictObject({ modelId })),
  /** Checkpoints known by name; asks nobody. */
  'models.catalogue': library<{ items: CatalogueEntry[] }>()(nothing),
  /** Starts fetching a model from the Hugging Face Hub; `models.download` events follow. The only verb that connects to anything. */
  'models.download': library<DownloadStatus>()(
    z.strictObject({ source: modelSource, name: modelId.optional(), ...told }),
  ),
  /** Every download in hand or ended since the start, oldest first. */
  'models.downloads': library<{ items: DownloadStatus[] }>()(nothing),
  'models.pauseDownload': library<DownloadStatus>()(download),
  /** Goes on where it was paused or failed, at the same revision, with what was answered meanwhile. */
  'models.resumeDownload': library<DownloadStatus>()(download.extend(told)),
  /** Stops it and deletes what has arrived; an ended one is taken off the list. */
  'models.cancelDownload': library<DownloadStatus>()(download),

  // Providers and settings
  'providers.list': library<{ items: ProviderReport[] }>()(z.strictObject({ measure: z.boolean() })),
  'settings.get': library<Settings>()(nothing),
  'settings.set': library<Settings>()(settings.extend({ model: modelId }).partial()),
  /** Deletes the catalog, thumbnails and settings. Photos and imported models are untouched. */
  'data.deleteAll': library<null>()(z.strictObject({ confirm: z.literal('delete') })),

  ...labelVerbs,
  ...looksVerbs,
  ...exportVerbs,
  ...writingVerbs,
  ...savedSearchVerbs,

  // What only the host can do
  'app.info': host<{
    version: string;
    host: 'electron' | 'browser';
    platform: string;
    systemLanguage: string;
    /** What this host can do; the interface hides the rest. */
    can: {
      openFolderDialog: boolean;
      openModelDialog: boolean;
      reveal: boolean;
      openDefault: boolean;
      trash: boolean;
    };
    dataFolder: string;
    samplesFolder: string;
  }>()(nothing),
  /** The chosen folders, empty when cancelled. */
  'dialog.openFolders': host<{ paths: string[] }>()(nothing),
  'dialog.openModel': host<{ path: string | null }>()(z.strictObject({ kind: z.enum(['file', 'folder']) })),
  /** Folder names below a path, for hosts without a dialog of their own; null: the home folder. */
  'dialog.listFolders': host<{
    path: string;
    parent: string | null;
    items: { name: string; path: string }[];
  }>()(z.strictObject({ path: path.nullable() })),
  /** Where on the host pictures are likely to lie: what holds something, the likeliest first. */
  'dialog.places': host<{
    items: { kind: 'pictures' | 'desktop' | 'downloads' | 'drive' | 'home'; name: string; path: string }[];
  }>()(nothing),
  'photos.reveal': host<null>()(z.strictObject({ photoId: id })),
  /** Into the system's trash; undone as any act is, where the system gives back (`Act.undoable`). */
  'photos.trash': host<Moved>()(z.strictObject(filesOf)),
  'photos.openDefault': host<null>()(z.strictObject({ photoId: id })),
} satisfies Record<string, Verb<z.ZodType, unknown>>;

export type Verbs = typeof verbs;
export type VerbName = keyof Verbs;
export type Request<Name extends VerbName> = z.input<Verbs[Name]['request']>;
export type Answer<Name extends VerbName> = Verbs[Name] extends Verb<z.ZodType, infer A> ? A : never;
export type LibraryVerb = { [N in VerbName]: Verbs[N]['served'] extends 'library' ? N : never }[VerbName];

export interface Events {
  /** Something a list may show has changed; coalesced to at most four a second. */
  'library.changed': {
    folders: boolean;
    photos: boolean;
    /** Names of labels, or how many photos have them. */
    labels: boolean;
    /** Heads there are, or which is in use. */
    heads: boolean;
    models: boolean;
    settings: boolean;
  };
  /** At most ten a second while a run goes on, and at every change of state. */
  'run.progress': RunStatus;
  /** At most four a second while a download goes on, and at every change of state. */
  'models.download': DownloadStatus;
  /** At most four a second while a model is written, and at every change of state or step. */
  'models.exporting': ModelExportStatus;
  /** At most four a second while a head is taught, and at every change of state. */
  'heads.teaching': TeachingStatus;
  /** At most four a second while labels in words are read: of so many texts. */
  'heads.writing': WordsRead;
  /** At most four a second while something is written, and at every change of state. */
  'writing.progress': WritingStatus;
  /** At most four a second while photos are looked at for maps, and at every change of state. */
  'looks.progress': LooksStatus;
  /** As pictures are compared, at most four a second, and at every change of state. */
  'duplicates.progress': DuplicatesStatus;
  /** A scan found so many files so far; `done` when the folder is finished. */
  'scan.progress': { folderId: number; found: number; done: boolean };
  /** Photos came into a root that was known before, and nobody has said yet whether such are classified by themselves. */
  'folders.arrived': { folderId: number; photos: number };
  /** A process of ours ended unexpectedly and is started again; `reason`: the end of a sentence, "was ended by SIGKILL". */
  'process.restarted': { process: 'library' | 'inference'; reason: string };
  /** Something to tell the user that no answer carries. */
  notice: { level: 'info' | 'warning' | 'error'; failure: Failure };
  /** The host asks the interface to show something (menu, dropped folder, command line). */
  'app.command': {
    command: 'open-folder' | 'settings' | 'models' | 'about' | 'find' | 'keys';
    path?: string;
  };
}
export type EventName = keyof Events;

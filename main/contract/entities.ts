/** What crosses between renderer, main, library and inference: plain data, safe for structured clone. */
import type { RolloutOptions } from '../../models/explain/attention.ts';
import type { AttentionOf } from '../../models/explain/maps.ts';
import type { Label, PatchGrid, Preprocessing } from '../../models/manifest.ts';
import type { PersonWords } from './label-entities.ts';
import type { Failure } from './result.ts';
import type {
  FaithfulnessMethod,
  MapMethod,
  PhotoStatus,
  Precision,
  PrecisionChoice,
  ProviderChoice,
  ProviderName,
  SortKey,
} from './values.ts';

export type {
  FaithfulnessMethod,
  MapMethod,
  PhotoStatus,
  Precision,
  PrecisionChoice,
  ProviderChoice,
  ProviderName,
  SortKey,
} from './values.ts';

/** What really runs, as reported by the inference process. */
export interface Placement {
  provider: ProviderName;
  /** The operating system's name of the device, or "unknown". */
  device: string;
  driver: string;
  precision: Precision;
  /** Photos in one run. */
  batch: number;
  /** Sessions that share a run's photos, on the CPU; absent: one, with all threads. */
  streams?: number;
  /** Nodes of the graph that the provider left to the CPU; 0 on the CPU itself, null when unknown. */
  nodesOnCpu: number | null;
  /** Why this one: "asked for", or the sentence of the automatic choice. */
  reason: string;
  /** What went otherwise than chosen, as a sentence for people: memory ran out, a provider failed. */
  fallback?: string;
}

export interface ProviderReport {
  provider: ProviderName;
  usable: boolean;
  /** A sentence where it is not usable (missing library by name, wrong platform, wrong results). */
  reason: string | null;
  device: string;
  driver: string;
  /** Measured with the model that was asked about; null: not measured yet. */
  photosPerSecond: number | null;
  /** Largest absolute difference of logits against the CPU in fp32 on the built-in inputs. */
  parityError: number | null;
  /** Nodes of the graph that the provider left to the CPU; null: not measured yet, or unknown. */
  nodesOnCpu?: number | null;
}

/** A map of one number a patch, one byte each: value = offset + scale · byte. */
export interface StoredMap {
  method: MapMethod;
  /** First and last layer it spans, counted from 0. */
  layers: [number, number];
  /** The class it explains; null where the method has none. */
  classIndex: number | null;
  rows: number;
  columns: number;
  scale: number;
  offset: number;
  /** rows · columns bytes, row by row. */
  bytes: Uint8Array;
}

/** Where the model looked, in pixels of the oriented photo. Sides may be fractional. */
export interface SeenRegion {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Prediction {
  index: number;
  label: Label;
  /** After temperature scaling, 0 … 1. */
  probability: number;
}

/** One tile of the grid. */
export interface PhotoItem {
  id: number;
  path: string;
  /** File name with extension. */
  name: string;
  folderId: number;
  /** Oriented pixels; 0 until decoded once. */
  width: number;
  height: number;
  bytes: number;
  /** File's modification time, milliseconds since 1970. */
  modifiedMs: number;
  /** EXIF capture time, milliseconds since 1970; null: none. */
  takenMs: number | null;
  status: PhotoStatus;
  /** The file could be read only in part (truncated), and was classified all the same. */
  damaged: boolean;
  top: Prediction | null;
  /** A person's own word for it, which a prediction never overwrites. */
  ownLabel: string | null;
  /** Entropy of the stored map in 0 (one patch) … 1 (even); null: no map. */
  spread: number | null;
  error: Failure | null;
  /** Changes when the content does: part of the addresses of thumbnail and rendition. */
  version: string;
  map: StoredMap | null;
  seen: SeenRegion | null;
}

export interface PhotoDetail extends PhotoItem {
  /** Of the head in use. */
  predictions: Prediction[];
  /** Name of the head in use; null: what the model came with. */
  head: string | null;
  person: PersonWords;
  model: string | null;
  placement: Pick<Placement, 'provider' | 'precision'> | null;
}

/**
 * Why a scan leaves a file or folder out: `other` no photo by its ending; `no-picture` no ending, and no picture
 * inside; `system` kept by a system or program for itself; `hidden` begins with a dot; `excluded` by somebody's
 * pattern; `marked` a folder with a .nomedia in it; `special` a pipe, socket or device; `dangling` a link to nothing.
 */
export type LeftOutKind =
  'other' | 'no-picture' | 'system' | 'hidden' | 'excluded' | 'marked' | 'special' | 'dangling';

export interface LeftOutCount {
  kind: LeftOutKind;
  /** Of `other`: the ending without its dot, in lower case; else empty. */
  extension: string;
  /** Files, and folders that were not looked into. */
  count: number;
}

export interface LeftOutItem {
  kind: LeftOutKind;
  /** As shown to people; a folder's ends with a slash. */
  path: string;
}

export interface Folder {
  id: number;
  parentId: number | null;
  path: string;
  name: string;
  /** Photos in it and below it. */
  photos: number;
  children: number;
  /** False while it can't be found or read; `reason` says why. */
  available: boolean;
  reason: string | null;
  /** Files and folders in it and below it that the scan left out. */
  leftOut: number;
  /** What a person leaves out of it or takes in: patterns of .gitignore, one a line. */
  patterns: string;
}

/** All conditions hold at once; an absent one is no condition. */
export interface PhotoFilter {
  /** In this folder or below it. */
  folderId?: number;
  /** Indices of the labels of the head in use; any of them. */
  labels?: number[];
  status?: PhotoStatus[];
  minProbability?: number;
  maxProbability?: number;
  /** With a person's own label, or without one. */
  own?: boolean;
  /** Any of these labels by a person's word; case does not matter. */
  person?: string[];
  /** A cell of the last `review.agreement`. */
  cell?: { row: number; column: number };
  /** Words in file name, path, own label, or the label's name in any language. */
  search?: string;
}

export interface PhotoSort {
  key: SortKey;
  descending: boolean;
}

/** Photos by hand, or everything a filter finds but for some. */
export type Selection = { ids: number[] } | { filter: PhotoFilter; except: number[] };

export interface PhotoPage {
  items: PhotoItem[];
  /** Position of the first item in the whole list, counted from 0. */
  start: number;
  /** How many the filter finds in all. */
  total: number;
  /** Hand back to continue after the last item; null at the end. */
  next: string | null;
}

export interface LabelFacet {
  index: number;
  label: Label;
  /** Unsure ones included. */
  photos: number;
  unsure: number;
}

export type RunState = 'preparing' | 'running' | 'paused' | 'finished' | 'cancelled' | 'stopped';

export interface RunStatus {
  id: number;
  state: RunState;
  model: string;
  placement: Placement | null;
  total: number;
  /** Finished, failures and already known ones included. */
  done: number;
  /** Of those done: the answer was already in the catalog. */
  known: number;
  failed: number;
  photosPerSecond: number | null;
  secondsLeft: number | null;
  startedMs: number;
  /** Where time went once it has ended, as one sentence. */
  bottleneck: string | null;
  /** Why it stopped, and what to do; null unless state is `stopped`. */
  error: Failure | null;
}

export interface RunFailure {
  photoId: number;
  path: string;
  error: Failure;
}

export interface ModelSummary {
  id: string;
  name: string;
  family: string;
  parameters: number;
  input: { height: number; width: number };
  grid: PatchGrid | null;
  classes: number;
  licence: string | null;
  bytes: number;
  /** Ships with Saccade and can't be removed. */
  builtIn: boolean;
}

/** An installed model's folder that can't be read as one; it can be removed by its id. */
export interface BrokenModel {
  id: string;
  /** What is wrong: a sentence. */
  reason: string;
}

export interface ModelDetail extends ModelSummary {
  source: string | null;
  sha256: string;
  preprocessing: Preprocessing;
  temperature: number;
  outputActivation: 'softmax' | 'sigmoid' | 'none' | 'none-each';
  doubt: { method: string; threshold: number } | null;
  /** The card's Markdown, or null. */
  card: string | null;
  labels: Label[];
}

/** A well-known checkpoint on the Hugging Face Hub that can be installed. Unknown is null, never guessed. */
export interface CatalogueEntry {
  /** Short name to ask for it by. */
  id: string;
  /** `owner/name` on the Hub. */
  repository: string;
  /** Shown to people. */
  name: string;
  family: string;
  parameters: number | null;
  input: { height: number; width: number } | null;
  /** Side of a patch in input pixels. */
  patchSize: number | null;
  classes: number | null;
  /** ImageNet-1k validation accuracy in percent as published, and who says so. */
  top1: { percent: number; source: string } | null;
  /** SPDX identifier, or the owner's own words. */
  licence: string | null;
  /** Bytes of the weights on the Hub. */
  bytes: number | null;
  /** Addresses where the above was read. */
  sources: string[];
  /** Models installed here that came from this repository, by id. */
  installed: string[];
}

/**
 * `resolving`: asking the Hub what there is; `checking`: hashing; `installing`: converting and measuring.
 * `paused` keeps what has arrived; after a restart of the application downloads wait as `paused`.
 */
export type DownloadState =
  'resolving' | 'downloading' | 'checking' | 'installing' | 'paused' | 'installed' | 'failed' | 'cancelled';

export interface DownloadStatus {
  id: string;
  state: DownloadState;
  /** `owner/name`. */
  repository: string;
  /** Commit of the repository, 40 hex digits; null until resolved, fixed from then on. */
  revision: string | null;
  /** Bytes here so far and in all; `totalBytes` is null until resolved. */
  bytes: number;
  totalBytes: number | null;
  /** Of `bytes`: taken from the Hub cache on this machine. */
  cachedBytes: number;
  /** Of the last seconds; null: not downloading. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  /** The file in hand, or null. */
  file: string | null;
  /** The model's id once installed. */
  model: string | null;
  /** Why it failed or paused by itself; null otherwise. */
  error: Failure | null;
}

/** How rollout joins heads, and what it leaves out. */
export type { RolloutOptions } from '../../models/explain/attention.ts';
/** Whose attention is shown, and whether the answer comes from it. */
export type { AttentionOf } from '../../models/explain/maps.ts';

/** Everything the inspection graph returns for one photo. Row-major. */
export interface Inspection {
  model: string;
  /** Name of the head in use, of which logits, predictions and contribution are; null: what the model came with. */
  head: string | null;
  placement: Placement;
  photo: { width: number; height: number };
  seen: SeenRegion;
  grid: PatchGrid | null;
  layers: number;
  heads: number;
  /** [C] before temperature. */
  logits: Float32Array;
  predictions: Prediction[];
  /** [D] final [CLS] after the norm. */
  clsFeature: Float32Array;
  /** [L, H, N]: the row `attentionOf` of every softmax, special tokens dropped; null: `absent.cls` says why. */
  clsAttention: Float32Array | null;
  attentionOf: AttentionOf;
  /** [N], as `rolloutOptions` say */
  rollout: Float32Array | null;
  rolloutOptions: RolloutOptions;
  /** Direct contribution of each patch to a class, in logit units; null: `absent.class` says why. */
  contribution: Contribution | null;
  absent: Partial<Record<MapMethod, string>>;
}

export interface Contribution {
  classIndex: number;
  /** [L, N] signed, logit units. */
  patches: Float32Array;
  /** [L]: [CLS]'s and the other special tokens' own share through attention. */
  special: Float32Array;
  /** [L]: through the MLPs. */
  mlp: Float32Array;
  /** [L]: biases of value and output projection. */
  bias: Float32Array;
  /** [CLS] token and its position before the first layer. */
  start: number;
  /** Norm's shift and the head's bias. */
  head: number;
  /** Sum of all of the above; equals the logit but for rounding. */
  sum: number;
}

export interface FaithfulnessCurve {
  method: FaithfulnessMethod;
  /** Probability of the predicted class at each step, first to last. */
  deletion: number[];
  insertion: number[];
  /** Trapezoid areas over 0 … 1. */
  deletionAuc: number;
  insertionAuc: number;
}

export interface Settings {
  model: string;
  provider: ProviderChoice;
  precision: PrecisionChoice;
  /** Null: chosen from the machine. */
  batch: number | null;
  /** Thumbnails and renditions kept on disk. */
  cacheMegabytes: number;
  language: 'system' | 'en' | 'zh-CN';
  theme: 'system' | 'light' | 'dark';
  topK: number;
}

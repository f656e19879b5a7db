/** What the library asks of the inference process. Stateless but for loaded models: it may be killed at any moment. */
import type { ExportDifference } from './entities/model.ts';
import type { Head } from '../../models/heads/head.ts';
import type { Inspection, Prediction, SeenRegion, StoredMap } from './entities/inspection.ts';
import type {
  AblateQuestion,
  AttendQuestion,
  FaithfulnessQuestion,
  InspectQuestion,
  MeasureQuestion,
  SmallestPartQuestion,
} from './one-photo.ts';
import type { Placement, ProviderReport } from './entities/placement.ts';
import type { Attended, FaithfulnessAnswer, MeasuredPasses, SmallestPart } from './entities/trial.ts';
import type { Baseline, MapMethod, Precision, PrecisionChoice, ProviderChoice } from './values.ts';
import type { Trial } from '../../models/try-out.ts';
import type { Failure } from './result.ts';

export interface LoadRequest {
  /** Folder that holds model.json. */
  modelFolder: string;
  provider: ProviderChoice;
  precision: PrecisionChoice;
  /** Null: chosen by the inference process. */
  batch: number | null;
  /** Precisions that have agreed with fp32 on enough of the user's photos, so that `auto` may choose them on the CPU. */
  earned?: Precision[];
}

/** What a result depends on, with the photo's content hash: the key of the catalog. */
export interface ResultKey {
  /** SHA-256 of the weights. */
  modelHash: string;
  /** Hash of the preprocessing. */
  preprocessing: string;
  precision: string;
  graphVersion: number;
}

export interface Loaded {
  /** Names the loaded model in later requests. */
  handle: string;
  resultKey: ResultKey;
  placement: Placement;
}

export interface ClassifyPhoto {
  path: string;
  /** As when the content was hashed; a file that changed since is answered with `changed-on-disk`. */
  bytes: number;
  modifiedMs: number;
  changedMs: number;
}

export interface ClassifyRequest {
  handle: string;
  photos: ClassifyPhoto[];
  topK: number;
  /** Which map to store, [CLS] attention where the model can't give it; null: none. */
  map: MapMethod | null;
  /** Longest edge in pixels of the thumbnail made from the same decode, or somewhat more; null: none. */
  thumbnailEdge: number | null;
}

export interface Classified {
  /** Oriented pixels. */
  width: number;
  height: number;
  takenMs: number | null;
  damaged: boolean;
  /** Best first. Probabilities after temperature. */
  top: { index: number; probability: number }[];
  /** Below the model's doubt threshold. */
  unsure: boolean;
  /** [D], or null where the graph has none. */
  clsFeature: Float32Array | null;
  map: StoredMap | null;
  seen: SeenRegion;
  /** JPEG. */
  thumbnail: Uint8Array | null;
}

export interface ClassifyAnswer {
  /** One a photo, in the order asked. */
  results: ({ ok: true; value: Classified } | { ok: false; error: Failure })[];
  placement: Placement;
  /** Milliseconds of this batch: sum of decode times over photos, wall time of the wait for decodes, of session.run. */
  timing: { decodeMs: number; waitMs: number; runMs: number };
  /** Why maps were left out that the model should give; null: none were. */
  withheld: Failure | null;
}

/** What every question about one photo says. */
interface AboutPhoto {
  handle: string;
  path: string;
}

export interface InspectRequest extends AboutPhoto, InspectQuestion {
  /** Explained instead: the label `index` of another head, whose logit is direction · feature + bias. */
  explained?: { direction: Float32Array; bias: number; index: number } | undefined;
  topK: number;
}

/** Whose answer is followed and explained; absent: the model's own. */
interface ByHead {
  head?: Head | undefined;
}

export interface FaithfulnessRequest extends AboutPhoto, FaithfulnessQuestion, ByHead {}

export interface TextsRequest {
  /** Folder that holds model.json. */
  modelFolder: string;
  texts: string[];
}

export interface EmbeddedTexts {
  /** [texts, F], of length 1. */
  embeds: Float32Array;
  /** What the model multiplies cosines by. */
  scale: number;
  /** What it adds then, where it answers each text by itself (SigLIP); null: one of them (CLIP). */
  bias: number | null;
  /** Places of the texts that were longer than the model reads, and were cut. */
  cut: number[];
  /** Most tokens of a text. */
  positions: number;
}

/** Vectors of a set that is searched, in the order of their rows. One set is held at a time. */
export interface AddVectorsRequest {
  /** Names the set; another than the one that is held takes its place. */
  set: string;
  /** Numbers of a vector. */
  length: number;
  /** The chunk that these are part of: rows from `start` on. Its parts come one after the other. */
  chunk: { start: number; count: number };
  /** 16-bit floats, little-endian, [some, length]. */
  data: Uint8Array;
}

export interface ScoreVectorsRequest {
  set: string;
  /** [length], of length 1. */
  query: Float32Array;
}

/** Vectors among which look-alikes are grouped, in the order of their rows. One set is held at a time. */
export interface AddAlikeRequest {
  /** Names the set; another than the one that is held takes its place. */
  set: string;
  /** Numbers of a vector. */
  length: number;
  /** Vectors there will be. */
  count: number;
  /** The row that these begin at: where the last ended. */
  from: number;
  /** 16-bit floats, little-endian, [some, length]. */
  data: Uint8Array;
}

/** `groups` null: not through yet; `share` is done. */
export interface AlikeStep {
  share: number;
  groups: number[][] | null;
}

export interface CheckExportRequest {
  /** Of the model that was exported. */
  modelFolder: string;
  /** The ONNX file. */
  file: string;
  /** Whose labels it has; null: what the model came with. */
  head: Head | null;
  maps: MapMethod[];
}

/** Of an output of an exported graph, over all numbers of some pictures. */

/** Whose probability to tell beside is asked of the answer. */
export interface AblateRequest extends AboutPhoto, Omit<AblateQuestion, 'classIndex'> {
  topK: number;
}

export interface AblatedAnswer {
  /** How patches were taken away. */
  baseline: Baseline;
  /** Why otherwise than asked, as a sentence; null: as asked. */
  instead: string | null;
  /** [C] of the model's own head, and what they mean; empty where it has none. */
  logits: Float32Array;
  probabilities: Float32Array;
  /** [F] */
  clsFeature: Float32Array;
  predictions: Prediction[];
  /** Of the computation, without decoding the photo. */
  runMs: number;
}

export interface SmallestRequest extends AboutPhoto, SmallestPartQuestion, ByHead {}

export interface MeasureRequest extends AboutPhoto, MeasureQuestion, ByHead {}

export interface AttendRequest extends AboutPhoto, AttendQuestion {}

export interface InferenceVerbs {
  load(request: LoadRequest): Loaded;
  classify(request: ClassifyRequest): ClassifyAnswer;
  inspect(request: InspectRequest): Inspection;
  faithfulness(request: FaithfulnessRequest): FaithfulnessAnswer;
  /** Of texts, by the text tower of a model that has one, which need not be loaded. */
  embedTexts(request: TextsRequest): EmbeddedTexts;
  /** Answers once a chunk that is whole can be scored. `not-loaded`: parts before it were never seen. */
  addVectors(request: AddVectorsRequest): void;
  /**
   * Cosine of the query with every row of the chunks that are whole, rounded (models/search/graph.ts).
   * `not-loaded`: the set is not held (any more).
   */
  scoreVectors(request: ScoreVectorsRequest): { scores: Float32Array };
  /** `not-loaded`: vectors before these were never seen. */
  addAlike(request: AddAlikeRequest): void;
  /** Goes on for about a second; with the groups the set is let go. `not-loaded`: it is not held, or not whole. */
  stepAlike(request: { set: string }): AlikeStep;
  /** Lets a set go that nobody wants grouped any more; an unknown one is no error. */
  dropAlike(request: { set: string }): void;
  ablate(request: AblateRequest): AblatedAnswer;
  smallestPart(request: SmallestRequest): SmallestPart;
  measureMap(request: MeasureRequest): MeasuredPasses;
  attend(request: AttendRequest): Attended;
  providers(request: { modelFolder: string | null; measure: boolean }): ProviderReport[];
  /** Runs a model that is not installed yet, alone and in a batch. */
  tryOut(request: { modelFolder: string; batch: number | null }): Trial;
  /** The same pictures through an exported file and the model itself. */
  checkExport(request: CheckExportRequest): ExportDifference[];
  /** Frees the model; unknown handles are no error. */
  unload(request: { handle: string }): void;
}

/** What the library asks of the inference process. Stateless but for loaded models: it may be killed at any moment. */
import type { Head } from '../../models/heads/head.ts';
import type {
  FaithfulnessCurve,
  Inspection,
  MapMethod,
  Placement,
  Precision,
  PrecisionChoice,
  ProviderChoice,
  ProviderReport,
  SeenRegion,
  StoredMap,
  RolloutOptions,
} from './entities.ts';
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
}

export interface ClassifyRequest {
  handle: string;
  photos: ClassifyPhoto[];
  topK: number;
  /** Which map to store, [CLS] attention where the model can't give it; null: none. */
  map: MapMethod | null;
  /** Longest edge in pixels of the WebP thumbnail made from the same decode; null: none. */
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
  /** WebP. */
  thumbnail: Uint8Array | null;
}

export interface ClassifyAnswer {
  /** One a photo, in the order asked. */
  results: ({ ok: true; value: Classified } | { ok: false; error: Failure })[];
  placement: Placement;
  /** Milliseconds of this batch: sum of decode times over photos, wall time of the wait for decodes, of session.run. */
  timing: { decodeMs: number; waitMs: number; runMs: number };
}

export interface InspectRequest {
  handle: string;
  path: string;
  /** Whose contribution; null: the top-1 class. */
  classIndex: number | null;
  /** Explained instead: the label `index` of another head, whose logit is direction · feature + bias. */
  explained?: { direction: Float32Array; bias: number; index: number } | undefined;
  topK: number;
  /** Default: the mean of heads, nothing discarded. */
  rollout?: RolloutOptions;
}

export interface FaithfulnessRequest {
  handle: string;
  path: string;
  methods: (MapMethod | 'random')[];
  steps: number;
  /** Whose answer is followed and explained; default: the model's own. */
  head?: Head | undefined;
}

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
  /** Places of the texts that were longer than the model reads, and were cut. */
  cut: number[];
  /** Most tokens of a text. */
  positions: number;
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
export interface ExportDifference {
  name: string;
  /** From what the loaded model gives. */
  largest: number;
  /** Of what the loaded model gives. */
  magnitude: number;
}

export interface InferenceVerbs {
  load(request: LoadRequest): Loaded;
  classify(request: ClassifyRequest): ClassifyAnswer;
  inspect(request: InspectRequest): Inspection;
  faithfulness(request: FaithfulnessRequest): { classIndex: number; curves: FaithfulnessCurve[] };
  /** Of texts, by the text tower of a model that has one, which need not be loaded. */
  embedTexts(request: TextsRequest): EmbeddedTexts;
  providers(request: { modelFolder: string | null; measure: boolean }): ProviderReport[];
  /** Runs a model that is not installed yet, alone and in a batch. → outputs as its graph gives them, [C] each */
  tryOut(request: { modelFolder: string; batch: number | null }): Float32Array[];
  /** The same pictures through an exported file and the model itself. */
  checkExport(request: CheckExportRequest): ExportDifference[];
  /** Frees the model; unknown handles are no error. */
  unload(request: { handle: string }): void;
}

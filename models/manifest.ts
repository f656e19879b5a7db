/**
 * `model.json`: everything Saccade knows about an installed model. Nothing about a model is written
 * anywhere else in the code.
 */

/** Pillow's filters. */
export const interpolations = ['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] as const;
export type Interpolation = (typeof interpolations)[number];

/** A model's or a head's id, which is its folder's name. */
export const modelIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** How a photo becomes the model's input, in this order: resize, crop, divide by 255, subtract mean, divide by std. */
export interface Preprocessing {
  /**
   * - `shortest-edge`: scale so that the shorter side has `size` pixels, aspect ratio kept (torchvision, timm).
   * - `longest-edge`: scale so that the longer side has `size` pixels, then pad with the mean colour.
   * - `cover`: scale so that both sides reach `height` and `width`, aspect ratio kept (timm, where the input is no square).
   * - `exact`: scale to `height` × `width`, aspect ratio not kept (Hugging Face's ViTImageProcessor).
   */
  resize:
    | { mode: 'shortest-edge'; size: number }
    | { mode: 'longest-edge'; size: number }
    | { mode: 'cover'; height: number; width: number }
    | { mode: 'exact'; height: number; width: number };
  /** Pillow's filter of that name, support scaled when shrinking (antialiased). */
  interpolation: Interpolation;
  /** Centre crop in pixels after resizing; null: none. */
  crop: { height: number; width: number } | null;
  /** Per channel R, G, B, of values in 0 … 1. */
  mean: [number, number, number];
  std: [number, number, number];
}

/** One class. `name` is English; `names` holds it in other languages by BCP 47 tag. */
export interface Label {
  /** Stable name within the model: a WordNet id, or the name itself. */
  id: string;
  name: string;
  names?: Record<string, string>;
}

/** Of a class; one without a name, or with an empty one, is called by its number. */
export function labelAt(labels: readonly Label[], index: number): Label {
  const label = labels[index];
  return label?.name.trim() ? label : { ...label, id: label?.id || String(index), name: `class ${index}` };
}

/** Patches in the input, row by row; index = row · columns + column. */
export interface PatchGrid {
  rows: number;
  columns: number;
  /** Side of a patch in input pixels. */
  patchSize: number;
}

/** When to say "unsure" instead of naming a class. */
export interface Doubt {
  /** `max-probability`: unsure where the best calibrated probability is below; `energy`: where logsumexp(logits) is below. */
  method: 'max-probability' | 'energy';
  threshold: number;
}

export interface ModelManifest {
  format: 1;
  /** The folder's name: letters, digits, `.`, `_`, `-`. */
  id: string;
  /** Shown to people. */
  name: string;
  /** `vit`: our own graph over safetensors; `onnx`: a graph somebody else exported. */
  kind: 'vit' | 'onnx';
  /** For `vit`: the configuration `models/vit.ts` builds from (its type is VitConfig); for `onnx`: what was found. */
  architecture: Record<string, unknown> & { family: string };
  input: { height: number; width: number };
  /** Null where a model has no patches that could be drawn (a CNN). */
  grid: PatchGrid | null;
  preprocessing: Preprocessing;
  /** None: the model sees and does not name; heads do (models/heads). */
  labels: Label[];
  /**
   * What makes probabilities of the model's outputs. `softmax`: classes exclude each other; `sigmoid`: each class by
   * itself, any number of them may hold (multi-label); `none`: they are probabilities already, of classes that exclude
   * each other; `none-each`: the same of each class by itself. Absent: softmax.
   */
  outputActivation?: 'softmax' | 'sigmoid' | 'none' | 'none-each';
  /** Logits are divided by it before softmax; 1 where never fitted. */
  calibration: { temperature: number };
  /** Null: never unsure. */
  doubt: Doubt | null;
  parameters: number;
  licence: string | null;
  /** Where it came from: a URL, `owner/name@revision`, or a sentence. */
  source: string | null;
  weights: {
    /** Relative to the model's folder, in order; never absolute, never outside. */
    files: string[];
    dtype: 'F32' | 'F16' | 'BF16' | 'mixed';
    /** Lower-case hex SHA-256 over the files' bytes in order. */
    sha256: string;
    bytes: number;
  };
  /** A Markdown file in the folder, or null. */
  card: string | null;
}

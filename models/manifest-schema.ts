/** What model.json must look like before anything in it is believed. `architecture` is checked where it is built from. */
import { isAbsolute, normalize, sep } from 'node:path';
import { z } from 'zod';
import { interpolations, modelIdPattern } from './manifest-values.ts';

const count = z.int().min(1).max(1_000_000);
export const size = z.object({ height: count, width: count });
const channels = z.tuple([z.number(), z.number(), z.number()]);
const text = z.string().max(10_000);
/** Relative and inside. */
const file = text
  .min(1)
  .refine(
    (path) => !isAbsolute(path) && !normalize(path).split(sep).includes('..'),
    'a path inside the folder',
  );

export const preprocessing = z.object({
  /**
   * - `shortest-edge`: scale so that the shorter side has `size` pixels, aspect ratio kept (torchvision, timm).
   * - `longest-edge`: scale so that the longer side has `size` pixels, then pad with the mean colour.
   * - `cover`: scale so that both sides reach `height` and `width`, aspect ratio kept (timm, where the input is no square).
   * - `exact`: scale to `height` × `width`, aspect ratio not kept (Hugging Face's ViTImageProcessor).
   */
  resize: z.discriminatedUnion('mode', [
    z.object({ mode: z.literal('shortest-edge'), size: count }),
    z.object({ mode: z.literal('longest-edge'), size: count }),
    z.object({ mode: z.literal('cover'), ...size.shape }),
    z.object({ mode: z.literal('exact'), ...size.shape }),
  ]),
  /** Pillow's filter of that name, support scaled when shrinking (antialiased). */
  interpolation: z.enum(interpolations),
  /** Centre crop in pixels after resizing; null: none. */
  crop: size.nullable(),
  /** Per channel R, G, B, of values in 0 … 1. */
  mean: channels,
  std: channels.refine((values) => values.every((value) => value > 0), 'numbers above 0'),
});

export const label = z.object({
  /** Stable name within the model: a WordNet id, or the name itself. */
  id: text,
  /** English. */
  name: text,
  /** In other languages, by BCP 47 tag. */
  names: z.record(z.string(), text).optional(),
});

export const patchGrid = z.object({
  rows: count,
  columns: count,
  /** Side of a patch in input pixels. */
  patchSize: count,
});

export const doubt = z.object({
  /** `max-probability`: unsure where the best calibrated probability is below; `energy`: where logsumexp(logits) is below. */
  method: z.enum(['max-probability', 'energy']),
  threshold: z.number(),
});

/**
 * What makes probabilities of the model's outputs. `softmax`: classes exclude each other; `sigmoid`: each class by
 * itself, any number of them may hold (multi-label); `none`: they are probabilities already, of classes that exclude
 * each other; `none-each`: the same of each class by itself.
 */
export const outputActivation = z.enum(['softmax', 'sigmoid', 'none', 'none-each']);

/**
 * What an import takes by custom. `labels`: the names of ImageNet-1k, since there are 1000 classes; `resize`: how much of
 * the photo the crop keeps, too; `crop`: what is left over goes; `activation`: classes exclude each other.
 */
export const assumption = z.enum([
  'labels',
  'size',
  'mean',
  'std',
  'resize',
  'interpolation',
  'crop',
  'activation',
]);

export const manifestSchema = z.object({
  format: z.literal(1),
  /** The folder's name: letters, digits, `.`, `_`, `-`. */
  id: z.string().regex(modelIdPattern),
  /** Shown to people. */
  name: text,
  /** `vit`: our own graph over safetensors; `onnx`: a graph somebody else exported. */
  kind: z.enum(['vit', 'onnx']),
  /** For `vit`: the configuration `models/vit.ts` builds from (its type is VitConfig); for `onnx`: what was found. */
  architecture: z.looseObject({ family: text }),
  input: size,
  /** Null where a model has no patches that could be drawn (a CNN). */
  grid: patchGrid.nullable(),
  preprocessing,
  /** None: the model sees and does not name; heads do (models/heads). */
  labels: z.array(label),
  /** Absent: softmax. */
  outputActivation: outputActivation.optional(),
  /** What neither a file nor a person said, so that the usual was taken. Absent: nothing, or it was never noted. */
  assumed: z.array(assumption).optional(),
  /** Logits are divided by it before softmax; 1 where never fitted. */
  calibration: z.object({ temperature: z.number().positive() }),
  /** Null: never unsure. */
  doubt: doubt.nullable(),
  parameters: z.number().nonnegative(),
  licence: text.nullable(),
  /** Where it came from: a URL, `owner/name@revision`, or a sentence. */
  source: text.nullable(),
  weights: z.object({
    /** Relative to the model's folder, in order; never absolute, never outside. */
    files: z.array(file).min(1),
    dtype: z.enum(['F32', 'F16', 'BF16', 'mixed']),
    /** Lower-case hex SHA-256 over the files' bytes in order. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().nonnegative(),
  }),
  /** A Markdown file in the folder, or null. */
  card: file.nullable(),
});

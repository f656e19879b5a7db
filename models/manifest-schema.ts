/** What model.json must look like before anything in it is believed. `architecture` is checked where it is built from. */
import { isAbsolute, normalize, sep } from 'node:path';
import { z } from 'zod';
import { interpolations, modelIdPattern } from './manifest.ts';

const count = z.int().min(1).max(1_000_000);
const size = z.object({ height: count, width: count });
const channels = z.tuple([z.number(), z.number(), z.number()]);
const text = z.string().max(10_000);
/** Relative and inside. */
const file = text.min(1).refine((path) => !isAbsolute(path) && !normalize(path).split(sep).includes('..'), 'a path inside the folder'); // prettier-ignore

export const manifestSchema = z.object({
  format: z.literal(1),
  id: z.string().regex(modelIdPattern),
  name: text,
  kind: z.enum(['vit', 'onnx']),
  architecture: z.looseObject({ family: text }),
  input: size,
  grid: z.object({ rows: count, columns: count, patchSize: count }).nullable(),
  preprocessing: z.object({
    resize: z.discriminatedUnion('mode', [
      z.object({ mode: z.literal('shortest-edge'), size: count }),
      z.object({ mode: z.literal('longest-edge'), size: count }),
      z.object({ mode: z.literal('cover'), height: count, width: count }),
      z.object({ mode: z.literal('exact'), height: count, width: count }),
    ]),
    interpolation: z.enum(interpolations),
    crop: size.nullable(),
    mean: channels,
    std: channels.refine((values) => values.every((value) => value > 0), 'numbers above 0'),
  }),
  labels: z.array(z.object({ id: text, name: text, names: z.record(z.string(), text).optional() })),
  outputActivation: z.enum(['softmax', 'sigmoid', 'none', 'none-each']).optional(),
  calibration: z.object({ temperature: z.number().positive() }),
  doubt: z.object({ method: z.enum(['max-probability', 'energy']), threshold: z.number() }).nullable(),
  parameters: z.number().nonnegative(),
  licence: text.nullable(),
  source: text.nullable(),
  weights: z.object({
    files: z.array(file).min(1),
    dtype: z.enum(['F32', 'F16', 'BF16', 'mixed']),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().nonnegative(),
  }),
  card: file.nullable(),
});

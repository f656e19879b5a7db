/**
 * A head is data: a matrix that reads labels off a backbone's feature. `head.json` describes it, one safetensors file
 * holds `weight` [C, F] and `bias` [C], both F32. C rows: the labels in order, then "none of these" where there is one.
 */
import { z } from 'zod';
import { SaccadeError } from '../error.ts';
import { modelIdPattern } from '../manifest-values.ts';
import { label } from '../manifest-schema.ts';
import { report } from './report.ts';

const text = z.string().max(10_000);
const count = z.int().min(1).max(1_000_000);
/**
 * Until it is fitted: below one half the others together are likelier than the best. Of labels that each hold or don't,
 * none holds where none reaches one half.
 */
export const half = 0.5;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const headManifestSchema = z.object({
  format: z.literal(1),
  /** The folder's name: letters, digits, `.`, `_`, `-`. */
  id: z.string().regex(modelIdPattern),
  /** Shown to people. */
  name: text.min(1),
  /** Raised with each change of the weights: answers of an older version are stale. */
  version: count,
  /** `own`: what the model came with; `taught`: from examples; `written`: from texts. */
  kind: z.enum(['own', 'taught', 'written']),
  /** `linear`: x · wᵀ + b. `cosine`: scale · x/‖x‖ · wᵀ + b, with rows of length 1 (CLIP). */
  reads: z.discriminatedUnion('how', [
    z.object({ how: z.literal('linear') }),
    z.object({ how: z.literal('cosine'), scale: z.number().positive() }),
  ]),
  /** `one` of these labels (softmax), or `any` of them (a sigmoid each). */
  answers: z.enum(['one', 'any']),
  /** As in model.json; `names` by BCP 47 tag. */
  labels: z.array(label).min(1),
  /** Whether the last row stands for "none of these". */
  none: z.boolean(),
  /** Logits are divided by it; 1 where never fitted. */
  calibration: z.object({ temperature: z.number().positive() }),
  /** A photo is unsure below this confidence (`isUnsure` in apply.ts); null: never fitted, which is one half. */
  doubt: z
    .object({ threshold: z.number().min(0).max(1) })
    .nullable()
    .transform((fitted) => fitted ?? { threshold: half }),
  /** What it may be applied to. */
  fits: z.object({
    /** Id of the model, for people; it may have been removed or renamed. */
    model: text,
    /** SHA-256 of the model's weights, as in its model.json. */
    weights: sha256,
    /** Which vector of the model, in the words of the model's graph. */
    feature: text.min(1),
    /** F */
    length: count,
  }),
  /** Where it came from. */
  origin: z.discriminatedUnion('from', [
    z.object({ from: z.literal('model') }),
    z.object({
      from: z.literal('examples'),
      examples: z.int().nonnegative(),
      /** Penalty on the squared weights over standardised features, as chosen. */
      l2: z.number().nonnegative(),
      /** Null where nothing was held out, or what is written there is none. */
      report: report.nullable().catch(null),
    }),
    z.object({
      from: z.literal('texts'),
      /** `{}` stands for a phrase. */
      templates: z.array(text).min(1),
      /** Phrases of each label, in the labels' order. */
      phrases: z.array(z.array(text).min(1)),
      /** Phrases of "none of these"; empty where there is none. */
      none: z.array(text),
    }),
  ]),
  weights: z.object({ file: z.string().regex(/^[A-Za-z0-9._-]+\.safetensors$/), sha256 }),
});

export type HeadManifest = z.infer<typeof headManifestSchema>;
export type HeadFit = HeadManifest['fits'];

/** What computes; the manifest but for where it lies. */
export interface Head extends Omit<HeadManifest, 'weights' | 'format' | 'id' | 'version'> {
  /** [C, F] */
  weight: Float32Array;
  /** [C] */
  bias: Float32Array;
}

/** C: the labels, and "none of these" where there is one. */
export function rowsOf({ labels, none }: Pick<Head, 'labels' | 'none'>): number {
  return labels.length + (none ? 1 : 0);
}

/** @throws SaccadeError `head-of-another-model` */
export function checkFits({ name, fits }: Pick<Head, 'name' | 'fits'>, model: HeadFit): void {
  if (fits.weights !== model.weights)
    throw new SaccadeError(
      'head-of-another-model',
      `The head "${name}" was made for the model ${fits.model} and reads nothing of ${model.model}. Choose ${fits.model}, or teach the labels again with ${model.model}.`,
    );
  if (fits.feature !== model.feature || fits.length !== model.length)
    throw new SaccadeError(
      'head-of-another-model',
      `The head "${name}" reads ${fits.length} numbers of "${fits.feature}"; ${model.model} now gives ${model.length} of "${model.feature}". Teach the labels again.`,
    );
}

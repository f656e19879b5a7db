/** Where a model computes. */
import { z } from 'zod';
import { precision, providerName } from '../values.ts';
import { count } from './parts.ts';

/** What really runs, as reported by the inference process. */
export const placement = z.strictObject({
  provider: providerName,
  /** The operating system's name of the device, or "unknown". */
  device: z.string(),
  driver: z.string(),
  precision,
  /** Photos in one run. */
  batch: count,
  /** Sessions that share a run's photos, on the CPU; absent: one, with all threads. */
  streams: count.optional(),
  /** Nodes of the graph that the provider left to the CPU; 0 on the CPU itself, null when unknown. */
  nodesOnCpu: count.nullable(),
  /** Why this one: "asked for", or the sentence of the automatic choice. */
  reason: z.string(),
  /** What went otherwise than chosen, as a sentence for people: memory ran out, a provider failed. */
  fallback: z.string().optional(),
});
export type Placement = z.infer<typeof placement>;

export const providerReport = z.strictObject({
  provider: providerName,
  usable: z.boolean(),
  /** A sentence where it is not usable (missing library by name, wrong platform, wrong results). */
  reason: z.string().nullable(),
  device: z.string(),
  driver: z.string(),
  /** Measured with the model that was asked about; null: not measured yet. */
  photosPerSecond: z.number().nullable(),
  /** Largest absolute difference of logits against the CPU in fp32 on the built-in inputs. */
  parityError: z.number().nullable(),
  /** Nodes of the graph that the provider left to the CPU; null: not measured yet, or unknown. */
  nodesOnCpu: count.nullable().optional(),
});
export type ProviderReport = z.infer<typeof providerReport>;

/** How far a quick precision agrees with fp32 on the user's photos. */
export const precisionAgreement = z.strictObject({
  precision,
  /** Photos (contents) that both precisions have answered. */
  photos: count,
  agreed: count,
  /** Lower end of Wilson's 95 % interval of the share that agrees, 0 … 1. */
  lowerBound: z.number(),
  earned: z.boolean(),
});
export type PrecisionAgreement = z.infer<typeof precisionAgreement>;

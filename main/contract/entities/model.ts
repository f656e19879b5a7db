/** Models that are installed, and those that can be. */
import { z } from 'zod';
import {
  assumption,
  doubt,
  label,
  outputActivation,
  patchGrid,
  preprocessing,
} from '../../../models/manifest-schema.ts';
import { mapMethod } from '../values.ts';
import { count, licence, size, fraction } from './parts.ts';

const possible = z.strictObject({
  /** Outputs of the ONNX graph. */
  maps: z.array(mapMethod),
  /** As a folder that timm or transformers read. */
  weights: z.boolean(),
});

export const modelSummary = z.strictObject({
  id: z.string(),
  name: z.string(),
  family: z.string(),
  parameters: z.number(),
  input: size,
  grid: patchGrid.nullable(),
  classes: count,
  /** Labels can be written for it in words, and photos searched by them. */
  readsText: z.boolean(),
  /**
   * What can be written of it for other programs: with the labels it came with, and with a set of one's own (weights
   * with one that is taught). Null: nothing, it is an ONNX file of somebody else's.
   */
  exports: z.strictObject({ came: possible, others: possible }).nullable(),
  licence,
  bytes: z.number(),
  /** Ships with Saccade and can't be removed. */
  builtIn: z.boolean(),
});
export type ModelSummary = z.infer<typeof modelSummary>;

/** An installed model's folder that can't be read as one; it can be removed by its id. */
export const brokenModel = z.strictObject({
  id: z.string(),
  /** What is wrong: a sentence. */
  reason: z.string(),
});
export type BrokenModel = z.infer<typeof brokenModel>;

export const modelDetail = modelSummary.extend({
  source: z.string().nullable(),
  sha256: z.string(),
  preprocessing,
  temperature: z.number(),
  outputActivation,
  /** What no file and no person said when it was imported, so that the usual was taken. */
  assumed: z.array(assumption),
  doubt: doubt.nullable(),
  /** The card's Markdown, or null. */
  card: z.string().nullable(),
  /** The same in other languages, by BCP 47 tag. */
  cards: z.record(z.string(), z.string()),
  labels: z.array(label),
});
export type ModelDetail = z.infer<typeof modelDetail>;

/** Below what a model is unsure. */
export const modelDoubt = z.strictObject({
  /** As it came; null: never. */
  came: doubt.nullable(),
  /** The probability that a person set in place of that; null: none. */
  set: fraction.nullable(),
  /** Photos whose label it gives, and a person gave too; from `fewest` on the threshold can be fitted to them. */
  confirmed: count,
  fewest: count,
});
export type ModelDoubt = z.infer<typeof modelDoubt>;

/** A well-known checkpoint on the Hugging Face Hub that can be installed. Unknown is null, never guessed. */
export const catalogueEntry = z.strictObject({
  /** Short name to ask for it by. */
  id: z.string(),
  /** `owner/name` on the Hub. */
  repository: z.string(),
  /** Shown to people. */
  name: z.string(),
  family: z.string(),
  parameters: z.number().nullable(),
  input: size.nullable(),
  /** Side of a patch in input pixels. */
  patchSize: count.nullable(),
  classes: count.nullable(),
  /** ImageNet-1k validation accuracy in percent as published, and who says so. */
  top1: z.strictObject({ percent: z.number(), source: z.string() }).nullable(),
  licence,
  /** Bytes of the weights on the Hub. */
  bytes: z.number().nullable(),
  /** Addresses where the above was read. */
  sources: z.array(z.string()),
  /** Models installed here that came from this repository, by id. */
  installed: z.array(z.string()),
});
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** Of an output of an exported graph. */
export const exportDifference = z.strictObject({
  name: z.string(),
  /** From what the loaded model gives. */
  largest: z.number(),
  /** Of what the loaded model gives. */
  magnitude: z.number(),
});
export type ExportDifference = z.infer<typeof exportDifference>;

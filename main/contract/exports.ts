/** Verbs that write photos and their labels where other programs read them. */
import { z } from 'zod';
import { modelIdPattern } from '../../models/manifest.ts';
import type { ExportDifference } from './inference.ts';
import { selection } from './requests.ts';
import { id, mapMethod, path, precision } from './values.ts';
import { library } from './verb.ts';

/** By what a folder of Parquet files can be split. */
export const partition = z.enum(['label', 'status', 'year', 'model']);
export type Partition = z.infer<typeof partition>;
/** What is written only when asked for: it takes a hundred times what the rest takes. */
export const extra = z.enum(['features', 'maps']);
export type Extra = z.infer<typeof extra>;

const parquet = z.strictObject({
  format: z.literal('parquet'),
  /** A file, or a folder of files. */
  layout: z.enum(['file', 'folder']),
  with: z.array(extra).max(2).optional(),
  /** Of a folder: its files lie in folders that say it, `label=cat`. */
  partitionBy: partition.optional(),
  /** Of a folder: the most photos a file. */
  rowsPerFile: z.int().min(1).max(10_000_000).optional(),
});

export const exportTarget = z.discriminatedUnion('format', [parquet]);
export type ExportTarget = z.infer<typeof exportTarget>;

export interface ExportWritten {
  /** Absolute: the file, or the folder. */
  path: string;
  /** Photos that are in it. */
  photos: number;
  /** What else there is to know, as sentences. */
  notes: string[];
}

/** A model for other programs. */
export const modelExport = z.discriminatedUnion('format', [
  z.strictObject({
    format: z.literal('onnx'),
    /** Outputs beside logits, probabilities and feature. */
    maps: z.array(mapMethod).max(3).optional(),
    precision: precision.optional(),
    /** Of ONNX's operators. */
    opset: z.int().min(13).max(21).optional(),
  }),
  /** A folder, as timm or transformers read it: whichever has the backbone's names. */
  z.strictObject({ format: z.literal('safetensors') }),
]);
export type ModelExport = z.infer<typeof modelExport>;

export interface ExportedModel {
  /** Absolute. */
  path: string;
  /** Names: of the folder, or beside one another. */
  files: string[];
  inputs: { name: string; about: string }[];
  outputs: { name: string; about: string }[];
  /** Of ONNX: how far it is from the model itself on built-in pictures. */
  differences: ExportDifference[];
}

export const exportVerbs = {
  /** `path`: the file, or the folder, which must not be there yet. An ONNX file is run before it is put in place. */
  'models.export': library<ExportedModel>()(
    z.strictObject({
      modelId: z.string().regex(modelIdPattern),
      /** Whose labels; absent: what the model came with. */
      headId: id.optional(),
      path,
      as: modelExport,
    }),
  ),
  /** Writes a selection, in the order of paths, into a file or folder, which appears whole; nothing is written over but a file of that name. */
  'exports.write': library<ExportWritten>()(z.strictObject({ selection, path, target: exportTarget })),
};

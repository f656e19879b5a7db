/** Verbs that write photos and their labels where other programs read them. */
import { z } from 'zod';
import { selection } from './requests.ts';
import { path } from './values.ts';
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

export const exportVerbs = {
  /** Writes a selection, in the order of paths, into a file or folder, which appears whole; nothing is written over but a file of that name. */
  'exports.write': library<ExportWritten>()(z.strictObject({ selection, path, target: exportTarget })),
};

/** Verbs that write photos and their labels where other programs read them. */
import { z } from 'zod';
import { modelIdPattern } from '../../models/manifest-values.ts';
import { exportDifference } from './entities/model.ts';
import { count } from './entities/parts.ts';
import { act } from './entities/review.ts';
import { failure } from './failure.ts';
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

/** Whose labels: a person's, the model's where it is sure, or a person's where there are some and else the model's. */
const labels = z.enum(['person', 'model', 'both']).optional();

/** `labels.json` of FiftyOne, or COCO's JSON: one file that names the photos where they lie. */
const labelsFile = z.strictObject({ format: z.enum(['fiftyone', 'coco']), labels });

/** A folder with tasks and a labelling interface. */
const labelStudio = z.strictObject({
  format: z.literal('label-studio'),
  labels,
  /** The folder that Label Studio serves; absent: the deepest one above all photos. */
  root: path.optional(),
});

/** A folder with the photos and `metadata.jsonl`, as Hugging Face's datasets read it. */
const imageFolder = z.strictObject({
  format: z.literal('imagefolder'),
  labels,
  place: z.enum(['copy', 'hardlink', 'symlink']).optional(),
});

/** A page to send to somebody, or all photos on one PNG. */
const pictures = z.strictObject({
  format: z.enum(['report', 'contact-sheet']),
  /**
   * Over each photo. `evidence`: for the first label of the head in use, for which photos are looked at; `stored`: what
   * runs kept. Absent: evidence where a head is in use.
   */
  maps: z.enum(['evidence', 'stored', 'none']).optional(),
});

export const datasetFormat = z.enum(['fiftyone', 'label-studio', 'imagefolder', 'coco']);
export type DatasetFormat = z.infer<typeof datasetFormat>;

export const exportTarget = z.discriminatedUnion('format', [
  parquet,
  labelsFile,
  labelStudio,
  imageFolder,
  pictures,
]);
export type ExportTarget = z.infer<typeof exportTarget>;

export const exportWritten = z.strictObject({
  /** Absolute: the file, or the folder. */
  path: z.string(),
  /** Photos that are in it. */
  photos: z.int().nonnegative(),
  /** What else there is to know, as sentences. */
  notes: z.array(z.string()),
});
export type ExportWritten = z.infer<typeof exportWritten>;

export const labelsImported = z.strictObject({
  /** Null: nothing changed, or it was only tried. */
  act: act.nullable(),
  /** That the file names. */
  pictures: z.number(),
  /** Of these, without a label. */
  unlabelled: z.number(),
  /** Photos of the library that have labels there. */
  matched: z.number(),
  /** Photos whose words changed, or would. */
  changed: z.number(),
  /** Labels that nobody and no model in use has named before. */
  newLabels: z.array(z.string()),
  /** Pictures with labels that are no photo of the library: the first hundred. */
  unmatched: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
  unmatchedTotal: z.number(),
});
export type LabelsImported = z.infer<typeof labelsImported>;

/** A model for other programs. */
const modelExport = z.discriminatedUnion('format', [
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

const port = z.strictObject({ name: z.string(), about: z.string() });
export const exportedModel = z.strictObject({
  /** Absolute. */
  path: z.string(),
  /** Names: of the folder, or beside one another. */
  files: z.array(z.string()),
  inputs: z.array(port),
  outputs: z.array(port),
  /** Of ONNX: how far it is from the model itself on built-in pictures. */
  differences: z.array(exportDifference),
});
export type ExportedModel = z.infer<typeof exportedModel>;

/** An export of a model that a window began. */
export const modelExportStatus = z.strictObject({
  modelId: z.string(),
  /** Absolute. */
  path: z.string(),
  state: z.enum(['running', 'finished', 'failed', 'cancelled']),
  step: z.enum(['building', 'writing', 'checking']),
  /** Written so far, of `totalBytes`; both 0 before `writing`. */
  bytes: count,
  totalBytes: count,
  exported: exportedModel.nullable(),
  error: failure.nullable(),
});
export type ModelExportStatus = z.infer<typeof modelExportStatus>;

const modelExportRequest = z.strictObject({
  modelId: z.string().regex(modelIdPattern),
  /** Whose labels; absent: what the model came with. */
  headId: id.optional(),
  path,
  as: modelExport,
});
export type ModelExportRequest = z.infer<typeof modelExportRequest>;

export const exportVerbs = {
  /** Labels of another program's file, added to a person's words; one act. `dryRun`: only tells. */
  'labels.import': library<LabelsImported>()(
    z.strictObject({ path, format: datasetFormat, dryRun: z.boolean().optional() }),
  ),
  /** `path`: the file, or the folder, which must not be there yet. An ONNX file is run before it is put in place. */
  'models.export': library<ExportedModel>()(modelExportRequest),
  /** The same in the background, one at a time, over nothing that is there; `models.exporting` events follow. */
  'models.startExport': library<ModelExportStatus>()(modelExportRequest),
  /** Of what is not finished nothing is left. */
  'models.cancelExport': library<ModelExportStatus | null>()(z.strictObject({})),
  /** The export in hand, or the last one since the start. */
  'models.currentExport': library<ModelExportStatus | null>()(z.strictObject({})),
  /** Writes a selection, in the order of paths, into a file or folder, which appears whole; nothing is written over but a file of that name. */
  'exports.write': library<ExportWritten>()(z.strictObject({ selection, path, target: exportTarget })),
};

/** Verbs that write what the library knows where other programs read it: one at a time, tried first, taken back. */
import { z } from 'zod';
import { exportTarget } from './exports.ts';
import { selection } from './requests.ts';
import type { WritingStatus } from './entities/writing.ts';
import { id, path } from './values.ts';
import { library } from './verb.ts';

/** Which labels of a photo. */
export const labelChoice = z.strictObject({
  /** `any`: a person's where there are some, else the head's. */
  by: z.enum(['any', 'person']),
  /** All of the head's at least that likely; absent: the first, where the head is sure. */
  minProbability: z.number().min(0).max(1).optional(),
  /** Absent: the head in use; null: what the model came with. */
  headId: id.nullable().optional(),
  /** Of the names, where a label has several. */
  language: z.enum(['en', 'zh-CN']).optional(),
});
export type LabelChoice = z.infer<typeof labelChoice>;

const sidecarNaming = z.enum(['full', 'short']);
/** `full`: photo.jpg.xmp; `short`: photo.xmp. What is there already is kept to. */
export type SidecarNaming = z.infer<typeof sidecarNaming>;

export const keywordOptions = z.strictObject({
  naming: sidecarNaming,
  /** Above each label in lr:hierarchicalSubject, levels joined by `|`; empty: no such list. */
  root: z.string().max(200),
  rating: z.int().min(1).max(5).optional(),
  colour: z.string().trim().min(1).max(50).optional(),
  /** Keywords that Saccade wrote earlier stay, whether they are chosen now or not. */
  add: z.boolean().optional(),
});
export type KeywordOptions = z.infer<typeof keywordOptions>;

export const organiseOptions = z.strictObject({
  /** The folder that the template's folders are made in. */
  folder: path,
  template: z.string().max(1000),
  way: z.enum(['copy', 'hardlink', 'symlink', 'move']),
});
export type OrganiseOptions = z.infer<typeof organiseOptions>;

const writingTask = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keywords'), labels: labelChoice, ...keywordOptions.shape }),
  /** Everything that Saccade wrote is taken out again. */
  z.strictObject({ kind: z.literal('remove-keywords') }),
  /** A data set, a table, or a page: a file or folder. */
  z.strictObject({ kind: z.literal('export'), path, target: exportTarget }),
  /** Into JPEGs themselves, as IPTC keywords, by an installed exiftool. */
  z.strictObject({ kind: z.literal('iptc'), labels: labelChoice }),
  /** What Saccade wrote into JPEGs is taken out again. */
  z.strictObject({ kind: z.literal('remove-iptc') }),
  z.strictObject({ kind: z.literal('organise'), labels: labelChoice, ...organiseOptions.shape }),
]);
export type WritingTask = z.infer<typeof writingTask>;

const nothing = z.strictObject({});

export const writingVerbs = {
  /**
   * Starts it; `writing.progress` events follow. One at a time: `writing-active`. What is tried (`dryRun`) is let go for
   * what the same asker tries next, and for what is written. `asker`: a name by which a window knows its own.
   */
  'writing.start': library<WritingStatus>()(
    z.strictObject({
      selection,
      task: writingTask,
      dryRun: z.boolean(),
      asker: z.string().max(100).optional(),
    }),
  ),
  'writing.cancel': library<WritingStatus | null>()(nothing),
  /** The one in hand or the last one; null: none since the start. */
  'writing.status': library<WritingStatus | null>()(nothing),
  /** Takes the last one back: `writing.progress` events follow. */
  'writing.undo': library<WritingStatus>()(nothing),
};

/** What people say of photos, what is asked of them, and what follows from it. */
import { z } from 'zod';
import { share } from '../../../models/heads/report.ts';
import { label } from '../../../models/manifest-schema.ts';
import { failure } from '../failure.ts';
import { mostOfLabel } from '../label-length.ts';
import { id } from '../values.ts';
import { count, fraction, timeMs } from './parts.ts';
import { personWords, photoItem } from './photo.ts';
import { prediction } from './inspection.ts';

const name = z.string().trim().min(1).max(mostOfLabel);

export const personAct = z.discriminatedUnion('kind', [
  /** What the head in use says first is right. */
  /** What the head in use says first, and what holds beside it. */
  z.strictObject({ kind: z.literal('confirm') }),
  /** These and no others. */
  z.strictObject({ kind: z.literal('label'), labels: z.array(name).min(1).max(100) }),
  z.strictObject({ kind: z.literal('add'), label: name }),
  z.strictObject({ kind: z.literal('remove'), label: name }),
  /** It is not that; absent: not what the head in use says first. */
  z.strictObject({ kind: z.literal('reject'), label: name.optional() }),
  z.strictObject({ kind: z.literal('none') }),
  /** Takes every word back. */
  z.strictObject({ kind: z.literal('clear') }),
]);

/** `photos` it changed. A row is never changed: taking an act back is a row too, told here as `undone`. */
export const act = z.strictObject({
  id,
  atMs: timeMs,
  kind: z.enum([
    ...personAct.options.map(({ shape }) => shape.kind.value),
    'distinguish',
    'move',
    'trash',
    'teach-head',
    'write-head',
    'rename-head',
    'remove-head',
    'import',
    'save-search',
    'rename-search',
    'remove-search',
  ]),
  /** Labels, heads, searches or the folder that it is about, by name. */
  about: z.array(z.string()),
  photos: count,
  undone: z.boolean(),
  /** False: what the system's trash took and gives back to no program. */
  undoable: z.boolean(),
});
export type Act = z.infer<typeof act>;

/** Words of a search, as they are typed, under a name. */
export const savedSearch = z.strictObject({ id, name: z.string(), words: z.string() });
export type SavedSearch = z.infer<typeof savedSearch>;

/** A sidecar that stayed where it was, because it speaks of a file that stays too; what went has a copy of it, or none. */
const sharedSidecar = z.strictObject({ path: z.string(), with: z.string(), copied: z.boolean() });
export type SharedSidecar = z.infer<typeof sharedSidecar>;

/** A file that the system's trash is to take; `speaksOf`: of a sidecar, the photos without which it stays. */
export interface TrashedFile {
  path: string;
  speaksOf: string[];
}

export const moved = z.strictObject({
  /** Null: nothing was moved. */
  act: act.nullable(),
  /** Files that stayed where they were, with why. */
  failed: z.array(z.strictObject({ path: z.string(), error: failure })),
  shared: z.array(sharedSidecar),
});
export type Moved = z.infer<typeof moved>;

/** What the host is to give to the system's trash, and what stays where it is. */
export interface TrashBegun extends Pick<Moved, 'failed' | 'shared'> {
  batch: string;
  files: TrashedFile[];
}

export const queueKind = z.enum(['unsure', 'audit', 'disagreement', 'sample']);
export type QueueKind = z.infer<typeof queueKind>;

/** Whose word an audit doubts: the window's, the name of the folder, or the keywords of files and sidecars. */
export const auditBy = z.enum(['person', 'folder', 'keywords']);
export type AuditBy = z.infer<typeof auditBy>;

/** A photo to be looked at, and why. */
export const queueItem = z.strictObject({
  photo: photoItem,
  person: personWords,
  /** The likeliest labels of the head in use, nine at most. */
  suggestions: z.array(prediction),
  /** `audit`: what it is called and what it probably is. `disagreement`: what either head says. */
  against: z
    .strictObject({
      given: label,
      likely: label,
      givenProbability: fraction,
      likelyProbability: fraction,
    })
    .nullable(),
});
export type QueueItem = z.infer<typeof queueItem>;

/** Of photos drawn at random in an order of their own: the first of it that a person has judged, all of them. */
export const estimate = z.strictObject({
  /** How many there are to draw from: with this label, by the head in use, and without a person's other word. */
  population: count,
  judged: count,
  /** Null: nothing judged yet. */
  share: share.extend({ plusMinus: z.number() }).nullable(),
});
export type Estimate = z.infer<typeof estimate>;

const side = z.strictObject({ name: z.string(), labels: z.array(label) });
/** Rows by one, columns by the other: the labels that each gives to any photo compared. */
export const agreement = z.strictObject({
  /** Its number, for the filter `cell`. */
  comparison: count,
  rows: side,
  columns: side,
  /**
   * Most photos first, without empty ones; `rows.labels.length` is the row of photos of which it says nothing, and so
   * of columns. The filter `cell` finds the photos of one.
   */
  cells: z.array(z.strictObject({ row: count, column: count, photos: count })),
  /** Of photos that both speak of, where names are compared without case, in any language that a label has one in. */
  agree: share.nullable(),
});
export type Agreement = z.infer<typeof agreement>;

/** What is written where other programs read it. */
import { z } from 'zod';
import { failure } from '../failure.ts';
import { count } from './parts.ts';

const writingKind = z.enum(['keywords', 'remove-keywords', 'iptc', 'remove-iptc', 'organise', 'export']);

/** One file that is written. */
export const writtenItem = z.strictObject({
  /** As shown to people. */
  path: z.string(),
  /** `copy`, `hardlink`, `symlink` and `move`: `from` there. `back`: what was done is taken back. */
  does: z.enum(['create', 'change', 'delete', 'copy', 'hardlink', 'symlink', 'move', 'back', 'none']),
  from: z.string().nullable(),
  /** Keywords. */
  adds: z.array(z.string()),
  removes: z.array(z.string()),
  /** A person's rating or colour that was left. */
  kept: z.array(z.enum(['rating', 'label'])),
  error: failure.nullable(),
  /** Of a sidecar that is copied: a file that it speaks of too, and that stays. */
  staysWith: z.string().optional(),
  /** What else there is to know, as sentences. */
  notes: z.array(z.string()).optional(),
});
export type WrittenItem = z.infer<typeof writtenItem>;

export const writingStatus = z.strictObject({
  kind: writingKind,
  /** As it was asked for; null: nobody said. */
  asker: z.string().nullable(),
  /** Nothing is written. */
  dryRun: z.boolean(),
  state: z.enum(['running', 'finished', 'failed', 'cancelled']),
  done: count,
  total: count,
  /** Files that differ now, or would. */
  changed: count,
  failed: count,
  /** The first hundreds that change or fail. */
  items: z.array(writtenItem),
  /** It can be taken back by `writing.undo`. */
  canUndo: z.boolean(),
  error: failure.nullable(),
});
export type WritingStatus = z.infer<typeof writingStatus>;

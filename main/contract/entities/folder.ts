/** Folders, and what a scan leaves out of them. */
import { z } from 'zod';
import { id, leftOutKind } from '../values.ts';
import { count } from './parts.ts';

export const leftOutCount = z.strictObject({
  kind: leftOutKind,
  /** Of `other`: the ending without its dot, in lower case; else empty. */
  extension: z.string(),
  /** Files, and folders that were not looked into. */
  count,
});
export type LeftOutCount = z.infer<typeof leftOutCount>;

export const leftOutItem = z.strictObject({
  kind: leftOutKind,
  /** As shown to people; a folder's ends with a slash. */
  path: z.string(),
});
export type LeftOutItem = z.infer<typeof leftOutItem>;

export const folder = z.strictObject({
  id,
  parentId: id.nullable(),
  path: z.string(),
  name: z.string(),
  /** Photos in it and below it. */
  photos: count,
  children: count,
  /** False while it can't be found or read; `reason` says why. */
  available: z.boolean(),
  reason: z.string().nullable(),
  /** Files and folders in it and below it that the scan left out. */
  leftOut: count,
  /** What a person leaves out of it or takes in: patterns of .gitignore, one a line. */
  patterns: z.string(),
  /** Whether photos that come into it are classified by themselves; null: nobody has said. Of roots. */
  classifyNew: z.boolean().nullable(),
});
export type Folder = z.infer<typeof folder>;

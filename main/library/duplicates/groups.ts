/** Photos of groups of contents: which are there, which is the one to keep, and which a person told apart. */
import { join } from 'node:path';
import { bestCopy, type Copy } from '../../../models/search/duplicates.ts';
import type { Catalog } from '../catalog/database.ts';
import { pairOf } from '../catalog/perceptual.ts';
import type { Condition } from '../lists/condition.ts';
import type { RawGroup } from './compare.ts';

export interface GroupedFile extends Copy {
  path: string;
  contentId: number;
}

export interface GroupedPhoto extends GroupedFile {
  id: number;
}

/** Photos that a condition finds and that are there, in the order of their paths. */
export function filesOfPhotos(
  catalog: Catalog,
  { sql, values }: Condition,
): { id: number; path: string; contentId: number | null }[] {
  return catalog
    .all<{ id: number; folder: string; name: string; contentId: number | null }>(
      `SELECT photos.id, f.path AS folder, photos.name, photos.content_id AS contentId
       FROM photos JOIN folders f ON f.id = photos.folder_id
       WHERE photos.id IN (SELECT id FROM photos WHERE ${sql}) AND missing_ms IS NULL ORDER BY photos.path_key`,
      ...values,
    )
    .map(({ folder, name, ...rest }) => ({ ...rest, path: join(folder, name) }));
}

/** By content. */
export function photosOfContents(
  catalog: Catalog,
  contentIds: readonly number[],
  { sql, values }: Condition,
): Map<number, GroupedPhoto[]> {
  const rows = catalog.all<Omit<GroupedPhoto, 'path'> & { folder: string; name: string }>(
    `SELECT p.id, f.path AS folder, p.name, p.content_id AS contentId, p.bytes, p.modified_ms AS modified, c.width,
       c.height
     FROM json_each(?) wanted JOIN photos p ON p.content_id = wanted.value
     JOIN folders f ON f.id = p.folder_id JOIN contents c ON c.id = p.content_id
     WHERE p.missing_ms IS NULL AND p.id IN (SELECT id FROM photos WHERE ${sql}) ORDER BY p.path_key`,
    JSON.stringify(contentIds),
    ...values,
  );
  const found = new Map<number, GroupedPhoto[]>();
  for (const { folder, name, ...rest } of rows) {
    const photo = { ...rest, path: join(folder, name) };
    const others = found.get(photo.contentId);
    if (others) others.push(photo);
    else found.set(photo.contentId, [photo]);
  }
  return found;
}

/**
 * The files of a group in as many as a person told apart, each of two and more, the one to keep first.
 * @param distinct pairs of contents as `distinctAmong` gives them
 */
export function parted<File extends GroupedFile>(
  files: File[],
  kind: RawGroup['kind'],
  distinct: ReadonlySet<string>,
): File[][] {
  const parts: File[][] = [];
  const apart = (a: File, b: File) => distinct.has(pairOf(a.contentId, b.contentId).join(' '));
  for (const file of kind === 'same' ? bestFirst(files) : files) {
    const part = parts.find((others) => !others.some((other) => apart(other, file)));
    if (part) part.push(file);
    else parts.push([file]);
  }
  return parts.filter((part) => part.length > 1);
}

function bestFirst<File extends Copy>(files: File[]): File[] {
  const best = files[bestCopy(files)];
  return best ? [best, ...files.filter((file) => file !== best)] : [];
}

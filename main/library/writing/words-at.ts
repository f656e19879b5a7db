/** A person's words on the file at a path, which may be another photo since its folder was looked through last. */
import type { PersonWords } from '../../contract/entities/photo.ts';
import { photoAt } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import { contentRead } from '../catalog/path-contents.ts';
import { noWords, wordsOf } from '../catalog/person.ts';
import { photoById } from '../catalog/photos.ts';

/** Of a photo that was edited the words stay; one that has taken another's name brings its own. */
export async function wordsAt(catalog: Catalog, path: string): Promise<PersonWords> {
  const id = photoAt(catalog, path);
  if (id === null) return noWords;
  const own = wordsOf(catalog, [id]).get(id) ?? noWords;
  const { content_id: was } = photoById(catalog, id);
  const is = was === null ? null : await contentRead(catalog, path).catch(() => null);
  if (is === null || is === was) return own;
  const others = catalog.column<number>('SELECT id FROM photos WHERE content_id = ? AND id <> ?', is, id);
  if (!others.length) return own;
  // Of several of the same picture nothing tells which it was.
  return (others.length === 1 && wordsOf(catalog, others).get(others[0]!)) || noWords;
}

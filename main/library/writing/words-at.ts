/** A person's words on the file at a path, which may be another photo since its folder was looked through last. */
import type { PersonWords } from '../../contract/entities/photo.ts';
import { photoAt } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import { contentNow, setPathContent } from '../catalog/path-contents.ts';
import { noWords, wordsOf } from '../catalog/person.ts';
import { photoById } from '../catalog/photos.ts';
import { hashFile } from '../scan/hash.ts';

/** Null: it can't be read. */
async function contentIn(catalog: Catalog, path: string): Promise<number | null> {
  const known = await contentNow(catalog, path, 'as it was');
  if (known !== null) return known;
  const read = await hashFile(path).catch(() => null);
  return read && catalog.transaction(() => setPathContent(catalog, path, read));
}

/** Of a photo that was edited the words stay; one that has taken another's name brings its own. */
export async function wordsAt(catalog: Catalog, path: string): Promise<PersonWords> {
  const id = photoAt(catalog, path);
  if (id === null) return noWords;
  const own = wordsOf(catalog, [id]).get(id) ?? noWords;
  const { content_id: was } = photoById(catalog, id);
  const is = was === null ? null : await contentIn(catalog, path);
  if (is === null || is === was) return own;
  const others = catalog.column<number>('SELECT id FROM photos WHERE content_id = ? AND id <> ?', is, id);
  if (!others.length) return own;
  // Of several of the same picture nothing tells which it was.
  return (others.length === 1 && wordsOf(catalog, others).get(others[0]!)) || noWords;
}

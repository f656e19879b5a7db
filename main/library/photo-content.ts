/** The content of a photo of the library as its file lies there now. */
import { dirname } from 'node:path';
import { contentNow, setPathContent } from './catalog/path-contents.ts';
import { photoById, photoPath } from './catalog/photos.ts';
import type { Core } from './core.ts';
import { hashFile } from './scan/hash.ts';

/** Hashed now where it never was or the file has changed; of one that holds something else its folder is looked at. */
export async function contentOfPhoto({ catalog, folders }: Core, photoId: number) {
  const photo = photoById(catalog, photoId);
  const path = photoPath(catalog, photo);
  let contentId = await contentNow(catalog, path, 'as it was');
  if (contentId === null) {
    const file = await hashFile(path);
    contentId = catalog.transaction(() => setPathContent(catalog, path, file));
  }
  if (photo.content_id !== null && photo.content_id !== contentId) folders.lookAt(dirname(path));
  return { contentId, path };
}

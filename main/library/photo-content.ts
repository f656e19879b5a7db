/** The content of a photo of the library as its file lies there now. */
import { dirname } from 'node:path';
import { contentRead } from './catalog/path-contents.ts';
import { photoById, photoPath } from './catalog/photos.ts';
import type { Core } from './core.ts';

/** Of a file that holds something else than it did the folder is looked at. */
export async function contentOfPhoto({ catalog, folders }: Core, photoId: number) {
  const photo = photoById(catalog, photoId);
  const path = photoPath(catalog, photo);
  const contentId = await contentRead(catalog, path);
  if (photo.content_id !== null && photo.content_id !== contentId) folders.lookAt(dirname(path));
  return { contentId, path };
}

/** Pictures of photos, and where they lie: for hosts, which show and open them. */
import { existsSync } from 'node:fs';
import { SaccadeError } from '../../../models/error.ts';
import { pictureType } from '../../decode/picture.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import { shownName, systemPath } from '../../file-names.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { contentOf, setContent } from '../catalog/contents.ts';
import { contentNow } from '../catalog/path-contents.ts';
import { pathOf, photoById, photoPath } from '../catalog/photos.ts';
import type { Core } from '../core.ts';
import { hashFile } from '../scan/hash.ts';
import type { LibraryState } from '../state.ts';

const typed = (bytes: Uint8Array) => ({ bytes, type: pictureType(bytes) });

/** The content of a photo, hashed now where it never was or the file has changed. */
async function contentOfPhoto({ catalog, changes }: Core, photoId: number) {
  const photo = photoById(catalog, photoId);
  const path = photoPath(catalog, photo);
  const known = await contentNow(catalog, path, 'as it was');
  if (known !== null) return { contentId: known, path };
  const file = await hashFile(path);
  const contentId = catalog.transaction(() => {
    const id = contentOf(catalog, file.hash);
    setContent(catalog, photoId, file, id);
    return id;
  });
  if (photo.content_id !== null && photo.content_id !== contentId) changes.note('photos', 'labels');
  return { contentId, path };
}

export function pictureVerbs({ core }: LibraryState) {
  const make = (work: () => Promise<Uint8Array>, signal: AbortSignal) => {
    const { turns } = core().thumbnails;
    return turns.urgently(() => turns.run(async () => typed(await work()), { signal }));
  };

  return {
    'internal.thumbnail': ({ photoId }, { signal }) =>
      make(async () => {
        const { contentId, path } = await contentOfPhoto(core(), photoId);
        return core().thumbnails.thumbnail(contentId, path);
      }, signal),
    'internal.rendition': ({ photoId, edge }, { signal }) =>
      make(async () => {
        const { contentId, path } = await contentOfPhoto(core(), photoId);
        return core().thumbnails.rendition(contentId, path, edge);
      }, signal),
    'internal.path': ({ photoId }) => {
      const path = pathOf(core().catalog, photoId);
      if (!existsSync(systemPath(path)))
        throw new SaccadeError('missing-file', `${shownName(path)} is not there any more.`);
      if (typeof systemPath(path) !== 'string')
        throw new SaccadeError(
          'invalid-name',
          `Expected a name in UTF-8 to hand to another program; "${shownName(path)}" is none. Rename it.`,
        );
      return { path };
    },
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

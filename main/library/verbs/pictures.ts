/** Pictures of photos, and where they lie: for hosts, which show and open them. */
import { existsSync } from 'node:fs';
import { SaccadeError } from '../../../models/error.ts';
import { pictureType } from '../../decode/picture.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import { shownName, systemPath } from '../../file-names.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { pathOf } from '../catalog/photos.ts';
import { contentOfPhoto } from '../photo-content.ts';
import type { LibraryState } from '../state.ts';

const typed = (bytes: Uint8Array) => ({ bytes, type: pictureType(bytes) });

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

import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { photosLike } from '../search/like.ts';
import { searchWords } from '../labels/words.ts';
import type { Moved } from '../../contract/entities/review.ts';
import type { LibraryState } from '../state.ts';

export function searchVerbs(library: LibraryState) {
  const { core } = library;
  const told = (moved: Moved): Moved => {
    core().filesMoved();
    return moved;
  };

  return {
    'photos.like': (request, { signal }) => photosLike(core(), request, signal),
    'photos.searchWords': (request, { signal }) => searchWords(library, request, signal),
    'duplicates.find': ({ filter = {} }) => core().duplicates.find(filter),
    'duplicates.cancel': () => core().duplicates.cancel(),
    'duplicates.status': () => core().duplicates.status(),
    'duplicates.groups': (request) => core().duplicates.groups(request),
    'duplicates.distinguish': ({ photoIds }) => ({ act: core().duplicates.distinguish(photoIds) }),
    'internal.duplicates': async ({ paths, alike }, { signal }) => {
      const { duplicates, teaching } = core();
      const keyId = alike ? (await teaching.lookAt(paths, signal)).keyId : null;
      return duplicates.among(paths, keyId, signal);
    },
    'photos.move': async ({ folder, ...chosen }) => told(await core().moves.toFolder(chosen, folder)),
    'internal.trash': async (chosen) => told(await core().moves.toTrash(chosen)),
    'internal.trashBegin': (chosen) => core().moves.begin(chosen),
    'internal.trashEnd': ({ batch }) => {
      const act = core().moves.end(batch);
      core().filesMoved();
      return { act };
    },
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { photosLike } from '../labels/like.ts';
import { searchWords } from '../labels/words.ts';
import type { LibraryState } from '../state.ts';
import { notYet } from './heads.ts';

export function searchVerbs(library: LibraryState) {
  const { core } = library;
  return {
    'photos.like': (request) => photosLike(core().catalog, request),
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
    'photos.move': notYet('Moving photos'),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

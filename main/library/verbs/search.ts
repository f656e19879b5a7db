import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { photosLike } from '../labels/like.ts';
import type { LibraryState } from '../state.ts';
import { notYet } from './heads.ts';

export function searchVerbs({ core }: LibraryState) {
  return {
    'photos.like': (request) => photosLike(core().catalog, request),
    'photos.searchWords': notYet('Search by words'),
    'duplicates.find': notYet('Duplicates'),
    'duplicates.cancel': notYet('Duplicates'),
    'duplicates.groups': notYet('Duplicates'),
    'duplicates.distinguish': notYet('Duplicates'),
    'photos.move': notYet('Moving photos'),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { goneOf } from '../catalog/photos.ts';
import { reviewAct } from '../labels/review.ts';
import { exportPhotos } from '../lists/export.ts';
import { keywordFacets } from '../lists/keyword-facets.ts';
import { photoFacets } from '../lists/facets.ts';
import { countPhotos } from '../lists/counts.ts';
import { conditionOf } from '../lists/filter.ts';
import { photoDetail } from '../lists/items.ts';
import { photoPage, photoPosition } from '../lists/page.ts';
import { periodsOf } from '../lists/periods.ts';
import { placesOf } from '../lists/places.ts';
import { suggest } from '../lists/suggest.ts';
import type { LibraryState } from '../state.ts';

export function photoVerbs({ core }: LibraryState) {
  const catalog = () => core().catalog;
  return {
    'photos.page': (request) => {
      core().keptWords.wake();
      return photoPage(catalog(), request);
    },
    'photos.get': ({ photoId }) => photoDetail(catalog(), photoId, core().settings().topK),
    'photos.gone': ({ ids }) => ({ ids: goneOf(catalog(), ids) }),
    'photos.position': ({ photoId, filter, sort }) => ({
      at: photoPosition(catalog(), photoId, filter, sort),
    }),
    'photos.count': ({ filter }) => ({ total: countPhotos(catalog(), conditionOf(catalog(), filter)) }),
    'photos.facets': (request) => photoFacets(catalog(), request),
    'photos.months': ({ filter }) => ({
      items: periodsOf(catalog(), conditionOf(catalog(), filter), 'month'),
    }),
    'photos.places': (request) => placesOf(catalog(), request),
    'photos.suggest': ({ word, limit }) => ({ items: suggest(catalog(), word, limit) }),
    'photos.keywords': ({ filter, search, limit }) => ({
      items: keywordFacets(catalog(), filter, search, limit),
    }),
    'photos.setOwnLabel': ({ selection, label }) => {
      reviewAct(catalog(), {
        selection,
        act: label === null ? { kind: 'clear' } : { kind: 'label', labels: [label] },
      });
      core().wordsChanged();
      return null;
    },
    'photos.export': (request) => exportPhotos(catalog(), request, core().settings().topK),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

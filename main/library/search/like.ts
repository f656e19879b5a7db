/** Photos by how near their features are to others', or to a direction, best first. */
import { queryOf } from '../../../models/search/nearest.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { SearchResult } from '../../contract/entities/likeness.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import { shownKeyId } from '../catalog/shown.ts';
import { conditionOf } from '../lists/filter.ts';
import { selected } from '../lists/page.ts';
import { ranked } from './ranked.ts';
import type { SearchScores } from './scores.ts';

export interface Asked {
  keyId: number;
  /** [F], of any length but 0. */
  query: ArrayLike<number>;
  filter: PhotoFilter;
  /** Ids of photos that are no answer. */
  except?: readonly number[];
  top: number;
}

export interface Searched {
  catalog: Catalog;
  searchScores: SearchScores;
}

export async function nearest(
  { catalog, searchScores }: Searched,
  { keyId, query, filter, except = [], top }: Asked,
  signal?: AbortSignal,
): Promise<SearchResult> {
  const direction = queryOf({ data: Float32Array.from(query), length: query.length }, [0]);
  const scores = await searchScores.of(keyId, direction, signal);
  return ranked(catalog, scores, direction, conditionOf(catalog, filter), except, top);
}

/** @throws SaccadeError `no-results` where no photo of the selection is known */
export async function photosLike(
  searched: Searched,
  { selection, filter = {}, top }: Request<'photos.like'>,
  signal?: AbortSignal,
): Promise<SearchResult> {
  const { catalog } = searched;
  const keyId = shownKeyId(catalog);
  const { sql, values } = selected(catalog, selection);
  const photos = catalog.all<{ id: number; content: number | null }>(
    `SELECT id, content_id AS content FROM photos WHERE ${sql}`,
    ...values,
  );
  const contents = photos.flatMap(({ content }) => content ?? []);
  const features = keyId === null ? null : featuresOf(catalog, keyId, contents);
  if (keyId === null || !features?.rows.size)
    throw new SaccadeError(
      'no-results',
      'Expected photos whose features are known to be looked like; found none. Classify them first.',
    );
  const query = queryOf(features, [...features.rows.values()]);
  const except = photos
    .filter(({ content }) => content !== null && features.rows.has(content))
    .map(({ id }) => id);
  return nearest(searched, { keyId, query, filter, except, top }, signal);
}

/** Photos of the library that have this content. */
export const photosWith = (catalog: Catalog, contentId: number): number[] =>
  catalog.all<{ id: number }>('SELECT id FROM photos WHERE content_id = ?', contentId).map(({ id }) => id);

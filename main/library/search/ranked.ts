/** Photos of a condition by their scores: the best of them, scored again in float, and how all are distributed. */
import { best, rescore } from '../../../models/search/nearest.ts';
import type { SearchResult } from '../../contract/entities/likeness.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import type { Condition } from '../lists/condition.ts';
import { itemsOf } from '../lists/items.ts';
import type { Scores } from './scores.ts';
import type { SearchRows } from './search-rows.ts';

const steps = 50;
/** Scored again besides those asked for: scores of eight bits may put the truly next ones that far behind. */
const spare = 100;

/** Photos that are compared. */
interface Scope {
  /** How many of them each row is. */
  photosAt: Uint32Array;
  compared: number;
  unknown: number;
}

/** Counting a million photos takes as long as a search, so the last count is kept while nothing in the catalog changes. */
const counted = new WeakMap<SearchRows, { asked: string; scope: Scope }>();

function scopeOf(catalog: Catalog, rows: SearchRows, { sql, values }: Condition): Scope {
  const version = catalog.one<object>(
    'SELECT total_changes() AS here, data_version AS elsewhere FROM pragma_data_version',
  );
  const asked = JSON.stringify([sql, values, rows.count, version]);
  const known = counted.get(rows);
  if (known?.asked === asked) return known.scope;
  const scope: Scope = { photosAt: new Uint32Array(rows.count), compared: 0, unknown: 0 };
  const found = catalog.all<{ id: number | null; n: number }>(
    `SELECT content_id AS id, count(*) AS n FROM photos WHERE ${sql} GROUP BY content_id`,
    ...values,
  );
  for (const { id, n } of found) {
    const row = id === null ? -1 : rows.rowOf(id);
    if (row >= 0) scope.photosAt[row] = n;
    scope[row >= 0 ? 'compared' : 'unknown'] += n;
  }
  counted.set(rows, { asked, scope });
  return scope;
}

/** Without some photos, which are what is asked by. */
function without(scope: Scope, rows: SearchRows, contents: readonly (number | null)[]): Scope {
  if (contents.length === 0) return scope;
  const photosAt = scope.photosAt.slice();
  let { compared, unknown } = scope;
  for (const id of contents) {
    const row = id === null ? -1 : rows.rowOf(id);
    if (row < 0) unknown--;
    else if (photosAt[row]) {
      photosAt[row]--;
      compared--;
    }
  }
  return { photosAt, compared, unknown };
}

/**
 * @param query of length 1
 * @param condition which photos are compared
 * @param except ids of photos that meet the condition and are left out all the same
 */
export function ranked(
  catalog: Catalog,
  { rows, scores }: Scores,
  query: Float32Array,
  condition: Condition,
  except: readonly number[],
  top: number,
): SearchResult {
  const left = catalog.all<{ id: number; content: number | null }>(
    `SELECT id, content_id AS content FROM photos
     WHERE id IN (SELECT value FROM json_each(?)) AND ${condition.sql}`,
    JSON.stringify(except),
    ...condition.values,
  );
  const whole = scopeOf(catalog, rows, condition);
  const { photosAt, compared, unknown } = without(
    whole,
    rows,
    left.map(({ content }) => content),
  );
  const among = scores.map((score, row) => (photosAt[row] ? score : -Infinity));
  const candidates = Array.from(best(among, top + spare).rows).filter((row) => photosAt[row]);
  const nearest = scoredAgain(catalog, rows, query, candidates);
  const photos = photosOf(catalog, [...nearest.keys()], condition, new Set(except));
  const found = photos
    .map(({ id, content }) => ({ id, score: nearest.get(content)! }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
  const some = new Map(found.slice(0, top).map(({ id, score }) => [id, score]));
  return {
    items: itemsOf(catalog, [...some.keys()]).map((photo) => ({ photo, score: some.get(photo.id)! })),
    compared,
    unknown,
    distribution: distributed(among, photosAt, found[0]?.score ?? 0),
    notes: [],
  };
}

/** Content → cosine in float. */
function scoredAgain(
  catalog: Catalog,
  rows: SearchRows,
  query: Float32Array,
  candidates: readonly number[],
): Map<number, number> {
  const features = featuresOf(
    catalog,
    rows.keyId,
    candidates.map((row) => rows.contentAt(row)),
  );
  const contents = [...features.rows.keys()];
  const again = rescore(query, features, contents.keys(), contents.length);
  return new Map(Array.from(again.rows, (at, i) => [contents[at]!, again.scores[i]!]));
}

function photosOf(
  catalog: Catalog,
  contents: readonly number[],
  { sql, values }: Condition,
  except: ReadonlySet<number>,
): { id: number; content: number }[] {
  return catalog
    .all<{ id: number; content: number }>(
      `SELECT id, content_id AS content FROM photos
       WHERE content_id IN (SELECT value FROM json_each(?)) AND ${sql}`,
      JSON.stringify(contents),
      ...values,
    )
    .filter(({ id }) => !except.has(id));
}

/** @param most the best score, in float */
function distributed(
  scores: Float32Array,
  photosAt: Uint32Array,
  most: number,
): SearchResult['distribution'] {
  let least = most;
  for (const score of scores) if (score < least && score > -Infinity) least = score;
  const counts = new Array<number>(steps).fill(0);
  const step = (most - least) / steps || 1;
  // By places: a million pairs of place and score would be made otherwise.
  for (let row = 0; row < scores.length; row++)
    if (photosAt[row])
      counts[Math.min(steps - 1, Math.floor((scores[row]! - least) / step))]! += photosAt[row]!;
  return { least, most, counts };
}

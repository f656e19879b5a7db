/** How many photos of a list were taken where, by squares of the map. */
import type { GeoBox, PlaceCount } from '../../contract/entities/place.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import { inSet, type IdSet } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { cellsWide, levelFor, squaresOver, wholeMap } from '../catalog/map-cells.ts';
import type { Condition } from './condition.ts';
import { conditionOf } from './filter.ts';
import { countsOf } from './further.ts';
import { remembered } from './remembered.ts';
import { setOf } from './sets.ts';

/** Squares that are counted for one answer. */
const mostSquares = 4096;

/** A square's photos, the middle of them, and what is around them: south, west, north, east. */
type Counted = [
  photos: number,
  latitude: number,
  longitude: number,
  ...around: [number, number, number, number],
];

export function placesOf(catalog: Catalog, request: Request<'photos.places'>): Answer<'photos.places'> {
  const box = request.box ?? wholeMap;
  const level = levelFor(box, request.level, mostSquares);
  const condition = conditionOf(catalog, request.filter);
  const about = ['places of', condition.sql, condition.values, level, box];
  return { level, items: remembered(catalog, about, () => counted(catalog, condition, box, level)) };
}

/**
 * The index has the photos of a square side by side: each is passed once, and no row is read. All squares are asked for
 * at once, because the bytes of a set are made anew for each statement.
 */
function counted(catalog: Catalog, condition: Condition, box: GeoBox, level: number): PlaceCount[] {
  const among = photosOf(catalog, condition);
  if (among) catalog.sets.use(among);
  const sql = `SELECT (SELECT json_array(count(*), avg(latitude), avg(longitude), min(latitude), min(longitude), max(latitude),
        max(longitude))
      FROM captures INDEXED BY captures_by_cell
      WHERE cell >= square.value AND cell < square.value + ? ${among ? `AND ${inSet('photo_id')}` : ''})
    FROM json_each(?) AS square`;
  const squares = JSON.stringify(squaresOver(box, level));
  return catalog
    .column<string>(sql, cellsWide(level), ...(among ? [among.number] : []), squares)
    .map((text) => JSON.parse(text) as Counted)
    .filter(([photos]) => photos > 0)
    .map(([photos, latitude, longitude, south, west, north, east]) => ({
      photos,
      latitude,
      longitude,
      box: { south, west, north, east },
    }));
}

/** Null: all there are. */
function photosOf(catalog: Catalog, { sql, values, kept }: Condition): IdSet | null {
  const whole: Kept = { sql: 'folder_id = 0', values: [], further: false };
  if (kept && countAll(catalog, kept) === countAll(catalog, whole)) return null;
  return setOf(catalog, `SELECT id FROM photos WHERE ${sql}`, values);
}

type Kept = NonNullable<Condition['kept']>;

const countAll = (catalog: Catalog, { sql, values, further }: Kept): number =>
  catalog.one<{ n: number }>(
    `SELECT coalesce(sum(photos), 0) AS n FROM ${countsOf(further)} WHERE ${sql}`,
    ...values,
  )!.n;

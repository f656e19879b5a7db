/** How many photos of a list were taken where, by squares of the map. */
import type { GeoBox, PlaceCount } from '../../contract/entities/place.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import { addIds, bitsFor, idsOfAll, type IdSet } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { cellsWide, levelFor, squaresOver, wholeMap } from '../catalog/map-cells.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { conditionOf, type Condition } from './filter.ts';
import { remembered } from './remembered.ts';

/** Squares that are counted for one answer. */
const mostSquares = 4096;

interface CountRow {
  photos: number;
  latitude: number;
  longitude: number;
  south: number;
  west: number;
  north: number;
  east: number;
}

export function placesOf(catalog: Catalog, request: Request<'photos.places'>): Answer<'photos.places'> {
  const box = request.box ?? wholeMap;
  const level = levelFor(box, request.level, mostSquares);
  const condition = conditionOf(catalog, request.filter);
  const about = ['places of', condition.sql, condition.values, level, box];
  return { level, items: remembered(catalog, about, () => counted(catalog, condition, box, level)) };
}

/** The index has the photos of a square side by side: each is passed once, and no row is read. */
function counted(catalog: Catalog, condition: Condition, box: GeoBox, level: number): PlaceCount[] {
  const among = photosOf(catalog, condition);
  if (among) catalog.sets.use(among);
  const sql = `SELECT count(*) AS photos, avg(latitude) AS latitude, avg(longitude) AS longitude, min(latitude) AS south,
      min(longitude) AS west, max(latitude) AS north, max(longitude) AS east
    FROM captures INDEXED BY captures_by_cell
    WHERE cell >= ? AND cell < ? ${among ? 'AND in_set(?, photo_id)' : ''}`;
  const items: PlaceCount[] = [];
  for (const first of squaresOver(box, level)) {
    const row = catalog.one<CountRow>(sql, first, first + cellsWide(level), ...(among ? [among.number] : []));
    if (!row?.photos) continue;
    const { photos, latitude, longitude, ...around } = row;
    items.push({ photos, latitude, longitude, box: around });
  }
  return items;
}

/** Null: all there are. */
function photosOf(catalog: Catalog, { sql, values, kept }: Condition): IdSet | null {
  if (kept && countAll(catalog, kept) === countAll(catalog, { sql: 'folder_id = 0', values: [] }))
    return null;
  return remembered(catalog, ['those', sql, values], () => {
    const bits = bitsFor(lastPhoto(catalog));
    addIds(bits, idsOfAll(catalog, `SELECT id FROM photos WHERE ${sql}`, ...values));
    return catalog.sets.make(bits);
  });
}

const countAll = (catalog: Catalog, { sql, values }: { sql: string; values: unknown[] }): number =>
  catalog.one<{ n: number }>(
    `SELECT coalesce(sum(photos), 0) AS n FROM photo_counts WHERE ${sql}`,
    ...values,
  )!.n;

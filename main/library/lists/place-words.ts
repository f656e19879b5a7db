/** Photos that were taken within a box or near a point, as a set. */
import type { GeoBox } from '../../contract/entities/place.ts';
import { addIds, bitsFor, type IdSet } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { cellsWide, finest, levelFor, squaresOver } from '../catalog/map-cells.ts';
import { remembered } from './remembered.ts';

interface Part {
  sql: string;
  values: unknown[];
}

/** Kilometres, of a sphere as large as the earth. */
const radius = 6371.0088;
/** Squares that a box is looked for in: more follow its edges closer, fewer are found faster. */
const mostSquares = 64;

const inBox = ({ south, west, north, east }: GeoBox): Part => ({
  sql: `latitude BETWEEN ? AND ? AND ${west <= east ? 'longitude BETWEEN ? AND ?' : '(longitude >= ? OR longitude <= ?)'}`,
  values: [south, north, west, east],
});

const inTurn = (longitude: number): number => ((((longitude + 180) % 360) + 360) % 360) - 180;

/** Around a circle: https://en.wikipedia.org/wiki/Spherical_law_of_cosines, of which the poles are an exception. */
function around(latitude: number, longitude: number, kilometres: number): GeoBox {
  const reach = (kilometres / radius) * (180 / Math.PI);
  const [south, north] = [Math.max(-90, latitude - reach), Math.min(90, latitude + reach)];
  const sine = Math.sin(kilometres / radius) / Math.cos((latitude * Math.PI) / 180);
  if (north === 90 || south === -90 || !(sine < 1)) return { south, west: -180, north, east: 180 };
  const aside = Math.asin(sine) * (180 / Math.PI);
  return { south, west: inTurn(longitude - aside), north, east: inTurn(longitude + aside) };
}

/** `20km` or `500m` as kilometres; NaN: it is no distance. */
function distance(text: string): number {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)\s*(km|m|公里|千米|米)$/u.exec(text.normalize('NFKC').toLowerCase()) ?? []; // prettier-ignore
  return Number(figure) / (unit === 'm' || unit === '米' ? 1000 : 1);
}

const isLatitude = (degrees: number) => Math.abs(degrees) <= 90;
const isLongitude = (degrees: number) => Math.abs(degrees) <= 180;

/**
 * South, west, north and east in degrees; or latitude, longitude and how far from there. A box over the date line has
 * its west east of its east. Null: it is neither.
 */
function placeOf(values: readonly string[]): { box: GeoBox; condition: Part } | null {
  if (values.length === 3) {
    const [latitude, longitude, far] = [Number(values[0]), Number(values[1]), distance(values[2]!)];
    if (!isLatitude(latitude) || !isLongitude(longitude) || !(far > 0)) return null;
    const box = around(latitude, longitude, far);
    const within = inBox(box);
    const near = `sin(radians(latitude - ?) / 2) * sin(radians(latitude - ?) / 2) + cos(radians(?)) * cos(radians(latitude))
      * sin(radians(longitude - ?) / 2) * sin(radians(longitude - ?) / 2) <= ?`;
    const chord = Math.sin(Math.min(far / radius, Math.PI) / 2) ** 2;
    return {
      box,
      condition: {
        sql: `${within.sql} AND ${near}`,
        values: [...within.values, latitude, latitude, latitude, longitude, longitude, chord],
      },
    };
  }
  const [south = NaN, west = NaN, north = NaN, east = NaN] = values.map(Number);
  const known = values.length === 4 && [south, north].every(isLatitude) && [west, east].every(isLongitude);
  if (!known || south > north) return null;
  const box = { south, west, north, east };
  return { box, condition: inBox(box) };
}

/** @param values of a word `place:` */
export function photosPlaced(catalog: Catalog, values: readonly string[]): IdSet {
  return remembered(catalog, ['placed', values], () => {
    const bits = bitsFor(lastPhoto(catalog));
    const place = placeOf(values);
    if (place) {
      const level = levelFor(place.box, finest, mostSquares);
      addIds(
        catalog,
        bits,
        `SELECT photo_id AS id FROM json_each(?) CROSS JOIN captures
         ON cell >= json_each.value AND cell < json_each.value + ? WHERE ${place.condition.sql}`,
        JSON.stringify(squaresOver(place.box, level)),
        cellsWide(level),
        ...place.condition.values,
      );
    }
    return catalog.sets.make(bits);
  });
}

/** Where photos were taken, as a map shows them. */
import { z } from 'zod';
import { count } from './parts.ts';

const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

/** Degrees, north and east positive; `south` ≤ `north`. One over the date line has its west east of its east. */
export const geoBox = z.strictObject({
  south: latitude,
  west: longitude,
  north: latitude,
  east: longitude,
});
export type GeoBox = z.infer<typeof geoBox>;

/** The photos of a square of the map. */
export const placeCount = z.strictObject({
  photos: count,
  /** The middle of them. */
  latitude,
  longitude,
  /** Just around them. */
  box: geoBox,
});
export type PlaceCount = z.infer<typeof placeCount>;

/**
 * A plugin that makes `virtual:outlines`: coasts and borders of the world as paths of an SVG, from Natural Earth's data
 * (public domain) in the package world-atlas. Made when the interface is built, so that nothing else of it ships.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import type { Plugin } from 'vite';
import { onMap } from '../main/contract/mercator.ts';

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
type Line = readonly (readonly number[])[];

const name = 'virtual:outlines';
/** Of the map's width in a path's numbers: 400 m at the equator, finer than the data. */
const units = 100_000;

/** Longitudes that go on over the date line, past 180°; what goes around a pole is closed by it. */
function unrolled(line: Line): Line {
  const points: [longitude: number, latitude: number][] = [];
  for (const [longitude = 0, latitude = 0] of line) {
    const before = points.at(-1)?.[0] ?? longitude;
    points.push([longitude + 360 * Math.round((before - longitude) / 360), latitude]);
  }
  const [first, last] = [points[0]!, points.at(-1)!];
  if (Math.abs(last[0] - first[0]) < 359) return points;
  const pole = last[1] < 0 ? -90 : 90;
  return [...points, [last[0], pole], [first[0], pole]];
}

/** In whole units, each point by its way from the one before; those that fall together once. */
function path(line: Line, end: '' | 'z'): string {
  const unbroken = unrolled(line);
  const longitudes = unbroken.map(([longitude = 0]) => longitude);
  // What lies over the date line is drawn at both edges of the map.
  const turns = [0, ...(Math.max(...longitudes) > 180 ? [-360] : []), ...(Math.min(...longitudes) < -180 ? [360] : [])]; // prettier-ignore
  return turns.map((turn) => drawn(unbroken, turn, end)).join('');
}

function drawn(line: Line, turn: number, end: string): string {
  let [x, y] = [0, 0];
  const parts: string[] = [];
  for (const [longitude = 0, latitude = 0] of line) {
    const point = onMap({ latitude, longitude: longitude + turn });
    const [atX, atY] = [Math.round(point.x * units), Math.round(point.y * units)];
    if (parts.length && atX === x && atY === y) continue;
    parts.push(`${parts.length === 0 ? 'M' : parts.length === 1 ? 'l' : ' '}${atX - x} ${atY - y}`);
    [x, y] = [atX, atY];
  }
  return parts.length < 2 ? '' : parts.join('') + end;
}

/** @param detail Natural Earth's, by its scale of 1 to that many millions */
function outlines(detail: '110m' | '50m'): { land: string; borders: string } {
  const file = resolve(`node_modules/world-atlas/countries-${detail}.json`);
  const world = JSON.parse(readFileSync(file, 'utf8')) as World;
  const rings = feature(world, world.objects.land).features.flatMap(
    ({ geometry }) =>
    geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : geometry.type === 'Polygon' ? geometry.coordinates : [], // prettier-ignore
  );
  const borders = mesh(world, world.objects.countries, (one, other) => one !== other).coordinates;
  return {
    land: rings.map((ring) => path(ring, 'z')).join(''),
    borders: borders.map((line) => path(line, '')).join(''),
  };
}

export function outlinesPlugin(): Plugin {
  return {
    name: 'saccade-outlines',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) =>
      id === `\0${name}`
        ? `export const units = ${units}; export const coarse = ${JSON.stringify(outlines('110m'))}; export const fine = ${JSON.stringify(outlines('50m'))};`
        : undefined,
  };
}

/**
 * Very many things on the map, of which few are looked at for a part of it. Each lies in the squares that it touches, of
 * those at least as wide as itself: in four at most. Pure.
 */
import type { GeoBox } from '../../main/contract/entities/place.ts';
import { onMap } from '../../main/contract/mercator.ts';

/** From 0 to 1 of the map's square. */
export interface MapSides {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function sidesOf({ south, west, north, east }: GeoBox): MapSides {
  const { x: left, y: top } = onMap({ latitude: north, longitude: west });
  const { x: right, y: bottom } = onMap({ latitude: south, longitude: east });
  return { left, top, right, bottom };
}

export const widthOf = ({ left, top, right, bottom }: MapSides): number =>
  Math.max(right - left, bottom - top);

export class MapGrid<T> {
  readonly #finest: number;
  /** By level: its squares by their numbers, and what lies in each. */
  readonly #levels = new Map<number, Map<number, Set<T>>>();

  /** @param least width of the smallest squares. No part that is asked for should be many times as wide. */
  constructor(least: number) {
    this.#finest = Math.max(0, Math.floor(-Math.log2(least)));
  }

  add(item: T, sides: MapSides): void {
    const level = this.#levelOf(sides);
    const squares = this.#levels.get(level) ?? new Map<number, Set<T>>();
    this.#levels.set(level, squares);
    for (const number of touched(sides, level))
      squares.set(number, (squares.get(number) ?? new Set()).add(item));
  }
  /** @param sides as they were when it came */
  drop(item: T, sides: MapSides): void {
    const level = this.#levelOf(sides);
    for (const number of touched(sides, level)) this.#levels.get(level)?.get(number)?.delete(item);
  }
  /** All that meet a part of the map, and others beside it; some more than once. */
  *near(sides: MapSides): Generator<T> {
    for (const [level, squares] of this.#levels)
      for (const number of touched(sides, level)) yield* squares.get(number) ?? [];
  }

  #levelOf(sides: MapSides): number {
    return Math.max(0, Math.min(this.#finest, Math.floor(-Math.log2(widthOf(sides)))));
  }
}

/** Of the squares of a level, 2^level in a row. */
function touched({ left, top, right, bottom }: MapSides, level: number): number[] {
  const wide = 2 ** level;
  const [from, to] = [Math.floor(left * wide), Math.floor(right * wide)];
  const found: number[] = [];
  for (let row = Math.floor(top * wide); row <= Math.floor(bottom * wide); row++)
    for (let column = from; column <= to; column++) found.push(row * (wide + 1) + column);
  return found;
}

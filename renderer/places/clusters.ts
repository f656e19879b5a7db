/** Squares of the map as the dots that stand for them: those too near to each other to be told apart are one. Pure. */
import type { GeoBox, PlaceCount } from '../../main/contract/entities/place.ts';
import { onMap } from '../../main/contract/mercator.ts';
import type { MapPoint } from '../../main/contract/mercator.ts';
import { MapGrid, sidesOf, widthOf } from './map-grid.ts';
import { around } from './map-view.ts';

export interface Cluster extends PlaceCount {
  at: MapPoint;
}

/** Middles of two dots nearer than this many pixels lie over each other. */
const apart = 40;
/** Pixels: one dot in the middle of a wider box would tell too little. */
const widest = 8 * apart;

const meet = (one: GeoBox, other: GeoBox): boolean =>
  one.south <= other.north && other.south <= one.north && one.west <= other.east && other.west <= one.east;

const alone = (item: PlaceCount): Cluster => ({ ...item, at: onMap(item) });

function together(one: Cluster, other: Cluster): Cluster {
  const photos = one.photos + other.photos;
  const mean = (a: number, b: number) => (a * one.photos + b * other.photos) / photos;
  return alone({
    photos,
    latitude: mean(one.latitude, other.latitude),
    longitude: mean(one.longitude, other.longitude),
    box: around(one.box, other.box),
  });
}

/** Dots as they are found, and squares that are yet to come. */
class Clustering {
  readonly dots = new Set<Cluster>();
  readonly #left: Set<Cluster>;
  readonly #scale: number;
  /** Dots by their middles. */
  readonly #middles: MapGrid<Cluster>;
  /** Dots and squares by their boxes. */
  readonly #boxes: MapGrid<Cluster>;

  constructor(items: readonly PlaceCount[], scale: number) {
    this.#scale = scale;
    this.#middles = new MapGrid(apart / scale);
    this.#boxes = new MapGrid(apart / scale);
    this.#left = new Set(items.map(alone).sort((a, b) => b.photos - a.photos));
    for (const item of this.#left) this.#boxes.add(item, sidesOf(item.box));
    for (const item of this.#left) this.#settle(item);
  }

  #settle(item: Cluster): void {
    for (let dot = item; ;) {
      const near = this.#nearest(dot);
      const joined = near && this.#joined(dot, near);
      if (!joined) {
        this.#left.delete(dot);
        this.dots.add(dot);
        this.#middles.add(dot, this.#around(dot, 0));
        return;
      }
      for (const part of joined.parts) this.#drop(part);
      dot = joined.dot;
      this.#boxes.add(dot, sidesOf(dot.box));
    }
  }
  #drop(part: Cluster): void {
    this.#left.delete(part);
    this.#boxes.drop(part, sidesOf(part.box));
    if (this.dots.delete(part)) this.#middles.drop(part, this.#around(part, 0));
  }
  #nearest(item: Cluster): Cluster | null {
    let nearest: Cluster | null = null;
    let least = apart;
    for (const dot of this.#middles.near(this.#around(item, apart))) {
      const distance = Math.hypot(item.at.x - dot.at.x, item.at.y - dot.at.y) * this.#scale;
      if (distance < least) [nearest, least] = [dot, distance];
    }
    return nearest;
  }
  /** With all that the box around both meets, and the box around those; null: that gets too wide. */
  #joined(one: Cluster, other: Cluster): { dot: Cluster; parts: Set<Cluster> } | null {
    const parts = new Set([one, other]);
    let dot = together(one, other);
    for (let known = 0; known < parts.size;) {
      known = parts.size;
      const sides = sidesOf(dot.box);
      if (widthOf(sides) * this.#scale > widest) return null;
      for (const part of this.#boxes.near(sides)) {
        if (parts.has(part) || !meet(dot.box, part.box)) continue;
        parts.add(part);
        dot = together(dot, part);
      }
    }
    return { dot, parts };
  }
  #around({ at: { x, y } }: Cluster, pixels: number) {
    const reach = pixels / this.#scale;
    return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
  }
}

/**
 * Most photos first. The boxes of two dots never meet, so that a list of one's box has just its photos; where the box
 * around both would be too wide, two dots may lie over each other.
 * @param scale pixels of the whole map's width
 */
export function clustered(items: readonly PlaceCount[], scale: number): Cluster[] {
  return [...new Clustering(items, scale).dots].sort((a, b) => b.photos - a.photos);
}

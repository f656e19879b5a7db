/** Squares of the map as the dots that stand for them: those too near to each other to be told apart are one. Pure. */
import type { GeoBox, PlaceCount } from '../../main/contract/entities/place.ts';
import { onMap } from '../../main/contract/mercator.ts';
import type { MapPoint } from '../../main/contract/mercator.ts';
import { around } from './map-view.ts';

export interface Cluster extends PlaceCount {
  at: MapPoint;
}

/** Middles of two dots nearer than this many pixels lie over each other. */
const apart = 40;

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

/**
 * Most photos first. The boxes of two dots never meet, so that a list of one's box has just its photos; where they
 * would, two dots may lie over each other.
 * @param scale pixels of the whole map's width
 */
export function clustered(items: readonly PlaceCount[], scale: number): Cluster[] {
  const left = new Set(items.map(alone).sort((a, b) => b.photos - a.photos));
  const found: Cluster[] = [];
  for (const item of left) {
    left.delete(item);
    const near = (other: Cluster) => Math.hypot(item.at.x - other.at.x, item.at.y - other.at.y) * scale;
    const i = found.findIndex((other) => near(other) < apart);
    const joined = i < 0 ? null : together(found[i]!, item);
    const isFree = (other: Cluster) => !meet(joined!.box, other.box);
    if (joined && found.every((other, at) => at === i || isFree(other)) && [...left].every(isFree))
      found[i] = joined;
    else found.push(item);
  }
  return found.sort((a, b) => b.photos - a.photos);
}

/** What part of the map a window shows, and how it moves. Pure. */
import type { GeoBox } from '../../main/contract/entities/place.ts';
import { fromMap, onMap } from '../../main/contract/mercator.ts';
import type { MapPoint } from '../../main/contract/mercator.ts';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The middle of the window on the map's square, and how many pixels wide the whole square is. */
export interface MapView extends MapPoint {
  scale: number;
}

/** 2.4 m a pixel at the equator. */
const largest = 2 ** 24;
/** Around what is shown whole, pixels. */
const margin = 56;
/** Of a frame from the box that it is around, pixels. */
const aside = 6;

/** No further out than the window is full of it, and none of it beyond the map's edges. */
export function held({ x, y, scale }: MapView, { width, height }: Size): MapView {
  const size = Math.min(largest, Math.max(scale, width, height));
  const within = (at: number, window: number) =>
    Math.min(1 - window / size / 2, Math.max(window / size / 2, at));
  return { x: within(x, width), y: within(y, height), scale: size };
}

export const pixelOf = ({ x, y, scale }: MapView, { width, height }: Size, point: MapPoint): MapPoint => ({
  x: (point.x - x) * scale + width / 2,
  y: (point.y - y) * scale + height / 2,
});

/** By pixels that the map goes along with. */
export const panned = (view: MapView, size: Size, right: number, down: number): MapView =>
  held({ ...view, x: view.x - right / view.scale, y: view.y - down / view.scale }, size);

/** The place under a pixel stays under it. @param at default: the middle */
export function zoomed(
  view: MapView,
  size: Size,
  factor: number,
  at: MapPoint = { x: size.width / 2, y: size.height / 2 },
): MapView {
  // prettier-ignore
  const { scale } = held({ ...view, scale: view.scale * factor }, size);
  const [right, down] = [at.x - size.width / 2, at.y - size.height / 2];
  const x = view.x + right / view.scale - right / scale;
  const y = view.y + down / view.scale - down / scale;
  return held({ x, y, scale }, size);
}

/** Around a box, pixels: two frames where it lies over the date line, at both edges of the map. */
export function framesOf(view: MapView, size: Size, box: GeoBox): (MapPoint & Size)[] {
  const { south, west, north, east } = box;
  if (west > east)
    return [{ ...box, east: 180 }, { ...box, west: -180 }].flatMap((part) => framesOf(view, size, part)); // prettier-ignore
  const from = pixelOf(view, size, onMap({ latitude: north, longitude: west }));
  const to = pixelOf(view, size, onMap({ latitude: south, longitude: east }));
  const [x, y] = [from.x - aside, from.y - aside];
  return [{ x, y, width: to.x - x + aside, height: to.y - y + aside }];
}

/** The whole of a box. @param most the largest scale, so that something around it is seen too */
export function fitted({ south, west, north, east }: GeoBox, size: Size, most: number): MapView {
  const [from, to] = [
    onMap({ latitude: north, longitude: west }),
    onMap({ latitude: south, longitude: east }),
  ];
  const room = (window: number) => Math.max(window - 2 * margin, window / 2);
  const scale = Math.min(
    most,
    room(size.width) / Math.max(to.x - from.x, Number.EPSILON),
    room(size.height) / Math.max(to.y - from.y, Number.EPSILON),
  );
  return held({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, scale }, size);
}

/** What the window shows, and more on each side. @param more of its width and height */
export function boxOf({ x, y, scale }: MapView, { width, height }: Size, more = 0): GeoBox {
  const [beside, above] = [((0.5 + more) * width) / scale, ((0.5 + more) * height) / scale];
  const from = fromMap({ x: Math.max(0, x - beside), y: Math.max(0, y - above) });
  const to = fromMap({ x: Math.min(1, x + beside), y: Math.min(1, y + above) });
  // What lies nearer to a pole than the map goes stands at its edge.
  const north = y - above <= 0 ? 90 : from.latitude;
  const south = y + above >= 1 ? -90 : to.latitude;
  return { south, west: from.longitude, north, east: to.longitude };
}

export const around = (one: GeoBox, other: GeoBox): GeoBox => ({
  south: Math.min(one.south, other.south),
  west: Math.min(one.west, other.west),
  north: Math.max(one.north, other.north),
  east: Math.max(one.east, other.east),
});

export const holds = (box: GeoBox, other: GeoBox): boolean =>
  box.south <= other.south && box.north >= other.north && box.west <= other.west && box.east >= other.east;

/** The round length that a bar of at most so many pixels stands for, in the middle of the window. */
export function scaleBar({ y, scale }: MapView, most: number): { metres: number; width: number } {
  const { latitude } = fromMap({ x: 0.5, y });
  const pixel = (40_075_017 * Math.cos((latitude * Math.PI) / 180)) / scale;
  const power = 10 ** Math.floor(Math.log10(most * pixel));
  const metres = [5, 2, 1].map((n) => n * power).find((length) => length <= most * pixel)!;
  return { metres, width: metres / pixel };
}

/**
 * Mercator's projection onto the square that maps of the web are drawn in: x from 0 (180° W) to 1 (180° E), y from 0 in
 * the north to 1 in the south. Pure.
 */

/** Degrees, north and east positive. */
export interface Coordinates {
  latitude: number;
  longitude: number;
}

export interface MapPoint {
  x: number;
  y: number;
}

/** Beyond it the square ends; what lies nearer to a pole stands at its edge. */
export const lastLatitude = 85.051128779806592;

const radians = Math.PI / 180;

export function onMap({ latitude, longitude }: Coordinates): MapPoint {
  const shown = Math.min(lastLatitude, Math.max(-lastLatitude, latitude));
  return {
    x: longitude / 360 + 0.5,
    y: 0.5 - Math.asinh(Math.tan(shown * radians)) / (2 * Math.PI),
  };
}

export function fromMap({ x, y }: MapPoint): Coordinates {
  return {
    latitude: Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) / radians,
    longitude: (x - 0.5) * 360,
  };
}

/** A map of patches as coloured pixels, for the renderer's canvas and for files alike. Pure. */
import { colourMap, isDiverging, type ColourMapName } from './colours.ts';
import { assertDrawable, quantileOf } from './normalise.ts';

export type Interpolation = 'bicubic' | 'nearest';

export interface PaintOptions {
  /** [rows · columns], row by row. */
  values: Float32Array;
  rows: number;
  columns: number;
  /** Whole pixels of the seen region to draw. */
  width: number;
  height: number;
  /** Values of the first and the last colour; values beyond take those. */
  range: [number, number];
  colours: ColourMapName;
  /** Of the strongest colour, 0 … 1; see `alphas`. */
  opacity: number;
  /** `bicubic`: Catmull-Rom between patch centres, edges repeated, held. `nearest`: each patch one colour. */
  interpolation: Interpolation;
  /** A line around the fifth of the patches with the largest values. */
  contour: boolean;
}

/** Share of patches below the contour. */
const contourQuantile = 0.8;

interface Taps {
  /** [length · 4] grid positions and their weights. */
  index: Int32Array;
  weight: Float64Array;
}

/** Which four (or one) grid positions make up each of `length` pixels across `cells` patches. */
function tapsFor(cells: number, length: number, interpolation: Interpolation): Taps {
  const index = new Int32Array(length * 4);
  const weight = new Float64Array(length * 4);
  const clamp = (i: number) => Math.min(cells - 1, Math.max(0, i));
  for (let pixel = 0; pixel < length; pixel++) {
    const at = ((pixel + 0.5) * cells) / length;
    if (interpolation === 'nearest') {
      index.fill(clamp(Math.floor(at)), pixel * 4, pixel * 4 + 4);
      weight[pixel * 4] = 1;
      continue;
    }
    const left = Math.floor(at - 0.5);
    const t = at - 0.5 - left;
    const w = [((-t + 2) * t - 1) * t, (3 * t - 5) * t * t + 2, ((-3 * t + 4) * t + 1) * t, (t - 1) * t * t];
    for (let k = 0; k < 4; k++) {
      index[pixel * 4 + k] = clamp(left - 1 + k);
      weight[pixel * 4 + k] = w[k]! / 2;
    }
  }
  return { index, weight };
}

/** Not beyond either of two values. */
function held(value: number, one: number, other: number): number {
  return one < other ? Math.min(other, Math.max(one, value)) : Math.min(one, Math.max(other, value));
}

/**
 * The map at every pixel: [height · width], row by row. Pixel centres are compared with patch centres. Bicubic is
 * held between the two centres on either side, along rows and then along columns: the curve alone overshoots beside a
 * strong patch, and would draw evidence against the label where every patch speaks for it. Source of the kernel:
 * Keys 1981, a = -0.5.
 */
export function resample(
  map: Pick<PaintOptions, 'values' | 'rows' | 'columns' | 'width' | 'height' | 'interpolation'>,
): Float32Array {
  const { values, rows, columns, width, height } = map;
  const across = tapsFor(columns, width, map.interpolation);
  const down = tapsFor(rows, height, map.interpolation);
  const wide = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = x * 4; k < x * 4 + 4; k++)
        sum += across.weight[k]! * values[row * columns + across.index[k]!]!;
      const [left, right] = [across.index[x * 4 + 1]!, across.index[x * 4 + 2]!];
      wide[row * width + x] = held(sum, values[row * columns + left]!, values[row * columns + right]!);
    }
  const pixels = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const [w0, w1, w2, w3] = down.weight.subarray(y * 4, y * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const [r0, r1, r2, r3] = Array.from(down.index.subarray(y * 4, y * 4 + 4), (row) => row * width) as [
      number,
      number,
      number,
      number,
    ];
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = held(
        w0 * wide[r0 + x]! + w1 * wide[r1 + x]! + w2 * wide[r2 + x]! + w3 * wide[r3 + x]!,
        wide[r1 + x]!,
        wide[r2 + x]!,
      );
  }
  return pixels;
}

/** Position 0 … 255 in a colour map of a value in `range`. */
export function shade(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(255, Math.max(0, Math.round(((value - low) / (high - low)) * 255)));
}

/**
 * Share of the opacity that a diverging map has everywhere. Without it the photo would shine through where the map
 * crosses zero, and a pale ring around every patch would read as a finding; few patches of a very sure photo have
 * values at all, and on a photo of their colour nothing was seen.
 */
const veil = 0.7;

/**
 * Alpha 0 … 255 of each of the 256 colours: `opacity · (v + (1 − v) · strength^(1.75 · (1 − opacity)))`, the strength
 * of a colour being its distance 0 … 1 from the one that means nothing (the first of a sequential map, the middle of
 * a diverging one), v 0 of a sequential map and `veil` of a diverging one. So attention leaves the photo as it is
 * where there is none, evidence lies on a photo that is set back, and at opacity 1 the map alone is seen.
 */
export function alphas(colours: ColourMapName, opacity: number): Uint8Array {
  const strength = isDiverging(colours)
    ? (at: number) => Math.max(0, Math.abs(at - 127.5) - 0.5) / 127
    : (at: number) => at / 255;
  const everywhere = isDiverging(colours) ? veil : 0;
  return Uint8Array.from({ length: 256 }, (_, at) =>
    Math.round(opacity * (everywhere + (1 - everywhere) * strength(at) ** (1.75 * (1 - opacity))) * 255),
  );
}

/**
 * Saturation 0 … 1 that is left to the photo under a map, so that orange evidence is seen on an orange cat. As CSS's
 * `saturate()` and `desaturate` below understand it; sequential maps leave the photo as it is.
 */
export function saturationUnder(colours: ColourMapName, opacity: number): number {
  return isDiverging(colours) ? Math.max(0, 1 - opacity / 0.7) : 1;
}

/** In place, of one pixel of sRGB: what CSS's `saturate(share)` does (Filter Effects 1, feColorMatrix). */
export function desaturate(rgb: Uint8Array, at: number, share: number): void {
  const luminance = 0.213 * rgb[at]! + 0.715 * rgb[at + 1]! + 0.072 * rgb[at + 2]!;
  for (let i = at; i < at + 3; i++) rgb[i] = Math.round(luminance + (rgb[i]! - luminance) * share);
}

/** White inside the line, black outside it, so that it shows on any photo. */
function drawContour(
  pixels: Uint8ClampedArray,
  field: Float32Array,
  width: number,
  height: number,
  level: number,
) {
  const thickness = Math.max(1, Math.round(Math.min(width, height) / 300));
  const reaches = [-thickness, thickness];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = field[y * width + x]! > level;
      const onLine = reaches.some((reach) => {
        const nx = x + reach;
        const ny = y + reach;
        return (
          (nx >= 0 && nx < width && field[y * width + nx]! > level !== inside) ||
          (ny >= 0 && ny < height && field[ny * width + x]! > level !== inside)
        );
      });
      if (onLine) pixels.fill(inside ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
      if (onLine) pixels[(y * width + x) * 4 + 3] = 255;
    }
}

/**
 * RGBA, not premultiplied, [height · width · 4], covering the seen region exactly: lay it over that region and
 * nothing else. Throws a SaccadeError `map-not-drawable`, see `whyNotDrawable`.
 */
export function paintMap(options: PaintOptions): Uint8ClampedArray<ArrayBuffer> {
  assertDrawable(options.values, options.rows, options.columns);
  const { width, height, range } = options;
  const colours = colourMap(options.colours);
  const alpha = alphas(options.colours, options.opacity);
  const field = resample(options);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < field.length; i++) {
    const at = shade(field[i]!, range);
    pixels[i * 4] = colours[at * 3]!;
    pixels[i * 4 + 1] = colours[at * 3 + 1]!;
    pixels[i * 4 + 2] = colours[at * 3 + 2]!;
    pixels[i * 4 + 3] = alpha[at]!;
  }
  if (options.contour) drawContour(pixels, field, width, height, quantileOf(options.values, contourQuantile));
  return pixels;
}

/**
 * Pillow's resize (src/libImaging/Resample.c): separable, the filter's support scaled when shrinking, 8-bit pixels
 * between the two passes. Models are trained and published with it.
 */
import type { Preprocessing } from '../../models/manifest.ts';
import type { Region } from '../../models/overlay/geometry.ts';

export type Filter = Preprocessing['interpolation'];

/** Pixels row by row, R, G, B of one byte each. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kernels: Record<Exclude<Filter, 'nearest'>, { support: number; at: (x: number) => number }> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0),
  },
  // Keys's cubic with a = −0.5.
  bicubic: {
    support: 2,
    at(x) {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Fixed-point bits of a coefficient, as Pillow's PRECISION_BITS for 8-bit pixels. */
const precision = 22;

/** Of the output pixels [from, from + length) along one axis. */
interface Taps {
  /** First source pixel of each output pixel. */
  start: Int32Array;
  count: Int32Array;
  /** `perPixel` coefficients for each output pixel. */
  coefficients: Int32Array;
  perPixel: number;
}

function taps(
  source: number,
  target: number,
  filter: Exclude<Filter, 'nearest'>,
  from: number,
  length: number,
): Taps {
  const kernel = kernels[filter];
  const scale = source / target;
  const filterScale = Math.max(1, scale);
  const support = kernel.support * filterScale;
  const perPixel = Math.ceil(support) * 2 + 1;
  const result: Taps = {
    start: new Int32Array(length),
    count: new Int32Array(length),
    coefficients: new Int32Array(length * perPixel),
    perPixel,
  };
  for (let i = 0; i < length; i++) {
    // Nothing is left to weigh where the size stays.
    if (source === target) {
      result.coefficients[i * perPixel] = 2 ** precision;
      result.count[i] = 1;
      result.start[i] = from + i;
      continue;
    }
    const centre = (from + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(source, Math.trunc(centre + support + 0.5)) - start;
    const weights = Array.from({ length: count }, (_, j) =>
      kernel.at((j + start - centre + 0.5) / filterScale),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, j) => {
      const share = (sum === 0 ? 0 : weight / sum) * 2 ** precision;
      result.coefficients[i * perPixel + j] = Math.trunc(share + (share < 0 ? -0.5 : 0.5));
    });
    result.start[i] = start;
    result.count[i] = count;
  }
  return result;
}

const half = 2 ** (precision - 1);

/** One pass along an axis: `step` and `line` are distances in bytes between neighbours on and across that axis. */
function pass(
  source: Uint8Array,
  output: Uint8Array,
  along: Taps,
  lines: number,
  source_: { step: number; line: number },
  output_: { step: number; line: number },
): void {
  const { start, count, coefficients, perPixel } = along;
  const targets = start.length;
  const { step } = source_;
  for (let y = 0; y < lines; y++) {
    for (let i = 0; i < targets; i++) {
      let at = y * source_.line + start[i]! * source_.step;
      let r = half;
      let g = half;
      let b = half;
      const first = i * perPixel;
      const end = first + count[i]!;
      for (let k = first; k < end; k++, at += step) {
        const weight = coefficients[k]!;
        r = (r + Math.imul(source[at]!, weight)) | 0;
        g = (g + Math.imul(source[at + 1]!, weight)) | 0;
        b = (b + Math.imul(source[at + 2]!, weight)) | 0;
      }
      const to = y * output_.line + i * output_.step;
      output[to] = clamp(r >> precision);
      output[to + 1] = clamp(g >> precision);
      output[to + 2] = clamp(b >> precision);
    }
  }
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

/**
 * To `width` × `height`, of which `region` is kept and nothing else computed: a strip of one pixel's height becomes
 * gigabytes. Equals the same region of Pillow's Image.resize to the bit for every filter.
 */
export function resample(
  pixels: Pixels,
  width: number,
  height: number,
  filter: Filter,
  region: Region = { x: 0, y: 0, width, height },
): Pixels {
  if (filter === 'nearest') return nearest(pixels, width, height, region);
  const [rows, columns] = [region.height, region.width];
  const down = taps(pixels.height, height, filter, region.y, rows);
  const first = down.start[0] ?? 0;
  const end = rows ? down.start[rows - 1]! + down.count[rows - 1]! : first;
  let data = pixels.data.subarray(first * pixels.width * 3, end * pixels.width * 3);
  if (pixels.width !== width || columns !== width) {
    const output = new Uint8Array(columns * (end - first) * 3);
    const across = taps(pixels.width, width, filter, region.x, columns);
    pass(
      data,
      output,
      across,
      end - first,
      { step: 3, line: pixels.width * 3 },
      { step: 3, line: columns * 3 },
    );
    data = output;
  }
  if (pixels.height !== height) {
    const output = new Uint8Array(columns * rows * 3);
    const along = { ...down, start: down.start.map((start) => start - first) };
    pass(data, output, along, columns, { step: columns * 3, line: 3 }, { step: columns * 3, line: 3 });
    data = output;
  }
  return { data, width: columns, height: rows };
}

function nearest(pixels: Pixels, width: number, height: number, region: Region): Pixels {
  const data = new Uint8Array(region.width * region.height * 3);
  for (let y = region.y, to = 0; y < region.y + region.height; y++) {
    const row = Math.min(pixels.height - 1, Math.floor(((y + 0.5) * pixels.height) / height));
    for (let x = region.x; x < region.x + region.width; x++, to += 3) {
      const column = Math.min(pixels.width - 1, Math.floor(((x + 0.5) * pixels.width) / width));
      const at = (row * pixels.width + column) * 3;
      data[to] = pixels.data[at]!;
      data[to + 1] = pixels.data[at + 1]!;
      data[to + 2] = pixels.data[at + 2]!;
    }
  }
  return { data, width: region.width, height: region.height };
}

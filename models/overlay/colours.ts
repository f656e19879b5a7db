/**
 * The colour maps, designed for Saccade in OKLab: a smooth curve of monotone lightness (a diverging map: two
 * mirrored arms), walked at constant speed, so that equal steps of the value are equal steps to the eye.
 * Each is 256 colours, RGB, 8 bit sRGB, 768 bytes, lowest value first.
 */
import { oklabToSrgb, type Triple } from './oklab.ts';

/** Lightness 0 … 1, chroma, hue in degrees, evenly spaced along the curve before it is evened out. */
type Stop = readonly [lightness: number, chroma: number, hue: number];

const stops = {
  /** Night violet through red to pale yellow. */
  ember: [
    [0.14, 0.05, 290],
    [0.3, 0.13, 312],
    [0.46, 0.17, 362],
    [0.62, 0.19, 393],
    [0.78, 0.16, 425],
    [0.95, 0.09, 465],
  ],
  /** Deep blue through sea green to pale lime. */
  lagoon: [
    [0.17, 0.07, 285],
    [0.33, 0.1, 262],
    [0.49, 0.085, 225],
    [0.65, 0.11, 180],
    [0.8, 0.15, 145],
    [0.95, 0.14, 113],
  ],
  /** Navy through grey to straw: the same to eyes that miss red or green. */
  dusk: [
    [0.2, 0.07, 262],
    [0.38, 0.05, 262],
    [0.57, 0.012, 262],
    [0.75, 0.07, 95],
    [0.93, 0.13, 98],
  ],
  grey: [
    [0.15, 0, 0],
    [0.97, 0, 0],
  ],
} satisfies Record<string, readonly Stop[]>;

/** The arm for negative values and the arm for positive ones, both from the middle outwards. */
const arms = {
  /** Dark middle, so that evidence glows: against in blue, for in orange. */
  'blue-orange': [
    [
      [0.22, 0, 250],
      [0.4, 0.085, 255],
      [0.6, 0.13, 250],
      [0.8, 0.1, 240],
    ],
    [
      [0.22, 0, 60],
      [0.4, 0.09, 45],
      [0.6, 0.14, 52],
      [0.8, 0.13, 66],
    ],
  ],
  /** Light middle, for paper: against in purple, for in green. */
  'purple-green': [
    [
      [0.96, 0, 315],
      [0.78, 0.09, 315],
      [0.58, 0.13, 315],
      [0.38, 0.12, 315],
    ],
    [
      [0.96, 0, 150],
      [0.78, 0.09, 150],
      [0.58, 0.13, 148],
      [0.38, 0.1, 145],
    ],
  ],
} satisfies Record<string, readonly [readonly Stop[], readonly Stop[]]>;

export type SequentialName = keyof typeof stops;
export type DivergingName = keyof typeof arms;
export type ColourMapName = SequentialName | DivergingName;
export const sequentialNames = Object.keys(stops) as SequentialName[];
export const divergingNames = Object.keys(arms) as DivergingName[];
export const defaultSequential: SequentialName = 'ember';
export const defaultDiverging: DivergingName = 'blue-orange';

const fine = 400;

function toLab([lightness, chroma, hue]: Stop): Triple {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** A point of the Catmull-Rom curve through `points`; `t` in 0 … 1. */
function pointOn(points: readonly Triple[], t: number): Triple {
  const at = Math.min(t * (points.length - 1), points.length - 1 - 1e-9);
  const k = Math.floor(at);
  const u = at - k;
  const p1 = points[k]!;
  const p2 = points[k + 1]!;
  const mix = (i: 0 | 1 | 2) => {
    const before = points[k - 1]?.[i] ?? 2 * p1[i] - p2[i];
    const after = points[k + 2]?.[i] ?? 2 * p2[i] - p1[i];
    const slope1 = (p2[i] - before) / 2;
    const slope2 = (after - p1[i]) / 2;
    const rise = p2[i] - p1[i];
    return p1[i] + u * (slope1 + u * (3 * rise - 2 * slope1 - slope2 + u * (slope1 + slope2 - 2 * rise)));
  };
  return [mix(0), mix(1), mix(2)];
}

/** `count` colours at equal distances along the curve, ends included. */
function walk(curve: readonly Stop[], count: number): Triple[] {
  const points = curve.map(toLab);
  const path = Array.from({ length: fine + 1 }, (_, i) => pointOn(points, i / fine));
  const travelled = [0];
  for (let i = 1; i <= fine; i++) {
    const [p, q] = [path[i - 1]!, path[i]!];
    travelled.push(travelled[i - 1]! + Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]));
  }
  const length = travelled[fine]!;
  let k = 0;
  return Array.from({ length: count }, (_, i) => {
    const target = (i / (count - 1)) * length;
    while (k < fine - 1 && travelled[k + 1]! < target) k++;
    const u = (target - travelled[k]!) / (travelled[k + 1]! - travelled[k]!);
    return pointOn(points, (k + u) / fine);
  });
}

function toBytes(colours: readonly Triple[]): Uint8Array {
  const bytes = new Uint8ClampedArray(colours.flatMap((lab) => oklabToSrgb(lab).map((part) => part * 255)));
  return new Uint8Array(bytes.buffer);
}

const made = new Map<ColourMapName, Uint8Array>();

/** 256 colours, RGB, lowest value first. */
export function colourMap(name: ColourMapName): Uint8Array {
  let map = made.get(name);
  if (!map) made.set(name, (map = toBytes(isDiverging(name) ? twoArms(arms[name]) : walk(stops[name], 256))));
  return map;
}

const twoArms = ([negative, positive]: readonly [readonly Stop[], readonly Stop[]]): Triple[] => [
  ...walk(negative, 128).reverse(),
  ...walk(positive, 128),
];

export function isDiverging(name: ColourMapName): name is DivergingName {
  return name in arms;
}

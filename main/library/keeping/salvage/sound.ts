/**
 * Whether a row that was read out of a damaged file can be what was stored. A page that is whole may still have had a
 * part written over that belongs to a single value: an answer that does not agree with itself is none.
 */
import { unpackMap, unpackRegion, unpackTop } from '../../catalog/blobs.ts';
import type { Value } from './nodes.ts';

export type Found = Record<string, Value>;

/** What rows are held against: of models and result keys, which are read first. */
export interface Keys {
  /** Numbers a feature has, by result key; null: not known. */
  featureLength: ReadonlyMap<number, number | null>;
  /** Classes, by result key. */
  classes: ReadonlyMap<number, number>;
}

const hashBytes = 32;
const regionBytes = 32;
const probabilityTolerance = 1e-6;
/** So many equal numbers in a row are what an empty sector leaves. */
const mostEqual = 64;

type Bytes = Uint8Array;

export const isSound: Readonly<Record<string, (row: Found, keys: Keys) => boolean>> = {
  contents: ({ hash }) => (hash as Bytes).length === hashBytes,
  results: (row, keys) => isAnswer(row, keys) || isFailure(row, keys),
  features: ({ key_id: key, vector }, { featureLength }) => {
    const length = featureLength.get(key as number);
    const numbers = (vector as Bytes).length / 2;
    return (
      length !== undefined &&
      numbers > 0 &&
      (length === null || length === numbers) &&
      isFeature(vector as Bytes)
    );
  },
  label_maps: ({ key_id: key, map, seen, label }, { classes }) =>
    classes.has(key as number) &&
    isMap(map as Bytes) &&
    isRegion(seen as Bytes) &&
    unpackMap(map as Bytes).classIndex === label,
};

function isFailure({ key_id: key, code, message, top, map, label }: Found, { classes }: Keys): boolean {
  return (
    classes.has(key as number) &&
    code !== null &&
    message !== null &&
    top === null &&
    map === null &&
    label === null
  );
}

function isAnswer(
  { key_id: key, code, top, map, seen, label, probability, spread }: Found,
  { classes }: Keys,
): boolean {
  const count = classes.get(key as number);
  if (count === undefined || code !== null || top === null || seen === null) return false;
  if ((top as Bytes).length % 8 !== 0 || !isRegion(seen as Bytes)) return false;
  const found = unpackTop(top as Bytes);
  const ordered = found.every(
    ({ index, probability: share }, i) =>
      index < count &&
      share >= 0 &&
      share < 1 + probabilityTolerance &&
      share <= (found[i - 1]?.probability ?? 1),
  );
  if (!ordered || new Set(found.map(({ index }) => index)).size !== found.length) return false;
  const [best] = found;
  if ((best?.index ?? null) !== label) return false;
  if (
    best ? Math.abs(best.probability - (probability as number)) > probabilityTolerance : probability !== null
  )
    return false;
  return map === null ? spread === null : isMap(map as Bytes) && typeof spread === 'number';
}

function isMap(packed: Bytes): boolean {
  if (packed.length < 24) return false;
  const { method, rows, columns, bytes, scale, offset } = unpackMap(packed);
  return (
    method !== undefined &&
    rows * columns === bytes.length &&
    bytes.length > 0 &&
    Number.isFinite(scale + offset)
  );
}

function isRegion(packed: Bytes): boolean {
  return packed.length === regionBytes && Object.values(unpackRegion(packed)).every(Number.isFinite);
}

function isFeature(vector: Bytes): boolean {
  const numbers = floats(vector);
  let equal = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) return false;
    equal = numbers[i] === numbers[i - 1] ? equal + 1 : 0;
    if (equal >= mostEqual) return false;
  }
  return true;
}

const floats = (vector: Bytes) => new Float16Array(new Uint8Array(vector).buffer);

/** √Σx²: features of one model have about the same, and what was written over has not. */
export function lengthOf(vector: Bytes): number {
  let sum = 0;
  for (const number of floats(vector)) sum += number * number;
  return Math.sqrt(sum);
}

/** A map as one byte a patch: value = offset + scale · byte. Pure. */
import { SaccadeError } from '../error.ts';

export interface PackedMap {
  bytes: Uint8Array;
  /** float32; 0 where every value is the same. */
  scale: number;
  /** float32. */
  offset: number;
}

/**
 * Rounds to 256 levels; no value moves by more than half of `scale`, and 0 stays exactly 0 in a map that
 * has both signs. Throws a SaccadeError `map-not-drawable` for NaN and infinite values.
 */
export function packMap(values: Float32Array): PackedMap {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value))
      throw new SaccadeError(
        'map-not-drawable',
        'The map holds values that are not numbers (NaN or infinite): the model computed nonsense for this photo.',
      );
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high > low))
    return { bytes: new Uint8Array(values.length), scale: 0, offset: values.length ? low : 0 };
  const bothSigns = low < 0 && high > 0;
  const scale = Math.fround((high - low) / (bothSigns ? 254 : 255));
  if (scale === 0) return { bytes: new Uint8Array(values.length), scale: 0, offset: low };
  const zero = Math.ceil(-low / scale);
  const offset = Math.fround(bothSigns ? -scale * zero : low);
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++)
    bytes[i] = Math.min(255, Math.max(0, Math.round((values[i]! - offset) / scale)));
  return { bytes, scale, offset };
}

export function unpackMap(map: PackedMap): Float32Array {
  const { bytes, offset, scale } = map;
  // A loop: tens of thousands of maps are read at once.
  const values = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) values[i] = offset + scale * bytes[i]!;
  return values;
}

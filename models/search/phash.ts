/**
 * A perceptual hash of 64 bits: what of a picture survives another size, format or quality (Zauner 2010,
 * "Implementation and Benchmarking of Perceptual Image Hash Functions", the hash by discrete cosine transform).
 * It does not survive crops or mirrors, and says nothing about what a picture shows.
 */

/** Side of the grey picture that is hashed, pixels. */
export const greySide = 32;
/** Low frequencies that are looked at, in each direction. */
const side = 8;
/** Standard deviation of grey levels (0 … 255) below which a picture has nothing to be told by. */
const flattest = 2;

/** [8, 32]: cos((2x + 1) · u · π / 64) for u = 1 … 8. The mean brightness, u = 0, is left out. */
const cosines = Float64Array.from({ length: side * greySide }, (_, i) =>
  Math.cos(((2 * (i % greySide) + 1) * (Math.floor(i / greySide) + 1) * Math.PI) / (2 * greySide)),
);

/**
 * Bit 8 · v + u tells whether frequency (u + 1, v + 1) is above the median of all 64.
 * @param grey 32 × 32 luminances, row by row, of the whole picture squeezed into a square
 * @returns null: so flat that noise would decide
 */
export function perceptualHash(grey: Uint8Array): bigint | null {
  if (grey.length !== greySide * greySide) throw new Error(`expected ${greySide} × ${greySide} luminances`);
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const variance = grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
  if (variance < flattest * flattest) return null;
  const across = new Float64Array(greySide * side); // [row, u]
  for (let row = 0; row < greySide; row++)
    for (let u = 0; u < side; u++)
      for (let x = 0; x < greySide; x++)
        across[row * side + u]! += grey[row * greySide + x]! * cosines[u * greySide + x]!;
  const found = new Float64Array(side * side); // [v, u]
  for (let v = 0; v < side; v++)
    for (let u = 0; u < side; u++)
      for (let row = 0; row < greySide; row++)
        found[v * side + u]! += across[row * side + u]! * cosines[v * greySide + row]!;
  const sorted = found.toSorted();
  const median = (sorted[31]! + sorted[32]!) / 2;
  let hash = 0n;
  for (let bit = 0; bit < 64; bit++) if (found[bit]! > median) hash |= 1n << BigInt(bit);
  return hash;
}

const bits = (word: number): number => {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return (((left + (left >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
};

/** Bits that differ between hashes `a` and `b` of a list, seen as 32-bit words. */
export function distance(words: Uint32Array, a: number, b: number): number {
  return bits(words[2 * a]! ^ words[2 * b]!) + bits(words[2 * a + 1]! ^ words[2 * b + 1]!);
}

/** Correlation from which two pictures with near hashes are the same one; saved anew, small and dark, they had 0.93. */
export const leastCorrelation = 0.9;

/**
 * How alike two grey pictures of 32 × 32 are, −1 … 1, whatever their brightness and contrast. Looks at all 1024 places
 * where the hash looks at 64 signs.
 */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  const centre = (grey: Uint8Array) => {
    const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
    return Float64Array.from(grey, (value) => value - mean);
  };
  const [x, y] = [centre(a), centre(b)];
  let [dot, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    dot += x[i]! * y[i]!;
    xx += x[i]! * x[i]!;
    yy += y[i]! * y[i]!;
  }
  return xx > 0 && yy > 0 ? dot / Math.sqrt(xx * yy) : 0;
}

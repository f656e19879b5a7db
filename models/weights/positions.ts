/**
 * Position embeddings at another grid than they were trained at, as PyTorch's `interpolate(mode='bicubic',
 * align_corners=False)` computes it: without antialiasing the cubic has a = −0.75 and clamps at the border; with it
 * (`_upsample_bicubic2d_aa`, Pillow's filter) a = −0.5, the support grows when shrinking, and weights sum to one.
 */

function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
}

/** For each output position: the input positions it reads and their weights. */
function taps(from: number, to: number, antialias: boolean): { index: number; weight: number }[][] {
  const scale = from / to;
  const stretch = antialias ? Math.max(scale, 1) : 1;
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale;
    if (!antialias) {
      const first = Math.floor(centre - 0.5) - 1;
      return [0, 1, 2, 3].map((k) => ({
        index: Math.min(Math.max(first + k, 0), from - 1),
        weight: cubic(first + k + 0.5 - centre, -0.75),
      }));
    }
    const begin = Math.max(Math.floor(centre - 2 * stretch + 0.5), 0);
    const end = Math.min(Math.floor(centre + 2 * stretch + 0.5), from);
    const found = [];
    for (let index = begin; index < end; index++)
      found.push({ index, weight: cubic((index + 0.5 - centre) / stretch, -0.5) });
    const sum = found.reduce((total, tap) => total + tap.weight, 0);
    return found.map((tap) => ({ index: tap.index, weight: tap.weight / sum }));
  });
}

/** [rows, columns, width] → [toRows, toColumns, width], row-major. */
export function resizePositions(
  positions: Float32Array,
  from: { rows: number; columns: number },
  to: { rows: number; columns: number },
  width: number,
  antialias: boolean,
): Float32Array {
  if (from.rows === to.rows && from.columns === to.columns) return positions;
  const across = taps(from.columns, to.columns, antialias);
  const down = taps(from.rows, to.rows, antialias);
  const wide = new Float32Array(from.rows * to.columns * width);
  for (let row = 0; row < from.rows; row++)
    for (let column = 0; column < to.columns; column++)
      for (const { index, weight } of across[column] ?? [])
        for (let i = 0; i < width; i++)
          wide[(row * to.columns + column) * width + i]! +=
            weight * positions[(row * from.columns + index) * width + i]!;
  const out = new Float32Array(to.rows * to.columns * width);
  for (let row = 0; row < to.rows; row++)
    for (const { index, weight } of down[row] ?? [])
      for (let i = 0; i < to.columns * width; i++)
        out[row * to.columns * width + i]! += weight * wide[index * to.columns * width + i]!;
  return out;
}

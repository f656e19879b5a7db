/** Gaussian blur of a model input. Pure. */

/** Normalised weights −radius … radius, cut off at four sigma (as SciPy's gaussian_filter). */
export function gaussian(sigma: number): Float64Array {
  const radius = Math.round(4 * sigma);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** d c b a | a b c d | d c b a */
function mirrored(i: number, length: number): number {
  const period = 2 * length;
  const at = ((i % period) + period) % period;
  return at < length ? at : period - 1 - at;
}

/** [channels, height, width] → the same, blurred in the plane; `sigma` in pixels, edges mirrored. */
export function blur(values: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const weights = gaussian(sigma);
  const across = pass(values, weights, width, 1, (line) => line * width, values.length / width);
  const lines = values.length / height;
  return pass(
    across,
    weights,
    height,
    width,
    (line) => Math.floor(line / width) * height * width + (line % width),
    lines,
  );
}

function pass(
  values: Float32Array,
  weights: Float64Array,
  length: number,
  step: number,
  startOf: (line: number) => number,
  lines: number,
): Float32Array {
  const result = new Float32Array(values.length);
  const radius = (weights.length - 1) / 2;
  // A line with its mirrored ends, so that the loop over weights has no branches.
  const padded = new Float64Array(length + 2 * radius);
  const source = Int32Array.from({ length: padded.length }, (_, i) => mirrored(i - radius, length));
  for (let line = 0; line < lines; line++) {
    const start = startOf(line);
    for (let i = 0; i < padded.length; i++) padded[i] = values[start + source[i]! * step]!;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * padded[i + k]!;
      result[start + i * step] = sum;
    }
  }
  return result;
}

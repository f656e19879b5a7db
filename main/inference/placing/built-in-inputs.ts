/** float32 [count, 3, height, width] of about −1 … 1: waves of several lengths, the same on every machine. */
export function builtInInputs(
  count: number,
  { height, width }: { height: number; width: number },
): Float32Array {
  const values = new Float32Array(count * 3 * height * width);
  let at = 0;
  for (let photo = 0; photo < count; photo++)
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++) {
          const long = Math.sin((x * (photo + 1) + y * (channel + 1)) * (6 / width));
          const short = Math.cos((x * (channel + 2) - y * (photo + 1)) * 0.35);
          values[at] = 0.6 * long + 0.4 * short;
        }
  return values;
}

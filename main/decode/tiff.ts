/** Raw pixels as an uncompressed TIFF in memory, so that they go the same way as every other photo. */

const long = 4;
const short = 3;

/**
 * Grey, RGB or RGBA pixels, row by row, one byte each, alpha not premultiplied. `icc`: their colour profile.
 * TIFF 6.0; ICC profile in tag 34675 (ICC.1:2010, annex B.4).
 */
export function encodeTiff(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  icc: Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, 0],
    [259, short, 1, 1],
    [262, short, 1, channels === 1 ? 1 : 2],
    [273, long, 1, 0],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, pixels.length],
    [284, short, 1, 1],
  ];
  if (channels === 4) entries.push([338, short, 1, 2]);
  if (icc) entries.push([34675, 7, icc.length, 0]);
  const bits = 8 + 2 + entries.length * 12 + 4;
  const profile = bits + 8;
  const start = (profile + (icc?.length ?? 0) + 3) & ~3;
  const values: Record<number, number> = { 258: channels === 1 ? 8 : bits, 273: start, 34675: profile };

  const file = new Uint8Array(start + pixels.length);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, 8, true);
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + i * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    view.setUint32(at + 8, values[tag] ?? value, true);
  });
  for (let channel = 0; channel < channels; channel++) view.setUint16(bits + channel * 2, 8, true);
  if (icc) file.set(icc, profile);
  file.set(pixels, start);
  return file;
}

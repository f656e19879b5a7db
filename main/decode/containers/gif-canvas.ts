/**
 * GIFs whose first frame leaves out a part of the canvas: browsers show the ground there, libvips black where no frame
 * of the file says that it is transparent.
 */
const [extension, image, graphicControl] = [0x21, 0x2c, 0xf9];

/** One transparent pixel: its control, its place, its two colours, its codes (clear, the first colour, end). */
const clearFrame = Buffer.from('21f90401000000002c0000000001000100800000000000000202440100', 'hex');

const colours = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** Behind a row of sub-blocks. @throws RangeError beyond the file */
function behindBlocks(gif: Buffer, from: number): number {
  let at = from;
  for (let size = gif.readUInt8(at); size > 0; size = gif.readUInt8(at)) at += 1 + size;
  return at + 1;
}

/** Where the first frame ends, if it is opaque and smaller than the canvas. @throws RangeError beyond the file */
function endOfSmallFrame(gif: Buffer): number | null {
  const canvas = { width: gif.readUInt16LE(6), height: gif.readUInt16LE(8) };
  for (let at = 13 + colours(gif.readUInt8(10)); ;) {
    const kind = gif.readUInt8(at);
    if (kind === extension) {
      const transparent = gif.readUInt8(at + 1) === graphicControl && (gif.readUInt8(at + 3) & 1) === 1;
      if (transparent) return null;
      at = behindBlocks(gif, at + 2);
      continue;
    }
    if (kind !== image) return null;
    const [left, top, width, height] = [1, 3, 5, 7].map((offset) => gif.readUInt16LE(at + offset));
    if (left === 0 && top === 0 && width! >= canvas.width && height! >= canvas.height) return null;
    return behindBlocks(gif, at + 10 + colours(gif.readUInt8(at + 9)) + 1);
  }
}

/** The same GIF, with a second frame that says so. */
export function withClearCanvas(gif: Buffer): Buffer {
  try {
    const end = endOfSmallFrame(gif);
    return end === null ? gif : Buffer.concat([gif.subarray(0, end), clearFrame, gif.subarray(end)]);
  } catch (error) {
    // Cut off: what it lacks is said of its picture.
    if (!(error instanceof RangeError)) throw error;
    return gif;
  }
}

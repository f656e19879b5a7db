/** A worker thread that decodes what libvips can't: HEIC with HEVC inside, and BMP. Both readers block their thread. */
import libheif from 'libheif-js/wasm-bundle.js';
import { decodeBmp } from './containers/bmp.ts';
import type { BmpHeader } from './containers/bmp.ts';
import { uncut } from './containers/heif-kind.ts';
import { encodeTiff } from './tiff.ts';
import { answer } from '../rpc/calls.ts';
import type { CallContext } from '../rpc/calls.ts';
import { threadPort } from '../rpc/thread.ts';

export type ForeignRequest =
  | { kind: 'heic'; bytes: Uint8Array; icc: Uint8Array | null }
  | { kind: 'bmp'; bytes: Uint8Array; header: BmpHeader };

export interface ForeignPicture {
  tiff: Uint8Array<ArrayBuffer>;
  /** Part of it was lost. */
  damaged: boolean;
}

// libheif prints what it thinks of a broken file, and `decode` says it. Not by streams of the thread's own, which keep
// the process alive once something was printed into them.
process.stdout.write = () => true;
process.stderr.write = () => true;

const decoder = new libheif.HeifDecoder();

interface Decoded {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** Rotation and mirroring of the container are applied by libheif. Null: it can't. */
async function primaryOf(bytes: Uint8Array): Promise<Decoded | null> {
  const images = decoder.decode(bytes);
  const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
  if (!image) throw new Error('there is no picture in its container');
  const width = image.get_width();
  const height = image.get_height();
  const data = new Uint8ClampedArray(width * height * 4);
  const done = await new Promise((resolve) => image.display({ data, width, height }, resolve));
  for (const each of images) each.free();
  return done ? { data, width, height } : null;
}

/** libheif takes a picture of which little is shown for one that is larger than it says. */
async function partOf(bytes: Uint8Array): Promise<Decoded | null> {
  const file = uncut(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const whole = file && (await primaryOf(file.bytes));
  if (!whole) return null;
  const { x, y, width, height } = file.shown(whole);
  if (x < 0 || y < 0 || x + width > whole.width || y + height > whole.height) return null;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * whole.width + x) * 4;
    data.set(whole.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { data, width, height };
}

async function decodeHeic(bytes: Uint8Array, icc: Uint8Array | null): Promise<ForeignPicture> {
  const decoded = (await primaryOf(bytes)) ?? (await partOf(bytes));
  if (!decoded) throw new Error('its HEVC stream is broken');
  const { data, width, height } = decoded;
  return { tiff: encodeTiff(new Uint8Array(data.buffer), width, height, 4, icc), damaged: false };
}

async function decode(request: ForeignRequest): Promise<ForeignPicture> {
  const { bytes } = request;
  if (request.kind === 'heic') return decodeHeic(bytes, request.icc);
  const { width, height } = request.header;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { data, channels, damaged } = decodeBmp(file, request.header);
  return { tiff: encodeTiff(data, width, height, channels, null), damaged };
}

answer(threadPort(), {
  async decode(request: ForeignRequest, { transfer }: CallContext): Promise<ForeignPicture> {
    const picture = await decode(request);
    transfer.push(picture.tiff.buffer);
    return picture;
  },
});

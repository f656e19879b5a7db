/** A worker thread that decodes what libvips can't: HEIC with HEVC inside, and BMP. Both readers block their thread. */
import libheif from 'libheif-js/wasm-bundle.js';
import { decodeBmp } from './bmp.ts';
import type { BmpHeader } from './bmp.ts';
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

/** Rotation and mirroring of the container are applied by libheif. */
async function decodeHeic(bytes: Uint8Array, icc: Uint8Array | null): Promise<ForeignPicture> {
  const images = decoder.decode(bytes);
  const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
  if (!image) throw new Error('there is no picture in its container');
  const width = image.get_width();
  const height = image.get_height();
  const data = new Uint8ClampedArray(width * height * 4);
  const done = await new Promise((resolve) => image.display({ data, width, height }, resolve));
  for (const each of images) each.free();
  if (!done) throw new Error('its HEVC stream is broken');
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

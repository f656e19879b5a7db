/** A worker thread that decodes what libvips can't: HEIC with HEVC inside, and BMP. Both readers block their thread. */
import { parentPort } from 'node:worker_threads';
import { decode as decodeBmp } from 'bmp-ts';
import libheif from 'libheif-js/wasm-bundle.js';
import { encodeTiff } from './tiff.ts';

export interface ForeignRequest {
  kind: 'heic' | 'bmp';
  bytes: Uint8Array;
  icc: Uint8Array | null;
}

export type ForeignAnswer = { tiff: Uint8Array<ArrayBuffer> } | { error: string };

const decoder = new libheif.HeifDecoder();

/** Rotation and mirroring of the container are applied by libheif. */
async function heicToTiff({ bytes, icc }: ForeignRequest): Promise<Uint8Array<ArrayBuffer>> {
  const images = decoder.decode(bytes);
  const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
  if (!image) throw new Error('there is no picture in its container');
  const width = image.get_width();
  const height = image.get_height();
  const data = new Uint8ClampedArray(width * height * 4);
  const done = await new Promise((resolve) => image.display({ data, width, height }, resolve));
  for (const each of images) each.free();
  if (!done) throw new Error('its HEVC stream is broken');
  return encodeTiff(new Uint8Array(data.buffer), width, height, 4, icc);
}

function bmpToTiff({ bytes }: ForeignRequest): Uint8Array<ArrayBuffer> {
  const { data, width, height } = decodeBmp(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  // bmp-ts gives A, B, G, R; the fourth byte of a BMP's pixel is rarely meant as alpha, and is 0 then.
  const rgba = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    rgba[i] = data[i + 3]!;
    rgba[i + 1] = data[i + 2]!;
    rgba[i + 2] = data[i + 1]!;
    rgba[i + 3] = 255;
  }
  return encodeTiff(rgba, width, height, 4, null);
}

parentPort?.on('message', (request: ForeignRequest) => {
  const work = async () => (request.kind === 'heic' ? heicToTiff(request) : bmpToTiff(request));
  work().then(
    (tiff) => parentPort!.postMessage({ tiff } satisfies ForeignAnswer, [tiff.buffer]),
    (error: unknown) =>
      parentPort!.postMessage({
        error: error instanceof Error ? error.message : String(error),
      } satisfies ForeignAnswer),
  );
});

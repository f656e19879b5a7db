/**
 * From a photo's file to its pixels: upright, RGB of 8 bits, alpha on white, the first picture of an animation.
 *
 * An RGB or grey photo's colour profile is left for whoever shows it (picture.ts): models are trained and published with
 * libraries that take the numbers as they stand. Measured on ViT-Tiny: converting a photo from Adobe RGB moves its
 * best probability 0.05 away from theirs. Other colour spaces (CMYK, Lab) mean nothing unconverted, and become sRGB.
 */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Size } from '../../models/overlay/geometry.ts';
import { systemPath } from '../file-names.ts';
import { inOwnWords } from './alone.ts';
import { readCapture } from './metadata/capture.ts';
import { isCutOff } from './cut-off.ts';
import { pixelLimit, sharp } from './engine.ts';
import { decodeError, decodeFailure, endsEarly, timedOut, tooLarge } from './failures.ts';
import { lookAt, mostHeld, openLarge, readParts, readPreview, readWhole } from './file.ts';
import type { ExpectedFile, PhotoFile } from './file.ts';
import { holdsMore } from './flat.ts';
import { levelsOfFloats } from './float-tiff.ts';
import { toTiff } from './foreign.ts';
import type { ForeignRequest } from './foreign-worker.ts';
import { isLeftOff } from './left-off.ts';
import { Budget } from '../schedule/budget.ts';
import { Slots } from '../schedule/slots.ts';
import { SpareMemory } from '../spare-memory.ts';
import { bareJpeg } from './containers/jpeg-picture.ts';
import { readHeader } from './header.ts';
import type { Header } from './header.ts';
import { hiddenExif } from './metadata/png-exif.ts';
import { patienceMs, within } from './patience.ts';
import { isOneColour, keptProfile, pixelsOf, shrunk } from './pixels.ts';
import type { Pixels } from './resample.ts';
import { takenMs } from './metadata/taken.ts';

export interface DecodeOptions {
  /** The smallest pixels that will do for an upright photo of that size; at least as many come, where the photo has them. */
  atLeast: (photo: Size) => Size;
  /** The file as it was; one that changed since fails with `changed-on-disk`. */
  expected?: ExpectedFile;
}

export interface DecodedPhoto extends Size {
  /** The photo, shrunk by a whole number where that leaves enough. */
  pixels: Pixels;
  /** ICC profile that `pixels` are in, of one channel where it is grey; null: sRGB. */
  profile: Uint8Array | null;
  /** By the clock where it was taken (`clockAt`). */
  takenMs: number | null;
  /** All of its pixels as a JPEG without what was written beside them; null: the file is none, or has more than 64 KB. */
  asJpeg: Uint8Array | null;
  /** Part of the picture was lost: the file is truncated or broken. */
  damaged: boolean;
  /** Milliseconds of reading and decoding, waiting for a turn not included. */
  decodeMs: number;
}

/**
 * As many photos at once as there are cores (decodes go on in libuv's pool, one thread each), and one for the moments
 * between a decode's steps. What is made of a photo's pixels belongs into the same turn. A photo that a person waits for
 * begins beside them.
 */
const turns = new Slots(availableParallelism() + 1, { spare: 1 });
export const inTurn = <T>(work: () => Promise<T>, urgent = false): Promise<T> => turns.run(work, { urgent });

/** Bytes of files that are held at a time, and pixels that are decoded: memory has a bound whatever comes together. */
const held = new Budget(256 << 20);
const decoded = new Budget((availableParallelism() + 1) * 30_000_000);
/** Of files that malloc would ask the system for pages for, and not so large that what is kept is much. */
const fileMemory = new SpareMemory(Buffer.allocUnsafeSlow, availableParallelism() + 1);
const leastReused = 1 << 18;
const mostReused = 1 << 23;
/** With room for one more byte than it has. */
const powerOfTwo = (bytes: number): number => 2 ** (Math.floor(Math.log2(bytes)) + 1);
/** Of a file that is shown instead of a picture of it. */
const mostShown = 64 << 10;
/** Of a header that lies: a photo never packs that well, not even of the clearest sky. */
const largePhoto = 60_000_000;
const mostPixelsPerByte = 1000;

/**
 * Width and height of the result are those of the whole upright photo. Many at once: in `inTurn`.
 * @throws SaccadeError with a code of `DecodeCode`
 */
export async function decodePhoto(path: string, options: DecodeOptions): Promise<DecodedPhoto> {
  let decodeMs = 0;
  const timed = async <T>(pixels: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await within(patienceMs(pixels), () => timedOut(path), work);
    } catch (error) {
      throw decodeFailure(path, error);
    } finally {
      decodeMs += performance.now() - start;
    }
  };
  const { format, bytes } = await timed(0, () => lookAt(path, options.expected));
  // libvips takes no path that is not text.
  const whole = bytes <= mostHeld || typeof systemPath(path) !== 'string';
  const hidden = !whole && format === 'png' && (await timed(0, () => readParts(path, hiddenExif))) !== null;
  // Readers of HEIF and BMP hold all of a file, however large, and EXIF behind a PNG's picture is put before it.
  const all = format !== 'raw' && (whole || hidden || format === 'heif' || format === 'bmp');
  const memory = format === 'jpeg' && bytes >= leastReused && bytes < mostReused ? fileMemory.borrow(powerOfTwo(bytes)) : null; // prettier-ignore
  const photo = await held.with(all ? bytes : 0, async () => {
    const { file, header } = await timed(0, async () => {
      const read = await (format === 'raw'
        ? readPreview(path, options.expected)
        : whole
          ? readWhole(path, format, options.expected, memory)
          : openLarge(path, format, all));
      return { file: read, header: await readHeader(path, read) };
    });
    const { size, metadata } = header;
    const pixels = size.width * size.height;
    if (pixels > pixelLimit || (pixels > largePhoto && pixels > bytes * mostPixelsPerByte))
      throw tooLarge(path, size, bytes);
    const decode = (signal: AbortSignal) =>
      pixelsIn(path, file, header, options.atLeast(size), signal).catch((error: unknown) => {
        const failure = decodeFailure(path, error);
        const { source } = file;
        if (failure.code !== 'corrupt-image' || typeof source === 'string') throw failure;
        throw isCutOff(file.format, source) || isLeftOff(file.format, source) ? endsEarly(path) : failure;
      });
    return decoded.with(pixels, async () => ({
      ...size,
      ...(await timed(pixels, decode)),
      profile: keptProfile(metadata),
      // libvips tells no EXIF of a TIFF.
      takenMs:
        format === 'tiff' ? (await readCapture(path)).takenMs : takenMs(metadata?.exif, metadata ?? {}),
      asJpeg: asJpeg(file, header),
      decodeMs,
    }));
  });
  // Only where it went well: a decoder that was given up may still read it.
  if (memory) fileMemory.giveBack(memory);
  return photo;
}

/** The file itself, where any program shows it as it is and its pixels stand upright in it. */
function asJpeg({ format, source }: PhotoFile, { metadata }: Header): Uint8Array | null {
  if (format !== 'jpeg' || typeof source === 'string' || source.length > mostShown || !metadata) return null;
  const { orientation = 1, space, depth } = metadata;
  const plain = orientation === 1 && (space === 'srgb' || space === 'b-w') && depth === 'uchar';
  return plain ? bareJpeg(source) : null;
}

async function pixelsIn(
  path: string,
  file: PhotoFile,
  header: Header,
  least: Size,
  signal: AbortSignal,
): Promise<{ pixels: Pixels; damaged: boolean }> {
  const { size, metadata } = header;
  const target = shrunk(size, least, file.format === 'jpeg');
  const source = await readable(path, file, header, signal);
  // What was made of a file has one picture, whichever of the file's that is.
  const page = source.bytes === file.source ? (metadata?.pagePrimary ?? 0) : 0;
  const read = await pixelsOf(path, source.bytes, page, metadata, target);
  const leftOff = typeof file.source !== 'string' && isLeftOff(file.format, file.source);
  const damaged = read.damaged || source.damaged || leftOff;
  if (isOneColour(read.pixels)) {
    if (damaged) throw endsEarly(path);
    if (typeof file.source !== 'string' && holdsMore(file.source, metadata, size.width * size.height))
      throw decodeError(
        'unsupported-format',
        `${basename(path)} came out as one colour although its file holds more: it is of a kind that Saccade does not read right. Save it as PNG or JPEG.`,
      );
  }
  return { pixels: read.pixels, damaged };
}

/** What libvips reads: the file, or a TIFF of the same pixels where it has no reader. */
async function readable(
  path: string,
  { source }: PhotoFile,
  { metadata, bmp, tiff }: Header,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array | string; damaged: boolean }> {
  const foreign = async (request: ForeignRequest) => {
    const { tiff: bytes, damaged } = await toTiff(request, signal);
    return { bytes, damaged };
  };
  if (bmp) return foreign({ kind: 'bmp', bytes: source as Buffer, header: bmp });
  if (metadata?.compression === 'hevc')
    return foreign({ kind: 'heic', bytes: source as Buffer, icc: metadata.icc ?? null });
  if (tiff?.float)
    return { bytes: await inOwnWords(() => levelsOfFloats(path, source, metadata!)), damaged: false };
  if (tiff?.dropsChannel) {
    // What is not transparency must not be blended with the ground.
    const kept = () =>
      sharp(source, { limitInputPixels: pixelLimit, ignoreIcc: true })
        .autoOrient()
        .removeAlpha()
        .tiff({ compression: 'none' })
        .toBuffer();
    return { bytes: await inOwnWords(kept), damaged: false };
  }
  return { bytes: source, damaged: false };
}

/** What cameras write into photos beside the picture: with what, how, when and where it was taken. */
import type { FileHandle } from 'node:fs/promises';
import type { Exif } from 'exif-reader';
import type { Capture } from '../../contract/entities/photo.ts';
import { openFile } from '../../files.ts';
import { bytesOf } from '../containers/bytes-at.ts';
import { sharp } from '../engine.ts';
import { readExif, type ReadExif } from './exif.ts';
import { timedOut } from '../failures.ts';
import { metadataSource, mostHeld } from '../file.ts';
import { formatOf } from '../format.ts';
import { embeddedInJpeg, exifInJpeg } from './jpeg-embedded.ts';
import { hiddenExif } from './png-exif.ts';
import { patienceMs, within } from '../patience.ts';
import { metadataBoxes } from '../containers/raw-boxes.ts';
import { SpareMemory } from '../../spare-memory.ts';
import { type Beside, readable, takenOf } from './taken.ts';
import { type Degrees, xmpPlace } from './xmp-place.ts';

type Tags = Readonly<Record<string, unknown>>;

/** By name, or by number where the reader's table has no name for it. */
const first = (tags: Tags, ...names: (string | number)[]): unknown =>
  names.map((name) => tags[name]).find((value) => value !== undefined && value !== null);

function textOf(value: unknown): string | null {
  // The reader leaves bytes that are not ASCII as they are.
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  if (typeof text !== 'string') return null;
  const tidy = text.replace(/\0.*$/su, '').replace(/\s+/gu, ' ').trim();
  return tidy === '' || /^[-.\s]+$/u.test(tidy) ? null : tidy.slice(0, 120);
}

function positive(value: unknown, most: number): number | null {
  const number: unknown = Array.isArray(value) ? value[0] : value;
  return typeof number === 'number' && number > 0 && number <= most ? number : null;
}

/** "Canon" and "Canon EOS 5D", "NIKON CORPORATION" and "NIKON D750": the maker is said once. */
function cameraOf(maker: string | null, model: string | null): string | null {
  if (!model || !maker) return model ?? maker;
  const word = maker.split(/[\s,]/u)[0]!;
  return model.toLowerCase().startsWith(word.toLowerCase()) ? model : `${tidyMaker(maker)} ${model}`;
}

const tidyMaker = (maker: string) =>
  maker.replace(/[,\s]+(corporation|corp\.?|company|co\.?|ltd\.?|inc\.?|imaging|optical)\b.*$/iu, '');

/** Null also where nobody says of which half of the Earth: a place on the other one is worse than none. */
function degrees(
  value: unknown,
  reference: unknown,
  most: number,
  [positive, negative]: string,
): number | null {
  const side = textOf(reference)?.toUpperCase()[0];
  if (!Array.isArray(value) || value.length === 0 || (side !== positive && side !== negative)) return null;
  const [whole, ...parts] = value.slice(0, 3).map(Number);
  // 0/0 stands for minutes and seconds that are not told.
  const [minutes, seconds] = [0, 1].map((i) => parts[i] || 0);
  const angle = whole! + minutes! / 60 + seconds! / 3600;
  if (!Number.isFinite(angle) || angle < 0 || angle > most) return null;
  return side === negative ? -angle : angle;
}

const nowhere = { latitude: null, longitude: null };
/** Zeros are what receivers write that have found nothing. */
const unlessZero = (place: Degrees) => (place.latitude !== 0 || place.longitude !== 0 ? place : nowhere);

/** @param beside asked for where EXIF does not say it */
function placeOf(gps: Tags, beside: () => Beside): Pick<Capture, 'latitude' | 'longitude'> {
  const latitude = degrees(first(gps, 'GPSLatitude', 2), first(gps, 'GPSLatitudeRef', 1), 90, 'NS');
  const longitude = degrees(first(gps, 'GPSLongitude', 4), first(gps, 'GPSLongitudeRef', 3), 180, 'EW');
  if (latitude !== null && longitude !== null) return unlessZero({ latitude, longitude });
  const { xmp } = beside();
  const place = xmp ? xmpPlace(xmp) : null;
  return place ? unlessZero(place) : nowhere;
}

function captureOf(exif: ReadExif | null, read: () => Beside = () => ({})): Capture {
  let known: Beside | null = null;
  const beside = () => (known ??= read());
  const tags: Partial<Exif> = exif?.tags ?? {};
  const image: Tags = tags.Image ?? {};
  // RAW files of some makers have all of it in the first directory.
  const photo: Tags = { ...image, ...tags.Photo };
  return {
    takenMs: takenOf(exif, beside),
    camera: cameraOf(textOf(image['Make']), textOf(image['Model'])),
    lens: textOf(first(photo, 'LensModel', 0xa434)),
    exposure: positive(photo['ExposureTime'], 1e6),
    aperture: positive(photo['FNumber'], 1000),
    iso: positive(first(photo, 'ISOSpeedRatings', 'PhotographicSensitivity'), 1e8),
    focal: positive(photo['FocalLength'], 100_000),
    focal35: positive(first(photo, 'FocalLengthIn35mmFilm', 0xa405), 100_000),
    ...placeOf(tags.GPSInfo ?? {}, beside),
  };
}

/** Raise it when a change to how this is read changes what is said of a file: photos that are known are read anew. */
export const captureVersion = 6;

/** Of a file that says nothing. */
export const noCapture: Capture = {
  takenMs: null,
  camera: null,
  lens: null,
  exposure: null,
  aperture: null,
  iso: null,
  focal: null,
  focal35: null,
  latitude: null,
  longitude: null,
};

/** Directories of RAW files and TIFFs begin within it, and so does what they point to. */
const headBytes = 1 << 20;

/** What cameras write comes first in a JPEG, in a segment of at most 64 KB. */
const jpegHeadBytes = 68 << 10;

const spare = new SpareMemory(Buffer.allocUnsafeSlow, 2);

/**
 * Reads the file's head alone, no pixels. Broken or missing EXIF is no failure: it says nothing.
 * @throws SaccadeError `missing-file`, `unreadable`, `timed-out`
 */
export function readCapture(path: string): Promise<Capture> {
  return within(
    patienceMs(0),
    () => timedOut(path),
    async () => {
      const { file: opened, facts } = await openFile(path);
      await using file = opened;
      const head = spare.borrow(jpegHeadBytes);
      const { bytesRead } = await file.read(head, 0, jpegHeadBytes, 0);
      const capture = await captureIn(path, file, facts.size, head.subarray(0, bytesRead));
      spare.giveBack(head);
      return capture;
    },
  );
}

async function captureIn(path: string, file: FileHandle, size: number, start: Buffer): Promise<Capture> {
  const format = formatOf(path, start);
  if (!format || format === 'bmp' || format === 'gif') return noCapture;
  try {
    if (format === 'raw' || format === 'tiff') return await ofDirectories(file, size, start.subarray(0, 64));
    const plain = format === 'jpeg' ? exifInJpeg(start) : undefined;
    if (plain !== undefined) {
      const place = { at: 0, length: size };
      return captureOf(readable(plain), () => embeddedInJpeg(bytesOf(file, size), place));
    }
    const hidden = format === 'png' ? hiddenExif(bytesOf(file, size), size) : null;
    if (hidden) return captureOf(readExif(hidden));
    const source = await metadataSource(path, format, size);
    return source === null ? noCapture : await ofPicture(source);
  } catch {
    return noCapture;
  }
}

async function part(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

async function ofPicture(source: Buffer | string): Promise<Capture> {
  const { exif, xmp, iptc } = await sharp(source, { limitInputPixels: false, failOn: 'none' }).metadata();
  return captureOf(readable(exif), () => ({ xmp, iptc }));
}

async function ofDirectories(file: FileHandle, size: number, start: Buffer): Promise<Capture> {
  const text = start.toString('latin1');
  // Fujifilm's: a JPEG with EXIF of its own, at a place that the header names.
  if (text.startsWith('FUJIFILMCCD-RAW'))
    return ofPicture(await part(file, (await part(file, 84, 4)).readUInt32BE(), 256 << 10));
  if (text.slice(4, 8) === 'ftyp') return ofBoxes(file, size);
  const little = text.startsWith('II');
  const at = little ? start.readUInt32LE(4) : start.readUInt32BE(4);
  if (at >= headBytes && size > mostHeld) return noCapture;
  const head = await part(file, 0, at < headBytes ? Math.min(size, headBytes) : size);
  // Olympus and Panasonic write marks of their own where TIFF has 42.
  if (little) head.writeUInt16LE(42, 2);
  else head.writeUInt16BE(42, 2);
  const exif = readExif(head);
  const image: Tags = exif.tags.Image ?? {};
  return captureOf(exif, () => ({
    xmp: bytesIn(image, little, 'XMLPacket', 'ApplicationNotes', 700),
    iptc: bytesIn(image, little, 'IPTCNAA', 33723),
  }));
}

/** A field of TIFF that holds bytes, which many programs write as numbers of four each. */
function bytesIn(image: Tags, little: boolean, ...names: (string | number)[]): Buffer | null {
  const value = first(image, ...names);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (!Array.isArray(value)) return null;
  const numbers = value as number[];
  if (numbers.every((number) => number < 256)) return Buffer.from(numbers);
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries())
    if (little) bytes.writeUInt32LE(number >>> 0, i * 4);
    else bytes.writeUInt32BE(number >>> 0, i * 4);
  return bytes;
}

/** Canon's CR3: the directories of TIFF, EXIF and GPS, each as the first of a TIFF of its own. */
function ofBoxes(file: FileHandle, size: number): Capture {
  const boxes = metadataBoxes(bytesOf(file, size), size);
  const [image, photo, place] = ['CMT1', 'CMT2', 'CMT4'].map((name) => {
    const box = boxes.get(name);
    return box && readExif(box);
  });
  const tags = { Image: image?.tags.Image, Photo: photo?.tags.Image, GPSInfo: place?.tags.Image };
  const [original, digitized] = [photo?.dates.original ?? null, photo?.dates.digitized ?? null];
  return captureOf({ tags: tags as Exif, dates: { original, digitized, changed: image?.dates.changed ?? null } }); // prettier-ignore
}

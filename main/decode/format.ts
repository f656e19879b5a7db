/** What a file is, by its first bytes: names lie. */
import { bmpHeaderSizes } from './containers/bmp.ts';
import { isRaw } from './containers/raw.ts';

export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif' | 'bmp' | 'raw';

const tests: [PhotoFormat, (bytes: Buffer) => boolean][] = [
  ['jpeg', (bytes) => bytes.readUInt16BE(0) === 0xffd8],
  ['png', (bytes) => bytes.readUInt32BE(0) === 0x89504e47],
  ['gif', (bytes) => bytes.toString('latin1', 0, 4) === 'GIF8'],
  ['webp', (bytes) => text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WEBP'],
  ['tiff', (bytes) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(bytes, 0))],
  ['heif', (bytes) => text(bytes, 4) === 'ftyp' && heifBrand.test(text(bytes, 8))],
  ['bmp', (bytes) => bytes.toString('latin1', 0, 2) === 'BM' && bmpHeaderSizes.has(bytes.readUInt32LE(14))],
];

const text = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 4);
const heifBrand = /^(avi[fs]|hei[cxms]|hev[cxms]|mif[12]|msf1|miaf)$/;
/** Camera RAW is TIFF on the outside, and a tiny preview would pass for the photo. */
const rawNames =
  /\.(3fr|arw|cr[23w]|dng|erf|iiq|kdc|mef|mos|mrw|nef|nrw|orf|pef|raf|raw|rw2|rwl|sr2|srf|srw|x3f)$/i;

/** Null: none that Saccade reads. */
export function formatOf(name: string, bytes: Buffer): PhotoFormat | null {
  if (bytes.length < 26) return null;
  if (isRaw(name, bytes)) return 'raw';
  const format = tests.find(([, matches]) => matches(bytes))?.[0] ?? null;
  return format === 'tiff' && rawNames.test(name) ? null : format;
}

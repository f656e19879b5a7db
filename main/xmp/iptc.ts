/**
 * Keywords and dates of IPTC-IIM 4.2 (record 2), as they stand in the Photoshop resource 0x0404 of a JPEG, or bare in
 * a TIFF. What is broken ends the reading: what came before it holds.
 */
import { isUtf8 } from 'node:buffer';

const photoshop = 'Photoshop 3.0\0';
const [iptcResource, dataSetMark, keywordSet] = [0x0404, 0x1c, 25];

/** The bare data sets in a block of Photoshop's resources; null: there are none. */
function resource(bytes: Buffer): Buffer | null {
  for (
    let at = photoshop.length;
    at + 12 <= bytes.length && bytes.toString('latin1', at, at + 4) === '8BIM';
  ) {
    const id = bytes.readUInt16BE(at + 4);
    // A Pascal string, then the data, both made even.
    const name = at + 6;
    const sizeAt = name + ((1 + bytes[name]! + 1) & ~1);
    if (sizeAt + 4 > bytes.length) return null;
    const size = bytes.readUInt32BE(sizeAt);
    if (id === iptcResource) return bytes.subarray(sizeAt + 4, sizeAt + 4 + size);
    at = sizeAt + 4 + ((size + 1) & ~1);
  }
  return null;
}

/** What programs of Windows and exiftool take for Latin-1: it has curled quotes and dashes where that has controls. */
const latin = new TextDecoder('windows-1252');

const textOf = (bytes: Buffer) =>
  // What data set 1:90 says of it is often missing or wrong, and Latin-1 is hardly ever UTF-8 by chance.
  (isUtf8(bytes) ? bytes.toString() : latin.decode(bytes)).replaceAll('\0', '').trim();

interface DataSet {
  record: number;
  number: number;
  value: Buffer;
}

/** Photoshop's TIFFs call them numbers of four bytes, whose bytes libtiff then turns round in files of the other order. */
const inOrder = (bytes: Buffer): Buffer =>
  bytes[0] !== dataSetMark && bytes[3] === dataSetMark && bytes.length % 4 === 0
    ? Buffer.from(bytes).swap32()
    : bytes;

function dataSets(block: Buffer): DataSet[] {
  const bytes =
    block.toString('latin1', 0, photoshop.length) === photoshop ? resource(block) : inOrder(block);
  if (!bytes) return [];
  const found: DataSet[] = [];
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === dataSetMark;) {
    const size = bytes.readUInt16BE(at + 3);
    // Longer than 32 KiB: no keyword (64 bytes), and what follows is not looked for.
    if (size >= 0x8000 || at + 5 + size > bytes.length) break;
    const value = bytes.subarray(at + 5, at + 5 + size);
    found.push({ record: bytes[at + 1]!, number: bytes[at + 2]!, value });
    at += 5 + size;
  }
  return found;
}

export const iptcKeywords = (block: Buffer): string[] =>
  dataSets(block)
    .filter(({ record, number }) => record === 2 && number === keywordSet)
    .map(({ value }) => textOf(value))
    .filter((name) => name !== '');

/** `20140703` and `123000+0200` → milliseconds of that clock, in the form of UTC; a month or a year alone is no day. */
function clockOf(day: string | undefined, time: string | undefined): number | null {
  const [, year, month, date] = /^(\d{4})(\d\d)(\d\d)$/.exec(day ?? '') ?? [];
  if (!year) return null;
  const [, hour = '00', minute = '00', second = '00'] =
    /^(\d\d)(\d\d)(\d\d)([+-]\d{4})?$/.exec(time ?? '') ?? [];
  const written = `${year}-${month}-${date}T${hour}:${minute}:${second}`;
  const at = new Date(`${written}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 19) === written ? at.getTime() : null;
}

/** When the picture was taken (2:55, 2:60) and when it became a file (2:62, 2:63); null: nobody says. */
export function iptcDates(block: Buffer): { original: number | null; digitized: number | null } {
  const sets = dataSets(block);
  const of = (wanted: number) => {
    const found = sets.find(({ record, number }) => record === 2 && number === wanted);
    return found && textOf(found.value);
  };
  return { original: clockOf(of(55), of(60)), digitized: clockOf(of(62), of(63)) };
}

/** Photoshop's resources may be there without. */
export const hasDataSets = (block: Buffer): boolean => dataSets(block).length > 0;

const isAscii = (bytes: Buffer) => bytes.every((byte) => byte < 0x80);

/** Its texts (2:0 … 2:199) are UTF-8, which data set 1:90 does not say. */
export function isUtf8Unsaid(block: Buffer): boolean {
  const sets = dataSets(block);
  const texts = sets.filter(({ record, number, value }) => record === 2 && number < 200 && !isAscii(value));
  const said = sets.some(({ record, number }) => record === 1 && number === 90);
  return !said && texts.length > 0 && texts.every(({ value }) => isUtf8(value));
}

/** Versions and the character set are all there is. */
export const saysNothing = (block: Buffer): boolean =>
  dataSets(block).every(({ record, number }) => number === 0 || (record === 1 && number === 90));

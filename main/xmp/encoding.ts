/** A sidecar's bytes as text and back, so that what was not changed keeps its bytes. */
import { isUtf8 } from 'node:buffer';
import { SaccadeError } from '../../models/error.ts';

/** Larger ones are edit histories that no keyword is worth reading through. */
export const mostBytes = 16 * 1024 * 1024;

export interface XmpText {
  /** Without a byte order mark. */
  text: string;
  bytesOf(text: string): Buffer;
}

const unusable = (found: string): SaccadeError =>
  new SaccadeError('bad-sidecar', `Expected XMP in UTF-8 or UTF-16; found ${found}.`);

const swapped = (bytes: Uint8Array): Buffer => Buffer.from(bytes).swap16();

interface Encoding {
  mark: Buffer;
  read(bytes: Buffer): string;
  write(text: string): Buffer;
}

const utf8: Omit<Encoding, 'mark'> = {
  read: (bytes) => bytes.toString(),
  write: (text) => Buffer.from(text),
};
const utf16le: Omit<Encoding, 'mark'> = {
  read: (bytes) => bytes.toString('utf16le'),
  write: (text) => Buffer.from(text, 'utf16le'),
};
const utf16be: Omit<Encoding, 'mark'> = {
  read: (bytes) => swapped(bytes).toString('utf16le'),
  write: (text) => swapped(Buffer.from(text, 'utf16le')),
};
const none = Buffer.alloc(0);

function encodingOf(bytes: Buffer): Encoding {
  const begins = (...head: number[]) => head.every((byte, i) => bytes[i] === byte);
  if (begins(0xef, 0xbb, 0xbf)) return { ...utf8, mark: bytes.subarray(0, 3) };
  if (begins(0xff, 0xfe)) return { ...utf16le, mark: bytes.subarray(0, 2) };
  if (begins(0xfe, 0xff)) return { ...utf16be, mark: bytes.subarray(0, 2) };
  if (begins(0x3c, 0)) return { ...utf16le, mark: none };
  if (begins(0, 0x3c)) return { ...utf16be, mark: none };
  return { ...utf8, mark: none };
}

/** @throws SaccadeError `bad-sidecar` for other encodings and for bytes that are none of theirs */
export function xmpText(bytes: Buffer): XmpText {
  if (bytes.length > mostBytes)
    throw new SaccadeError(
      'bad-sidecar',
      `Expected at most ${mostBytes / 1024 / 1024} MB of XMP; found ${Math.ceil(bytes.length / 1024 / 1024)} MB.`,
    );
  const { mark, read, write } = encodingOf(bytes);
  const wide = read !== utf8.read;
  const body = bytes.subarray(mark.length);
  if (wide ? body.length % 2 : !isUtf8(body)) throw unusable('bytes that are neither');
  const text = read(body);
  const bytesOf = (changed: string) => Buffer.concat([mark, write(changed)]);
  const declared = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(text)?.[1];
  const known = wide ? /^utf-?16/i : /^(utf-?8|us-ascii|ascii)$/i;
  if (declared !== undefined && !known.test(declared)) throw unusable(declared);
  // A lone half of a surrogate pair would not come back.
  if (!bytesOf(text).equals(bytes)) throw unusable('bytes that are neither');
  return { text, bytesOf };
}

/**
 * File names as text that keeps their bytes. Linux has names of bytes, and not all are UTF-8: a byte that belongs to no
 * character is carried as a code point of U+EF80 … U+EFFF (MirBSD's OPTU-8), and a character of that very range byte by
 * byte as well, so that no two names become one text and every text leads back to its file.
 */
import { isUtf8 } from 'node:buffer';

const carried = /[\uef80-\uefff]/;
const carry = (byte: number) => String.fromCharCode(0xef00 + byte);

/** Bytes of the character that begins at `at`; 0: none does. */
function characterAt(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const character = bytes.subarray(at, at + length);
  return isUtf8(character) && !carried.test(character.toString()) ? length : 0;
}

/** A name or path as the system gives it, as text. */
export function textOfName(bytes: Buffer): string {
  if (isUtf8(bytes)) {
    const text = bytes.toString();
    if (!carried.test(text)) return text;
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterAt(bytes, at);
    text += length ? bytes.toString('utf8', at, at + length) : carry(bytes[at]!);
    at += length || 1;
  }
  return text;
}

/** Of a path that somebody typed or chose. */
export const textOfPath = (path: string): string =>
  carried.test(path) ? textOfName(Buffer.from(path)) : path;

/** What file system calls take for a text of `textOfName`. */
export function systemPath(text: string): string | Buffer {
  if (!carried.test(text)) return text;
  return Buffer.concat(
    [...text].map((character) =>
      carried.test(character) ? Buffer.of(character.charCodeAt(0) - 0xef00) : Buffer.from(character),
    ),
  );
}

/** For people: bytes that are no character as `\x80`. */
export function shownName(text: string): string {
  return text.replace(
    /[\uef80-\uefff]/g,
    (character) => `\\x${(character.charCodeAt(0) - 0xef00).toString(16).padStart(2, '0')}`,
  );
}

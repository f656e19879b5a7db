/** Text out of files that people wrote: garbage names would be taken for right ones. */
import { isUtf8 } from 'node:buffer';

/** UTF-8, or UTF-16 with its mark, as editors on Windows save it; without the mark. Null: bytes that are neither. */
export function textIn(bytes: Uint8Array): string | null {
  const wide = { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] } as const;
  for (const [encoding, mark] of Object.entries(wide)) {
    if (bytes[0] !== mark[0] || bytes[1] !== mark[1]) continue;
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      return null;
    }
  }
  // A null character is in no text; UTF-16 without its mark is full of them.
  return isUtf8(bytes) && !bytes.includes(0) ? new TextDecoder().decode(bytes) : null;
}

/** The words of the command line, as the bytes that they are where they are no UTF-8. */
import { readFileSync } from 'node:fs';
import { textOfName, textOfPath } from '../file-names.ts';

/** Without the program's own name. Node replaces what is no UTF-8; Linux still tells the bytes. */
export function commandWords(given = process.argv.slice(2)): string[] {
  if (!given.some((word) => word.includes('\ufffd'))) return given.map(textOfPath);
  try {
    const bytes = readFileSync('/proc/self/cmdline');
    const words: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0, at);
      words.push(textOfName(bytes.subarray(at, end)));
      at = end + 1;
    }
    return given.length ? words.slice(-given.length) : [];
  } catch {
    return given;
  }
}

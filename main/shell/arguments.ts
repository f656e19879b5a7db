/** What the words after `saccade` ask for: a window, with a folder or without, or the command line. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Start = { kind: 'window'; folder: string | null } | { kind: 'command'; args: string[] };

/** Answered by the command line although no command is named. */
const commandFlags = ['--help', '-h', '--version', '-V'];

/** The folder a path or a `file:` address stands for: itself, or the one the file is in; null where there is neither. */
export function folderOf(path: string, cwd: string): string | null {
  const full = pathOf(path) ?? resolve(cwd, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (!found) return null;
  return found.isDirectory() ? full : dirname(full);
}

/** Linux file managers hand over addresses (`%U`); null: none, or of another machine. */
function pathOf(address: string): string | null {
  if (!address.startsWith('file:')) return null;
  try {
    return fileURLToPath(address);
  } catch {
    return null;
  }
}

/**
 * `words` are the arguments after the application itself. Switches before the first other word are Chromium's. One
 * word that is a path that exists is opened; anything else is a command, and who mistypes one learns of it there.
 */
export function readStart(words: string[], cwd: string): Start {
  if (words.length === 1 && commandFlags.includes(words[0]!)) return { kind: 'command', args: words };
  const first = words.findIndex((word) => !word.startsWith('-'));
  if (first < 0) return { kind: 'window', folder: null };
  const args = words.slice(first);
  const folder = args.length === 1 ? folderOf(args[0]!, cwd) : null;
  return folder === null ? { kind: 'command', args } : { kind: 'window', folder };
}

/** Unpackaged, Electron gets the application's path as its first word that is no switch. */
export function wordsOf(argv: string[], packaged: boolean): string[] {
  const words = argv.slice(1);
  return packaged ? words : words.slice(words.findIndex((word) => !word.startsWith('-')) + 1);
}

/**
 * A failure is kept with the content of a file, and told of each file that holds it, by that file's own name: copies
 * have others, and any may be renamed.
 */
import { basename } from 'node:path';
import type { Failure } from '../../contract/failure.ts';

/** In the name's place; Unicode's for an object that stands elsewhere. */
const place = '\u{fffc}';

/** As it is kept. @param path of the file that it begins with, or whose name */
export function nameless(failure: Failure, path: string): Failure {
  const said = [path, basename(path)].find((name) => failure.message.startsWith(`${name} `));
  return said ? { ...failure, message: place + failure.message.slice(said.length) } : failure;
}

/** What is kept, as it is told of a file. */
export const named = (message: string, path: string): string =>
  message.startsWith(place) ? basename(path) + message.slice(place.length) : message;

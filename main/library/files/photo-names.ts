/**
 * Which names photos can have in a folder. Not only must nothing be called so: a photo beside a file, or a sidecar, of
 * the same name would be taken for the same shot, and what is said of one for said of the other.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { systemPath, textOfName } from '../../file-names.ts';
import { isPhotoName, isVideoName } from '../scan/photo-extensions.ts';
import { stemOf } from './companions.ts';
import { isThere } from './whole.ts';

/** Systems differ in whether case tells names apart: here it never does. */
const keyOf = (path: string) => path.normalize('NFC').toLowerCase();

/** Of files that are there and belong to none that is placed. */
const nobodys = '';

function namesIn(folder: string): string[] {
  try {
    return readdirSync(systemPath(folder), { encoding: 'buffer' }).map((name) => textOfName(name));
  } catch {
    // It is not made yet; what else is wrong with it shows when a file comes.
    return [];
  }
}

/** Folders are read once, and names remembered that are given away. */
export class PhotoNames {
  readonly #files = new Set<string>();
  /** By folder and name without ending: whose shot it is. */
  readonly #shots = new Map<string, Map<string, string>>();

  /** `shot`: files of one can have one name. */
  isFree(path: string, shot: string): boolean {
    if (this.#files.has(keyOf(path)) || isThere(path)) return false;
    const shots = this.#shotsIn(dirname(path));
    return [stemOf(basename(path)), keyOf(basename(path))].every((name) => (shots.get(name) ?? shot) === shot); // prettier-ignore
  }

  take(path: string, shot: string): void {
    this.#files.add(keyOf(path));
    this.#shotsIn(dirname(path)).set(stemOf(basename(path)), shot);
  }

  #shotsIn(folder: string): Map<string, string> {
    const key = keyOf(folder);
    let shots = this.#shots.get(key);
    if (!shots) {
      const names = namesIn(folder).filter((name) => isPhotoName(name) || isVideoName(name) || /\.xmp$/i.test(name)); // prettier-ignore
      this.#shots.set(key, (shots = new Map(names.map((name) => [stemOf(name), nobodys]))));
    }
    return shots;
  }
}

/**
 * Which names photos can have in a folder. Not only must nothing be called so: a photo beside a file, or a sidecar, of
 * the same name would be taken for the same shot, and what is said of one for said of the other.
 */
import { basename, dirname, join } from 'node:path';
import { namesInSync } from '../../files.ts';
import { isPhotoName, isVideoName } from '../../decode/photo-extensions.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderByPath } from '../catalog/folders.ts';
import { photoNamed } from '../catalog/photos.ts';
import { foldCase, stemOf } from '../scan/shots.ts';
import type { Shot } from './companions.ts';
import { freeNumber, numbered } from './transfer.ts';
import { isThere } from './whole.ts';

/** Of files that are there and belong to none that is placed. */
const nobodys = '';

function namesThere(folder: string): string[] {
  try {
    return namesInSync(folder);
  } catch {
    // It is not made yet; what else is wrong with it shows when a file comes.
    return [];
  }
}

/** Folders are read once, and names remembered that are given away. Case never tells names apart here: on some disks it does not. */
export class PhotoNames {
  readonly #catalog: Catalog | null;
  readonly #files = new Set<string>();
  /** By folder and name without ending: whose shot it is. */
  readonly #shots = new Map<string, Map<string, string>>();

  /** `catalog`: its photos that are missing, or away, keep their names, and with them what a person said of them. */
  constructor(catalog: Catalog | null) {
    this.#catalog = catalog;
  }

  #isKnown(path: string): boolean {
    const folder = this.#catalog && folderByPath(this.#catalog, dirname(path));
    return Boolean(folder && photoNamed(this.#catalog!, folder.id, basename(path)));
  }

  /** `shot`: files of one can have one name. */
  isFree(path: string, shot: string): boolean {
    if (this.#files.has(foldCase(path)) || isThere(path) || this.#isKnown(path)) return false;
    const shots = this.#shotsIn(dirname(path));
    return [stemOf(basename(path)), foldCase(basename(path))].every((name) => (shots.get(name) ?? shot) === shot); // prettier-ignore
  }

  take(path: string, shot: string): void {
    this.#files.add(foldCase(path));
    this.#shotsIn(dirname(path)).set(stemOf(basename(path)), shot);
  }

  #shotsIn(folder: string): Map<string, string> {
    const key = foldCase(folder);
    let shots = this.#shots.get(key);
    if (!shots) {
      const names = namesThere(folder).filter((name) => isPhotoName(name) || isVideoName(name) || /\.xmp$/i.test(name)); // prettier-ignore
      this.#shots.set(key, (shots = new Map(names.map((name) => [stemOf(name), nobodys]))));
    }
    return shots;
  }
}

/** Where each file of a shot goes; null: it is there. */
export type Placer = (shot: Shot) => ((path: string) => string) | null;

/** One name for all of a shot. */
export function inFolder(catalog: Catalog, folder: string): Placer {
  const names = new PhotoNames(catalog);
  return ({ key: shot, files }) => {
    const first = files[0]!.path;
    if (dirname(first) === folder) return null;
    const wanted = files.map(({ path }) => join(folder, basename(path)));
    const number = freeNumber(wanted, (at) => !names.isFree(at, shot));
    for (const path of wanted) names.take(numbered(path, number), shot);
    return (path) => numbered(join(folder, basename(path)), number);
  };
}

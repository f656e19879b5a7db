/**
 * Which files of a folder are of one shot, by their names: the same one but for the ending, whatever its case. Where
 * case alone tells two files apart, as on disks of Linux, it tells shots apart too: photo.jpg and PHOTO.JPG are two.
 */
import { extname } from 'node:path';

/** Names that are the same on a disk that does not tell case apart. */
export const foldCase = (name: string): string => name.normalize('NFC').toLowerCase();

export const withoutEnding = (name: string): string => name.slice(0, name.length - extname(name).length);

/** What files of one shot have in common. */
export const stemOf = (name: string): string => foldCase(withoutEnding(name));

export class ShotNames {
  /** By what is common to them, whatever the case. */
  readonly #names: Map<string, string[]>;
  /** Of those, the ones of several shots. */
  readonly #several: Set<string>;

  /** `names`: of the photos and videos of one folder. */
  constructor(names: Iterable<string>) {
    this.#names = Map.groupBy(names, stemOf);
    const several = [...this.#names].filter(([, all]) => new Set(all.map(foldCase)).size < all.length);
    this.#several = new Set(several.map(([stem]) => stem));
  }

  /** The same for files of one shot, and for a sidecar of their name. */
  shotOf(name: string): string {
    return this.isDivided(name) ? withoutEnding(name) : stemOf(name);
  }

  /** Case tells files of this name apart. */
  isDivided(name: string): boolean {
    return this.#several.has(stemOf(name));
  }

  /** Names of the files of a shot, `name` or not among them. */
  filesWith(name: string): string[] {
    const all = this.#names.get(stemOf(name)) ?? [];
    if (!this.isDivided(name)) return all;
    return all.filter((each) => withoutEnding(each) === withoutEnding(name));
  }

  /** A file is called so, whatever the case. */
  has(name: string): boolean {
    return (this.#names.get(stemOf(name)) ?? []).some((each) => foldCase(each) === foldCase(name));
  }

  /** Another file has the same name but for its case. */
  hasTwin(name: string): boolean {
    return (this.#names.get(stemOf(name)) ?? []).some((each) => each !== name && foldCase(each) === foldCase(name)); // prettier-ignore
  }
}

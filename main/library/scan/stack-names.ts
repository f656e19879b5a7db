/** RAW and JPEG of one shot, told by their names: the same one in the same folder, but for the ending. */
import { basename, dirname, extname } from 'node:path';
import { rawExtensions } from '../../decode/containers/raw.ts';
import { namesInSync } from '../../files.ts';
import { isPhotoName, isVideoName } from '../../decode/photo-extensions.ts';
import { ShotNames } from './shots.ts';

const raws: ReadonlySet<string> = new Set(rawExtensions);
/** What cameras write beside a RAW; the first of them leads. */
const developed = ['jpg', 'jpeg', 'heic', 'heif', 'hif'];

const endingOf = (name: string): string => extname(name).slice(1).toLowerCase();

/** By each RAW that has one, the photo that stands for both. */
export function leaders(names: readonly string[]): Map<string, string> {
  const shots = new Map<string, { raws: string[]; leader: string | null; rank: number }>();
  const all = new ShotNames(names);
  for (const name of names) {
    const [shot, ending] = [all.shotOf(name), endingOf(name)];
    const found = shots.get(shot) ?? { raws: [], leader: null, rank: developed.length };
    const rank = developed.indexOf(ending);
    if (raws.has(ending)) found.raws.push(name);
    else if (rank >= 0 && rank < found.rank) Object.assign(found, { leader: name, rank });
    shots.set(shot, found);
  }
  return new Map(
    [...shots.values()].flatMap(({ raws: under, leader }) =>
      leader === null ? [] : under.map((name) => [name, leader] as const),
    ),
  );
}

/** Of files on disk. Reads each folder once as long as paths come folder by folder. */
export class Stacks {
  #last: { folder: string; under: ReadonlyMap<string, string> } | null = null;

  #in(folder: string): ReadonlyMap<string, string> {
    if (this.#last?.folder !== folder) this.#last = { folder, under: leaders(photosIn(folder)) };
    return this.#last.under;
  }

  /** Whether it is a RAW with a photo beside it that stands for both. */
  isUnder(path: string): boolean {
    return raws.has(endingOf(path)) && this.#in(dirname(path)).has(basename(path));
  }

  /** Names of the RAWs beside a photo that it stands for. */
  under(path: string): string[] {
    const name = basename(path);
    if (!developed.includes(endingOf(name))) return [];
    return [...this.#in(dirname(path))].filter(([, leader]) => leader === name).map(([raw]) => raw);
  }
}

function photosIn(folder: string): string[] {
  try {
    return namesInSync(folder).filter((name) => isPhotoName(name) || isVideoName(name));
  } catch {
    // What keeps it from being read is told by the search.
    return [];
  }
}

/** RAW and JPEG of one shot, told by their names: the same one in the same folder, but for the ending. */
import { readdirSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { rawExtensions } from '../../decode/raw.ts';
import { systemPath } from '../../file-names.ts';

const raws: ReadonlySet<string> = new Set(rawExtensions);
/** What cameras write beside a RAW; the first of them leads. */
const developed = ['jpg', 'jpeg', 'heic', 'heif', 'hif'];

function parts(name: string): { shot: string; ending: string } {
  const extension = extname(name);
  return { shot: name.slice(0, name.length - extension.length).toLowerCase(), ending: extension.slice(1).toLowerCase() }; // prettier-ignore
}

/** By each RAW that has one, the photo that stands for both. */
export function leaders(names: Iterable<string>): Map<string, string> {
  const shots = new Map<string, { raws: string[]; leader: string | null; rank: number }>();
  for (const name of names) {
    const { shot, ending } = parts(name);
    const found = shots.get(shot) ?? { raws: [], leader: null, rank: developed.length };
    const rank = developed.indexOf(ending);
    if (raws.has(ending)) found.raws.push(name);
    else if (rank >= 0 && rank < found.rank) Object.assign(found, { leader: name, rank });
    shots.set(shot, found);
  }
  return new Map([...shots.values()].flatMap(({ raws: under, leader }) => (leader === null ? [] : under.map((name) => [name, leader] as const)))); // prettier-ignore
}

/** Of files on disk. Reads each folder once as long as paths come folder by folder. */
export class Stacks {
  #last: { folder: string; under: ReadonlyMap<string, string> } | null = null;

  #in(folder: string): ReadonlyMap<string, string> {
    if (this.#last?.folder !== folder) this.#last = { folder, under: leaders(namesIn(folder)) };
    return this.#last.under;
  }

  /** Whether it is a RAW with a photo beside it that stands for both. */
  isUnder(path: string): boolean {
    return raws.has(parts(path).ending) && this.#in(dirname(path)).has(basename(path));
  }

  /** Names of the RAWs beside a photo that it stands for. */
  under(path: string): string[] {
    const name = basename(path);
    if (!developed.includes(parts(name).ending)) return [];
    return [...this.#in(dirname(path))].filter(([, leader]) => leader === name).map(([raw]) => raw);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(systemPath(folder), { encoding: 'utf8' });
  } catch {
    // What keeps it from being read is told by the search.
    return [];
  }
}

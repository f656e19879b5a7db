/** Which files and folders are left out of a scan, by name: what patterns of .gitignore say, the last that fits. */
import ignore, { type Ignore, type PatternParams } from 'ignore';
import { join, relative, sep } from 'node:path';
import { openFile } from '../../files.ts';
import type { LeftOutKind } from '../../contract/values.ts';
import { systemNames } from './system-names.ts';

/** In a folder: it and all below it is left out. Android's word to its gallery, and other programs' since. */
export const marker = '.nomedia';
/** In a folder: patterns for it and what lies below. */
export const patternsFile = '.saccadeignore';
const mostBytes = 1 << 20;

type Rule = PatternParams & { mark: LeftOutKind };

const marked = (mark: LeftOutKind, patterns: readonly string[]): Rule[] =>
  patterns.map((pattern) => ({ pattern, mark }));

const byThemselves = [...marked('hidden', ['.*']), ...marked('system', systemNames)];

/** Answers are kept by the library for every path it was asked about: after so many it is made anew. */
const mostKept = 4096;

export class Rules {
  readonly #base: string;
  readonly #found: readonly Rule[];
  readonly #chosen: readonly Rule[];
  #matcher: Ignore | null = null;
  #asked = 0;

  private constructor(base: string, found: readonly Rule[], chosen: readonly Rule[]) {
    this.#base = base;
    this.#found = found;
    this.#chosen = chosen;
  }

  /** For what lies below `base`. `patterns` are a person's, and stronger than those that lie in folders. */
  static below(base: string, patterns: readonly string[] = []): Rules {
    return new Rules(base, byThemselves, marked('excluded', patterns));
  }

  /** With the patterns of a folder below: those of its own file, and those a person gave it. */
  within(folder: string, found: readonly string[], chosen: readonly string[] = []): Rules {
    if (found.length + chosen.length === 0) return this;
    const way = relative(this.#base, folder).split(sep).filter(Boolean);
    const moved = (patterns: readonly string[]) =>
      marked(
        'excluded',
        patterns.flatMap((pattern) => movedPattern(pattern, way) ?? []),
      );
    return new Rules(this.#base, [...this.#found, ...moved(found)], [...this.#chosen, ...moved(chosen)]);
  }

  /** Why it is left out; `wanted`: somebody said that it is not; null: nobody said anything. */
  verdict(path: string, isFolder: boolean): LeftOutKind | 'wanted' | null {
    if (!this.#matcher || ++this.#asked > mostKept) {
      this.#matcher = ignore().add([...this.#found, ...this.#chosen]);
      this.#asked = 0;
    }
    const way = relative(this.#base, path).split(sep).join('/');
    const { ignored, unignored, rule } = this.#matcher.test(isFolder ? `${way}/` : way);
    if (ignored) return (rule?.mark ?? 'excluded') as LeftOutKind;
    return unignored ? 'wanted' : null;
  }
}

/** A pattern of a folder as one of a folder above it; null: it says nothing. */
export function movedPattern(pattern: string, way: readonly string[]): string | null {
  const line = pattern.replace(/\r$/, '');
  if (line.trim() === '' || line.startsWith('#')) return null;
  if (way.length === 0) return line;
  const negative = line.startsWith('!');
  const rest = negative ? line.slice(1) : line;
  // Without a slash, but at its end, a pattern holds at any depth.
  const anywhere = !/\/(?=.)/.test(rest.replace(/\/\s*$/, ''));
  const literally = way.map((name) => name.replace(/[\\*?[\]{}!# ]/g, '\\$&')).join('/');
  return `${negative ? '!' : ''}/${literally}/${anywhere ? '**/' : ''}${rest.replace(/^\//, '')}`;
}

/** @throws SaccadeError `unreadable` */
export async function patternsIn(folder: string): Promise<string[]> {
  try {
    const { file: opened, facts } = await openFile(join(folder, patternsFile));
    await using file = opened;
    if (facts.size > mostBytes) return [];
    return (await file.readFile('utf8')).replace(/^\ufeff/, '').split('\n');
  } catch (error) {
    if ((error as { code?: string }).code === 'missing-file') return [];
    throw error;
  }
}

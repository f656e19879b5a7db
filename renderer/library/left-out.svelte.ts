import type { Folder, LeftOutCount, LeftOutItem } from '../../main/contract/entities/folder.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Words } from '../words/en.ts';

/** What scans left out of one folder and below it, or of all (`folder` null); and the patterns that decide. */
export class LeftOut {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  folder = $state.raw<Folder | null>(null);
  counts = $state.raw<readonly LeftOutCount[]>([]);
  items = $state.raw<readonly LeftOutItem[]>([]);
  #next = $state.raw<string | null>(null);

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }

  async show(folder: Folder | null): Promise<void> {
    this.folder = folder;
    [this.counts, this.items, this.#next] = [[], [], null];
    await this.#load();
  }
  async more(): Promise<void> {
    if (this.#next !== null) await this.#load(this.#next);
  }
  /** False: not taken, and told. The folder is scanned again with them. */
  async setPatterns(patterns: string): Promise<boolean> {
    const folder = this.folder;
    if (!folder) return false;
    const answer = await this.#bridge.ask('folders.setPatterns', { folderId: folder.id, patterns });
    if (!answer.ok) this.#fail(answer.error);
    return answer.ok;
  }

  async #load(cursor?: string): Promise<void> {
    const folder = this.folder;
    const answer = await this.#bridge.ask('folders.leftOut', {
      folderId: folder?.id ?? null,
      limit: 200,
      cursor,
    });
    // Asked for twice, a page comes once.
    if (this.folder !== folder || (cursor !== undefined && cursor !== this.#next)) return;
    if (!answer.ok) return this.#fail(answer.error);
    this.counts = answer.value.counts;
    this.items = cursor === undefined ? answer.value.items : [...this.items, ...answer.value.items];
    this.#next = answer.value.next;
  }
}

/** The kind in words: an ending with its dot, or what it is. */
export function kindInWords(words: Words, { kind, extension }: Omit<LeftOutCount, 'count'>): string {
  if (kind === 'other') return `.${extension}`;
  return {
    'no-picture': words.leftOutNoPicture,
    system: words.leftOutSystem,
    hidden: words.leftOutHidden,
    excluded: words.leftOutExcluded,
    marked: words.leftOutMarked,
    special: words.leftOutSpecial,
    dangling: words.leftOutDangling,
    video: words.leftOutVideo,
  }[kind];
}

/** "12 .mp4 · 3 hidden · …": the most frequent kinds, and an ellipsis where there are more. */
export function kindsInWords(
  words: Words,
  counts: readonly LeftOutCount[],
  count: (value: number) => string,
  most: number,
): string {
  const told = counts.slice(0, most).map((each) => `${count(each.count)} ${kindInWords(words, each)}`);
  return [...told, ...(counts.length > most ? ['…'] : [])].join(' · ');
}

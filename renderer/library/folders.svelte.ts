import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Folder } from '../../main/contract/entities/folder.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Failure } from '../../main/contract/result.ts';

export interface FolderRow {
  folder: Folder;
  /** 1 for a root. */
  depth: number;
  open: boolean;
  /** Place among its siblings, counted from 1, and how many there are so far. */
  place: number;
  siblings: number;
}

const limit = 200;

/** The folder tree: children are fetched when a folder is opened. */
export class Folders {
  readonly #bridge: Bridge;
  readonly #children = new SvelteMap<number | null, { items: Folder[]; next: string | null }>();
  readonly #open = new SvelteSet<number>();
  failure = $state.raw<Failure | null>(null);
  /** Asked about: whether it is to leave the library. */
  leaving: Folder | null = $state.raw(null);

  /** The rows of the tree in view, from top to bottom; `more` stands for children not yet fetched. */
  readonly rows: readonly (FolderRow | { more: number | null; depth: number })[] = $derived.by(() =>
    this.#rowsOf(null, 1),
  );

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Null until the first answer. */
  get roots(): readonly Folder[] | null {
    return this.#children.get(null)?.items ?? null;
  }
  /** Photos in all folders. */
  get photos(): number {
    return this.roots?.reduce((sum, folder) => sum + folder.photos, 0) ?? 0;
  }
  find(id: number | null): Folder | null {
    for (const { items } of this.#children.values()) {
      const found = items.find((folder) => folder.id === id);
      if (found) return found;
    }
    return null;
  }
  /** A folder at hand is neither `other` nor below it. */
  liesOutside(id: number | null, other: number): boolean {
    let above = this.find(id);
    if (!above) return false;
    while (above && above.id !== other) above = this.find(above.parentId);
    return above === null;
  }

  async refresh(): Promise<void> {
    await Promise.all([null, ...this.#open].map((parent) => this.#fetch(parent)));
  }
  async toggle(folder: Folder, open = !this.#open.has(folder.id)): Promise<void> {
    if (!open) this.#open.delete(folder.id);
    else if (folder.children) {
      this.#open.add(folder.id);
      if (!this.#children.has(folder.id)) await this.#fetch(folder.id);
    }
  }
  async more(parentId: number | null): Promise<void> {
    const known = this.#children.get(parentId);
    if (!known?.next) return;
    const answer = await this.#bridge.ask('folders.children', { parentId, limit, cursor: known.next });
    // Asked for twice, a page comes once; and a list that was read anew meanwhile stays as it is.
    if (answer.ok && this.#children.get(parentId) === known)
      this.#children.set(parentId, {
        items: [...known.items, ...answer.value.items],
        next: answer.value.next,
      });
  }

  #rowsOf(parentId: number | null, depth: number): (FolderRow | { more: number | null; depth: number })[] {
    const known = this.#children.get(parentId);
    if (!known) return [];
    const rows: (FolderRow | { more: number | null; depth: number })[] = [];
    known.items.forEach((folder, index) => {
      const open = this.#open.has(folder.id) && folder.children > 0;
      rows.push({ folder, depth, open, place: index + 1, siblings: known.items.length });
      if (open) rows.push(...this.#rowsOf(folder.id, depth + 1));
    });
    if (known.next) rows.push({ more: parentId, depth });
    return rows;
  }

  async #fetch(parentId: number | null): Promise<void> {
    const shown = Math.min(500, Math.max(limit, this.#children.get(parentId)?.items.length ?? 0));
    const answer = await this.#bridge.ask('folders.children', { parentId, limit: shown });
    if (parentId === null) this.failure = answer.ok ? null : answer.error;
    if (answer.ok) this.#children.set(parentId, answer.value);
    else if (parentId !== null) {
      this.#children.delete(parentId);
      this.#open.delete(parentId);
    }
  }
}

import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter, Selection } from '../../main/contract/requests.ts';
import type { Pages } from '../state/pages.svelte.ts';

/** Photos that may be picked one by one; the contract's limit. */
export const mostPicked = 10_000;

type Picked =
  | { kind: 'some'; ids: ReadonlySet<number> }
  | { kind: 'all'; filter: PhotoFilter; except: ReadonlySet<number> };

const none: Picked = { kind: 'some', ids: new Set() };

/** Photos by hand, or everything a filter finds but for some: never a list of all ids. */
export class PickedPhotos {
  #picked = $state.raw<Picked>(none);
  /** Position of the photo that keys move from; null before the first. */
  focus = $state<number | null>(null);
  /** Where a range starts. */
  anchor = $state<number | null>(null);

  /** The photos that those are on, once the list has changed around them. */
  #held: { focus: number | null; anchor: number | null } = { focus: null, anchor: null };

  get isEmpty(): boolean {
    return this.#picked.kind === 'some' && this.#picked.ids.size === 0;
  }
  /** How many are picked of a list of `total`. */
  count(total: number): number {
    const picked = this.#picked;
    return picked.kind === 'some' ? picked.ids.size : Math.max(0, total - picked.except.size);
  }
  has(id: number): boolean {
    const picked = this.#picked;
    return picked.kind === 'some' ? picked.ids.has(id) : !picked.except.has(id);
  }
  /** The one photo, where there is exactly one and it was picked by hand. */
  get single(): number | null {
    const picked = this.#picked;
    return picked.kind === 'some' && picked.ids.size === 1 ? [...picked.ids][0]! : null;
  }
  get ids(): readonly number[] | null {
    return this.#picked.kind === 'some' ? [...this.#picked.ids] : null;
  }
  /** As verbs take it; everything the filter finds where nothing is picked. */
  orAll(filter: PhotoFilter): Selection {
    const picked = this.#picked;
    if (picked.kind === 'all') return { filter: picked.filter, except: [...picked.except] };
    return picked.ids.size ? { ids: [...picked.ids] } : { filter, except: [] };
  }

  /** Moves the focus, and the start of a range unless one is being drawn. */
  moveTo(position: number | null, keepAnchor = false): void {
    this.focus = position;
    this.#held.focus = null;
    if (keepAnchor && this.anchor !== null) return;
    this.anchor = position;
    this.#held.anchor = null;
  }
  /** The list has changed: to where the same photos stand now. @param before what stood where */
  follow(list: Pick<Pages, 'placeOf'>, before: (position: number) => PhotoItem | undefined): void {
    for (const end of ['focus', 'anchor'] as const) {
      const position = this[end];
      if (position === null) continue;
      const id = (this.#held[end] ??= before(position)?.id ?? null);
      if (id !== null) this[end] = list.placeOf(id, position);
    }
  }
  /** Instead of everything picked so far. False: too many. */
  replace(ids: readonly number[]): boolean {
    if (ids.length > mostPicked) return false;
    this.#picked = { kind: 'some', ids: new Set(ids) };
    return true;
  }
  /** False: too many. */
  toggle(id: number): boolean {
    const picked = this.#picked;
    const ids = new Set(picked.kind === 'some' ? picked.ids : picked.except);
    if (!ids.delete(id)) ids.add(id);
    if (ids.size > mostPicked) return false;
    this.#picked = picked.kind === 'some' ? { kind: 'some', ids } : { ...picked, except: ids };
    return true;
  }
  /** Ids that were picked, or left out of all, one by one. */
  get named(): readonly number[] {
    const picked = this.#picked;
    return [...(picked.kind === 'some' ? picked.ids : picked.except)];
  }
  /** Photos that the library does not have any more. */
  drop(gone: readonly number[]): void {
    if (!gone.length) return;
    const picked = this.#picked;
    const left = new Set(this.named);
    for (const id of gone) left.delete(id);
    this.#picked = picked.kind === 'some' ? { kind: 'some', ids: left } : { ...picked, except: left };
  }
  all(filter: PhotoFilter): void {
    this.#picked = { kind: 'all', filter, except: new Set() };
  }
  clear(): void {
    this.#picked = none;
  }
  /** Another list: positions mean nothing any more. */
  reset(): void {
    this.clear();
    this.moveTo(null);
  }
}

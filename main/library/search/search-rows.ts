/** The contents that have a feature under one result key, numbered: what a search gives a score to. */
import type { Catalog } from '../catalog/database.ts';

interface LastRow {
  rowid: number;
  id: number;
  key: number;
}

/** A list of whole numbers that grows. */
class Numbers {
  #data = new Int32Array(1024);
  length = 0;

  set(at: number, value: number): void {
    if (at >= this.#data.length) {
      const grown = new Int32Array(2 * (at + 1)).fill(-1, this.length);
      grown.set(this.#data.subarray(0, this.length));
      this.#data = grown;
    } else if (at > this.length) this.#data.fill(-1, this.length, at);
    this.#data[at] = value;
    this.length = Math.max(this.length, at + 1);
  }

  get(at: number): number {
    return at < this.length ? this.#data[at]! : -1;
  }

  /** A view, until more is set. */
  slice(from: number, to: number): Int32Array {
    return this.#data.subarray(from, to);
  }
}

export class SearchRows {
  readonly #catalog: Catalog;
  readonly keyId: number;
  readonly #contents = new Numbers();
  readonly #rows = new Numbers();
  /** The newest feature of any key when rows were last looked for. */
  #last: LastRow | null = null;

  constructor(catalog: Catalog, keyId: number) {
    this.#catalog = catalog;
    this.keyId = keyId;
    this.refresh();
  }

  get count(): number {
    return this.#contents.length;
  }

  contentsOf(from: number, to: number): number[] {
    return [...this.#contents.slice(from, to)];
  }

  contentAt(row: number): number {
    return this.#contents.get(row);
  }

  /** The row that holds what the content has now; −1: it has no feature. */
  rowOf(contentId: number): number {
    return this.#rows.get(contentId);
  }

  /**
   * Numbers what has come since. Rows of contents that are gone stay, and lead to no photo.
   * @returns false where that can't be told, because SQLite gives numbers of rows again once the newest are gone
   */
  refresh(): boolean {
    const catalog = this.#catalog;
    const last = this.#last;
    if (last) {
      const still = catalog.one<LastRow>(`${lastOf} WHERE rowid = ?`, last.rowid);
      if (still?.id !== last.id || still.key !== last.key) return false;
    }
    const newest = catalog.one<LastRow>(`${lastOf} ORDER BY rowid DESC LIMIT 1`);
    if (!newest || newest.rowid === last?.rowid) return true;
    // The index alone tells all there are; a few new ones are found faster at the table's end.
    const found = last
      ? catalog.all<{ id: number }>(
          `SELECT content_id AS id FROM features NOT INDEXED WHERE rowid > ? AND rowid <= ? AND key_id = ? ORDER BY rowid`,
          last.rowid,
          newest.rowid,
          this.keyId,
        )
      : catalog.all<{ id: number }>(
          'SELECT content_id AS id FROM features WHERE key_id = ? AND rowid <= ? ORDER BY content_id',
          this.keyId,
          newest.rowid,
        );
    for (const { id } of found) {
      const row = this.#contents.length;
      this.#contents.set(row, id);
      this.#rows.set(id, row);
    }
    this.#last = newest;
    return true;
  }
}

const lastOf = 'SELECT rowid, content_id AS id, key_id AS key FROM features';

/**
 * What a plain word of a search is looked for in, kept in memory: names, own labels and keywords of files, and which folder
 * each photo lies in. To hand over what SQLite finds takes longer than to find it here. Read while nobody waits; photos
 * that change later are noted by triggers and asked of SQLite, as all are where too many have changed.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { idsIn } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';

/** Of some photos: a text each, as `searchable`. */
export interface Texts {
  ids: Int32Array;
  /** Where the texts are names. */
  folders: Int32Array | null;
  /** All of them, one after another, each ended by `textEnd`; V8 keeps one of ASCII in a byte a character. */
  text: string;
  /** Where each begins, and where the last one ends. */
  starts: Int32Array;
}

const textEnd = '\n';

/** Other words are looked for by SQLite, to which they are something else. */
export const isKept = (word: string): boolean => /^[^\n\0]+$/.test(word) && word.isWellFormed();

/** Photos that are read at once: some 2 ms of processor time. */
const atOnce = 2000;

/** Of more photos that have changed all are read again. */
const mostChanged = 4000;

/** Without a change, before they are read. */
const calmMs = 2000;

/** The function would be called for every row. */
const text = (column: string): string =>
  `replace(iif(octet_length(${column}) = length(${column}), lower(${column}), searchable(${column})), char(10), char(0)) || char(10)`;

const names = `SELECT id, folder_id AS folder, ${text('name')} AS text FROM photos WHERE id > ? ORDER BY id`;
const ownLabels = `SELECT id, NULL AS folder, ${text('own_label')} AS text FROM photos
  WHERE own_label IS NOT NULL AND id > ? ORDER BY id`;
const keywords = `SELECT photo_id AS id, NULL AS folder, ${text('group_concat(label, char(0))')} AS text FROM file_keywords
  WHERE photo_id > ? GROUP BY photo_id ORDER BY photo_id`;

function* slices(catalog: Catalog, sql: string): Generator<Texts> {
  for (let last = 0; ;) {
    const { ids, folders, text } = catalog.one<{
      ids: Uint8Array | null;
      folders: Uint8Array | null;
      text: string | null;
    }>(
      `SELECT CAST(group_concat(id) AS BLOB) AS ids, CAST(group_concat(folder) AS BLOB) AS folders,
         group_concat(text, '') AS text FROM (${sql} LIMIT ?)`,
      last,
      atOnce,
    )!;
    if (!ids || text === null) return;
    const texts = { ids: idsIn(ids), folders: folders && idsIn(folders), text };
    last = texts.ids.at(-1)!;
    yield { ...texts, starts: startsIn(text, texts.ids.length) };
  }
}

function startsIn(text: string, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) starts[i + 1] = text.indexOf(textEnd, starts[i]) + 1;
  return starts;
}

/** A change that is undone takes its note with it. */
const noted = (when: string, row: string): string =>
  `CREATE TEMP TRIGGER IF NOT EXISTS "words after ${when}" AFTER ${when}
   BEGIN INSERT OR IGNORE INTO changed_words VALUES (${row}); END;`;

const notes = [
  'CREATE TEMP TABLE IF NOT EXISTS changed_words (id INTEGER PRIMARY KEY);',
  noted('INSERT ON main.photos', 'new.id'),
  noted('DELETE ON main.photos', 'old.id'),
  noted('UPDATE OF folder_id, name, own_label ON main.photos', 'new.id'),
  noted('INSERT ON main.file_keywords', 'new.photo_id'),
  noted('DELETE ON main.file_keywords', 'old.photo_id'),
].join('\n');

/** Of photos that may have other words than those that are kept. */
export const changedWords = 'SELECT id FROM temp.changed_words';

const kept = new WeakMap<Catalog, KeptWords>();

/** Null where SQLite is to be asked. */
export const keptWords = (catalog: Catalog): readonly Texts[] | null => kept.get(catalog)?.current() ?? null;

export class KeptWords {
  readonly #catalog: Catalog;
  #texts: readonly Texts[] = [];
  /** Of other processes' changes, when reading began; null: nothing has been read. */
  #version: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #closed = false;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    kept.set(catalog, this);
  }

  /** A list is shown, in which something may be looked for next. */
  wake(): void {
    if (this.#closed || this.#reading || this.#timer || this.current()) return;
    this.#catalog.exec(notes);
    this.#await(this.#changed());
  }

  /** Files that arrive or leave are waited for. */
  #await(before: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = this.#changed();
      if (now !== before) this.#await(now);
      // A catalog that can't be read tells those who ask it.
      else this.read().catch(() => {});
    }, calmMs).unref();
  }

  /** Gives way to questions. */
  async read(): Promise<void> {
    this.#reading = true;
    try {
      this.#catalog.exec(notes);
      this.#catalog.run('DELETE FROM changed_words');
      const version = this.#others();
      const texts: Texts[] = [];
      for (const sql of [names, ownLabels, keywords])
        for (const some of slices(this.#catalog, sql)) {
          texts.push(some);
          await breathe();
          if (this.#closed) return;
        }
      this.#texts = texts;
      this.#version = version;
    } finally {
      this.#reading = false;
    }
  }

  current(): readonly Texts[] | null {
    if (this.#version === null) return null;
    if (this.#version === this.#others() && this.#changed() <= mostChanged) return this.#texts;
    this.#drop();
    return null;
  }

  #others(): number {
    return this.#catalog.one<{ data_version: number }>('PRAGMA data_version')!.data_version;
  }

  #changed(): number {
    return this.#catalog.one<{ n: number }>(`SELECT count(*) AS n FROM (${changedWords})`)!.n;
  }

  #drop(): void {
    this.#texts = [];
    this.#version = null;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }
}

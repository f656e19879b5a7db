/** Small and screen-size pictures by content, on disk up to a limit, the longest unused forgotten first. */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { rendition, thumbnail } from '../decode/picture.ts';
import { leastEdge } from '../decode/preprocess.ts';
import { Slots } from '../schedule/slots.ts';
import { describeContent } from './catalog/contents.ts';
import type { Catalog } from './catalog/database.ts';

/** Longest edge of a thumbnail in pixels: the grid's largest tile on a dense screen. */
export const thumbnailEdge = leastEdge;
/** Renditions come in few sizes, so that a window that is resized does not fill the cache. */
const renditionEdges = [512, 1024, 1536, 2048, 3072, 4096, 6144, 8192];

/** After an eviction so much is left of the limit, so that not every picture evicts one. */
const keptShare = 0.9;

const picturesAtOnce = 3;

export class Thumbnails {
  /** For pictures that a window waits for. */
  readonly turns = new Slots(picturesAtOnce, { newestFirst: true });
  readonly #database: Database.Database;
  readonly #catalog: Catalog;
  readonly #limitBytes: () => number;
  readonly #making = new Map<string, Promise<Uint8Array>>();
  readonly #used = new Map<number, number>();
  #bytes: number;
  #clock: number;

  /** `path` null: in a temporary file. `limitBytes` is asked again whenever a picture comes in. */
  constructor(path: string | null, catalog: Catalog, limitBytes: () => number) {
    this.#catalog = catalog;
    this.#limitBytes = limitBytes;
    this.#database = openCache(path);
    const row = this.#database
      .prepare('SELECT coalesce(sum(size), 0) AS bytes, coalesce(max(used), 0) AS clock FROM pictures')
      .get() as { bytes: number; clock: number };
    this.#bytes = row.bytes;
    this.#clock = row.clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Size and damage of the photo are taken down with its content where they are not known yet.
   * @throws SaccadeError with a code of the decoder's where the file can't be read
   */
  thumbnail(contentId: number, path: string): Promise<Uint8Array> {
    const known = this.#catalog.one<{ width: number }>('SELECT width FROM contents WHERE id = ?', contentId);
    return this.#make(
      contentId,
      thumbnailEdge,
      async () => {
        const { bytes, ...facts } = await thumbnail(path, thumbnailEdge);
        if (this.#catalog.isOpen() && !known?.width)
          this.#catalog.transaction(() => describeContent(this.#catalog, contentId, facts));
        return bytes;
      },
      !known?.width,
    );
  }

  /** At most `edge` pixels a side, or a little more: in one of a few sizes. */
  rendition(contentId: number, path: string, edge: number): Promise<Uint8Array> {
    const size = renditionEdges.find((each) => each >= edge) ?? renditionEdges.at(-1)!;
    return this.#make(contentId, size, () => rendition(path, size));
  }

  /** `anew`: although there is one. */
  async #make(
    contentId: number,
    edge: number,
    make: () => Promise<Uint8Array>,
    anew = false,
  ): Promise<Uint8Array> {
    const kept = anew ? null : this.get(contentId, edge);
    if (kept) return kept;
    const key = `${contentId} ${edge}`;
    let making = this.#making.get(key);
    if (!making) {
      making = make().finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    const bytes = await making;
    this.put(contentId, edge, bytes);
    return bytes;
  }

  get(contentId: number, edge: number): Uint8Array | null {
    const hash = this.#hash(contentId);
    const row = orNothing(() =>
      this.#database.prepare('SELECT id, bytes FROM pictures WHERE hash = ? AND edge = ?').get(hash, edge),
    ) as { id: number; bytes: Uint8Array } | undefined;
    if (!row) return null;
    // Written down when something must go: reading the cache should not write to it.
    this.#used.set(row.id, ++this.#clock);
    return row.bytes;
  }

  put(contentId: number, edge: number, bytes: Uint8Array): void {
    const hash = this.#hash(contentId);
    if (!hash) return;
    try {
      const { changes } = this.#database
        .prepare('INSERT OR IGNORE INTO pictures (hash, edge, bytes, size, used) VALUES (?, ?, ?, ?, ?)')
        .run(hash, edge, bytes, bytes.length, ++this.#clock);
      if (changes) this.#bytes += bytes.length;
      if (this.#bytes > this.#limitBytes()) this.#evict();
    } catch (error) {
      // On a full disk a picture is made again when it is looked at; no run ends for want of one.
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  }

  #hash(contentId: number): Uint8Array | null {
    return (
      this.#catalog.one<{ hash: Uint8Array }>('SELECT hash FROM contents WHERE id = ?', contentId)?.hash ??
      null
    );
  }

  #evict(): void {
    const keep = this.#limitBytes() * keptShare;
    this.#database.transaction(() => {
      this.#flushUsed();
      const oldest = this.#database.prepare('SELECT id, size FROM pictures ORDER BY used LIMIT 64');
      const forget = this.#database.prepare('DELETE FROM pictures WHERE id = ?');
      while (this.#bytes > keep) {
        const rows = oldest.all() as { id: number; size: number }[];
        if (rows.length === 0) break;
        for (const { id, size } of rows) {
          if (this.#bytes <= keep) break;
          forget.run(id);
          this.#bytes -= size;
        }
      }
    })();
  }

  #flushUsed(): void {
    const update = this.#database.prepare('UPDATE pictures SET used = ? WHERE id = ?');
    for (const [id, used] of this.#used) update.run(used, id);
    this.#used.clear();
  }

  close(): void {
    orNothing(() => this.#database.transaction(() => this.#flushUsed())());
    this.#database.close();
  }
}

/** What the cache can't tell, on a damaged page or a full disk, is made again. */
function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return undefined;
  }
}

const shape = `
  CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY, hash BLOB NOT NULL, edge INTEGER NOT NULL, bytes BLOB NOT NULL, size INTEGER NOT NULL,
    used INTEGER NOT NULL, UNIQUE (hash, edge)
  );
  CREATE INDEX IF NOT EXISTS pictures_by_use ON pictures (used, size);`;

function openCache(path: string | null): Database.Database {
  const open = (at: string | null) => {
    const database = new Database(at ?? '', { timeout: 10_000 });
    database.pragma('journal_mode = WAL');
    // All of it can be made again: not worth a wait for the disk.
    database.pragma('synchronous = OFF');
    database.exec(shape);
    return database;
  };
  try {
    return open(path);
  } catch (error) {
    if (path === null) throw error;
    try {
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
      return open(path);
    } catch {
      // A folder lies there, or nothing can be written: pictures are kept as long as the process, no run ends for them.
      return open(null);
    }
  }
}

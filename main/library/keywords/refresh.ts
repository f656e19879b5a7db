/** Brings the catalog's keywords of files in line with the disk, after each scan, in the background. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { SaccadeError } from '../../../models/error.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import { toFailure, type Failure } from '../../contract/result.ts';
import { systemPath } from '../../file-names.ts';
import { eachOf } from '../../schedule/each.ts';
import type { Catalog } from '../catalog/database.ts';
import { fileKeywordsOf, setFileKeywords } from '../catalog/file-keywords.ts';
import { type FolderRow, folderByPath, foldersWithin } from '../catalog/folders.ts';
import { writtenTo } from '../catalog/written.ts';
import { writtenInto } from '../writing/iptc-record.ts';
import { noSidecars, sidecarsIn, sidecarsOf } from '../writing/sidecar-names.ts';
import { readKeywords } from './read.ts';

export interface KeywordRefreshOptions {
  catalog: Catalog;
  /** Awaited before each photo: what a person waits for goes first. */
  turn(ended: () => boolean): Promise<void>;
  /** Keywords of some photos are others now. */
  onChanged(): void;
  /** Sidecars that can't be read; what was known of them stays. */
  onBroken(first: Failure, sidecars: number): void;
  /** It ended early, as on a full disk: the next look through the folder goes on. */
  onFailed(error: unknown): void;
}

interface PhotoFacts {
  id: number;
  name: string;
  bytes: number;
  modified_ms: number;
  changed_ms: number | null;
  facts: string | null;
}

export const brokenNotice = ({ code, message }: Failure, sidecars: number): Failure => ({
  code,
  message: sidecars === 1 ? message : `Keywords of ${sidecars} sidecars can't be read. The first: ${message}`,
});

/** Raise it when a change to how keywords are read changes what is said of a file: photos that are known are read anew. */
const keywordsVersion = 3;

const atOnce = 4;
/** Between which others are served. */
const photosAtOnce = 256;

export class KeywordRefresh {
  readonly #options: KeywordRefreshOptions;
  /** Paths of folders; true: with all that is below. */
  readonly #queue = new Map<string, boolean>();
  readonly #stop = new AbortController();
  #going: Promise<void> | null = null;

  constructor(options: KeywordRefreshOptions) {
    this.#options = options;
  }

  /** Of a folder, and `deep` of all below it; otherwise below it only of photos that were never read. */
  folder(path: string, deep: boolean): void {
    if (this.#stop.signal.aborted) return;
    this.#queue.set(path, deep || (this.#queue.get(path) ?? false));
    this.#going ??= this.#drain()
      .catch((error: unknown) => this.#options.onFailed(error))
      .finally(() => (this.#going = null));
  }

  async #drain(): Promise<void> {
    const broken: SaccadeError[] = [];
    let changed = 0;
    for (const [path, deep] of this.#queue) {
      this.#queue.delete(path);
      for (const folder of this.#foldersOf(path, deep)) changed += await this.#inFolder(folder, broken);
    }
    if (this.#stop.signal.aborted) return;
    if (changed) this.#options.onChanged();
    if (broken[0]) this.#options.onBroken(toFailure(broken[0]), broken.length);
  }

  #foldersOf(path: string, deep: boolean): FolderRow[] {
    const { catalog } = this.#options;
    const top = folderByPath(catalog, path);
    if (!top) return [];
    const unread = (id: number) =>
      catalog.one(
        `SELECT 1 FROM photos p WHERE p.folder_id = ? AND p.missing_ms IS NULL
           AND NOT EXISTS (SELECT 1 FROM keywords_read k WHERE k.photo_id = p.id) LIMIT 1`,
        id,
      ) !== undefined;
    return foldersWithin(catalog, top).filter(({ id }) => deep || id === top.id || unread(id));
  }

  /** Answers with how many photos have other keywords now. */
  async #inFolder(folder: FolderRow, broken: SaccadeError[]): Promise<number> {
    const { catalog } = this.#options;
    const { signal } = this.#stop;
    const there = signal.aborted ? noSidecars : await sidecarsIn(folder.path);
    const facts = new Map<string, Promise<string>>();
    let changed = 0;
    for (let after = 0; !signal.aborted && catalog.isOpen();) {
      const photos = catalog.all<PhotoFacts>(
        `SELECT p.id, p.name, p.bytes, p.modified_ms, p.changed_ms, k.facts FROM photos p
         LEFT JOIN keywords_read k ON k.photo_id = p.id
         WHERE p.folder_id = ? AND p.missing_ms IS NULL AND p.error_code IS NULL AND p.id > ? ORDER BY p.id LIMIT ?`,
        folder.id,
        after,
        photosAtOnce,
      );
      await eachOf(photos, atOnce, async (photo) => {
        await this.#options.turn(() => signal.aborted);
        if (signal.aborted) return;
        const path = join(folder.path, photo.name);
        const sidecars = Object.values(sidecarsOf(path, there, 'full').there);
        const told: string[] = [`${keywordsVersion}:${photo.bytes}:${photo.modified_ms}:${photo.changed_ms}`];
        for (const sidecar of sidecars) {
          if (!facts.has(sidecar)) facts.set(sidecar, factsOf(sidecar));
          told.push(await facts.get(sidecar)!);
        }
        if (told.join(' ') !== photo.facts)
          changed += await this.#read(path, photo.id, sidecars, told.join(' '), broken);
      });
      await breathe();
      const last = photos.at(-1);
      if (!last || photos.length < photosAtOnce) break;
      after = last.id;
    }
    return changed;
  }

  async #read(path: string, id: number, sidecars: string[], facts: string, broken: SaccadeError[]) {
    const { catalog } = this.#options;
    const before = fileKeywordsOf(catalog, [id]).get(id) ?? [];
    const known = new Set(before.filter(({ from }) => from === 'file').map(({ label }) => nameKey(label)));
    const options = {
      ...{ sidecars, known },
      writtenTo: (sidecar: string) => writtenTo(catalog, sidecar),
      writtenInto: (photo: string) => writtenInto(catalog, photo),
    };
    const { keywords, errors } = await readKeywords(path, options);
    // A photo out of reach has the keywords it had; scans tell of it.
    if (!catalog.isOpen() || errors.some(({ code }) => code === 'missing-file' || code === 'unreadable'))
      return 0;
    broken.push(...errors);
    return catalog.transaction(() => {
      // Gone meanwhile.
      if (!catalog.one('SELECT 1 FROM photos WHERE id = ?', id)) return 0;
      return setFileKeywords(catalog, id, errors.length ? before : keywords, facts) ? 1 : 0;
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    await this.#going;
  }
}

const factsOf = async (sidecar: string): Promise<string> =>
  stat(systemPath(sidecar)).then(
    ({ size, mtimeMs }) => `${basename(sidecar)}:${size}:${mtimeMs}`,
    () => basename(sidecar),
  );

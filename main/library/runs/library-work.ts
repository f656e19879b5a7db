/** A run of the library as work for a pipeline: its items are rows, and settling one deletes it. */
import { dirname, join } from 'node:path';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { isWithin, rootFolders } from '../catalog/folders.ts';
import { setPathContent } from '../catalog/path-contents.ts';
import { markMissing, pathOf, setFileError } from '../catalog/photos.ts';
import { enough, enoughValues } from '../catalog/results.ts';
import type { Wanted } from '../catalog/results.ts';
import { readSettings } from '../catalog/settings.ts';
import { showPhotos, showKey } from '../catalog/shown.ts';
import type { RemoteModel } from '../inference.ts';
import type { HashedFile } from '../scan/hash.ts';
import type { Outcome, Work, WorkItem } from './work.ts';
import { addCounts, runRow } from './run-rows.ts';

interface ItemRow {
  seq: number;
  photo_id: number;
  folder: string;
  name: string;
  bytes: number;
  modified_ms: number;
  changed_ms: number | null;
  content_id: number | null;
}

export interface LibraryWorkEvents {
  onLoaded(model: RemoteModel): void;
  onSettled(): void;
  onShown(): void;
  /** A file in this folder is not what it was. */
  onReplaced(folder: string): void;
}

export class LibraryWork implements Work {
  readonly #catalog: Catalog;
  readonly #runId: number;
  readonly #wanted: Wanted;
  readonly #events: LibraryWorkEvents;
  readonly settled: () => void;
  #lastTaken = -1;

  constructor(catalog: Catalog, runId: number, wanted: Wanted, events: LibraryWorkEvents) {
    this.#catalog = catalog;
    this.#runId = runId;
    this.#wanted = wanted;
    this.#events = events;
    this.settled = events.onSettled;
  }

  async onLoaded(model: RemoteModel): Promise<void> {
    // Another model may have been chosen since the run began: its answers are not this one's.
    const chosen = readSettings(this.#catalog).model;
    if ((runRow(this.#catalog, this.#runId)?.model || chosen) === chosen)
      if (await showKey(this.#catalog, model.keyId)) this.#events.onShown();
    this.#discountKnown(model);
    this.#events.onLoaded(model);
  }

  /** Once a run: forgets what is to be done again, and counts what is known already. */
  #discountKnown(model: RemoteModel): void {
    const { keyId } = model;
    const { again, retry_failed: retry, prepared } = runRow(this.#catalog, this.#runId)!;
    if (prepared) return;
    const ofRun = 'SELECT photo_id FROM run_items WHERE run_id = ?';
    this.#catalog.transaction(() => {
      if (again || retry) {
        this.#catalog.run(
          `DELETE FROM results WHERE key_id = ? ${again ? '' : 'AND code IS NOT NULL'}
             AND content_id IN (SELECT content_id FROM photos WHERE id IN (${ofRun}))`,
          keyId,
          this.#runId,
        );
        this.#catalog.run(
          `UPDATE photos SET error_code = NULL, error_message = NULL WHERE error_code IS NOT NULL AND id IN (${ofRun})`,
          this.#runId,
        );
        showPhotos(this.#catalog, `photos.id IN (${ofRun})`, this.#runId);
      } else {
        const { changes } = this.#catalog.run(
          `DELETE FROM run_items WHERE run_id = ? AND photo_id IN (
             SELECT p.id FROM photos p JOIN results ON results.content_id = p.content_id AND results.key_id = ?
             WHERE code IS NULL AND ${enough})`,
          this.#runId,
          keyId,
          ...enoughValues(this.#wanted, model.installed.manifest),
        );
        addCounts(this.#catalog, this.#runId, { done: changes, known: changes, failed: 0 });
      }
      this.#catalog.run('UPDATE runs SET prepared = 1 WHERE id = ?', this.#runId);
    });
  }

  take(limit: number): WorkItem[] {
    const rows = this.#catalog.all<ItemRow>(
      `SELECT i.seq, i.photo_id, f.path AS folder, p.name, p.bytes, p.modified_ms, p.changed_ms, p.content_id
       FROM run_items i JOIN photos p ON p.id = i.photo_id JOIN folders f ON f.id = p.folder_id
       WHERE i.run_id = ? AND i.seq > ? ORDER BY i.seq LIMIT ?`,
      this.#runId,
      this.#lastTaken,
      limit,
    );
    this.#lastTaken = rows.at(-1)?.seq ?? this.#lastTaken;
    return rows.map((row) => ({
      key: row.photo_id,
      path: join(row.folder, row.name),
      facts: { bytes: row.bytes, modifiedMs: row.modified_ms, changedMs: row.changed_ms ?? 0 },
      contentId: row.content_id,
    }));
  }

  rootOf({ path }: WorkItem): string {
    return rootFolders(this.#catalog).find((root) => isWithin(path, root.path))?.path ?? dirname(path);
  }

  hashed(item: WorkItem, file: HashedFile): number {
    const contentId = setPathContent(this.#catalog, item.path, file);
    if (item.again) this.#events.onReplaced(dirname(item.path));
    return contentId;
  }

  settle(outcomes: Outcome[]): void {
    const counts = { done: 0, known: 0, failed: 0 };
    for (const outcome of outcomes) {
      const { key } = outcome.item;
      const { changes } = this.#catalog.run(
        'DELETE FROM run_items WHERE run_id = ? AND photo_id = ?',
        this.#runId,
        key,
      );
      // Its folder may have been removed meanwhile.
      if (changes === 0) continue;
      counts.done++;
      if (outcome.as === 'known') counts.known++;
      if (outcome.as === 'failed') {
        counts.failed++;
        this.#fail(outcome);
      }
    }
    addCounts(this.#catalog, this.#runId, counts);
  }

  #fail({ item, failure }: Extract<Outcome, { as: 'failed' }>): void {
    // Another window may have followed it to another folder meanwhile: there nothing is wrong with it.
    if (pathOf(this.#catalog, item.key) === item.path) this.#note(item, failure);
    this.#catalog.run(
      'INSERT OR REPLACE INTO run_failures (run_id, photo_id, code, message) VALUES (?, ?, ?, ?)',
      this.#runId,
      item.key,
      failure.code,
      failure.message,
    );
  }

  /** With its row in the lists. */
  #note({ key, contentId }: WorkItem, failure: Failure): void {
    if (failure.code === 'missing-file') markMissing(this.#catalog, key);
    // Failures of the content are shown from its result.
    else if (contentId === null || failure.code === 'changed-on-disk' || failure.code === 'unreadable')
      setFileError(this.#catalog, key, failure);
  }
}

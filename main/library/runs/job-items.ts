/** The list of a classification of paths, in a temporary table: a million files need no more memory than ten. */
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { isUnsureOfKey } from '../catalog/doubts.ts';
import type { FileFacts } from '../files/file-facts.ts';
import type { FoundPath } from './find-paths.ts';
import type { AnswerRow } from './path-answer.ts';
import type { Outcome } from './work.ts';

const shape = `CREATE TEMP TABLE IF NOT EXISTS job_items (
  job_id INTEGER NOT NULL, path TEXT NOT NULL, bytes INTEGER, modified_ms INTEGER, changed_ms REAL,
  state TEXT NOT NULL, content_id INTEGER, key_id INTEGER, code TEXT, message TEXT, PRIMARY KEY (job_id, path)
) WITHOUT ROWID`;

export interface ItemContent {
  path: string;
  contentId: number | null;
  error: Failure | null;
}

export class JobItems {
  readonly #catalog: Catalog;
  readonly #jobId: number;
  #lastTaken = '';

  constructor(catalog: Catalog, jobId: number) {
    this.#catalog = catalog;
    this.#jobId = jobId;
    catalog.exec(shape);
  }

  /** A path that is there already is left alone. Answers with how many were new, and how many of them have failed. */
  add(found: FoundPath[]): { added: number; failed: number } {
    let added = 0;
    let failed = 0;
    this.#catalog.transaction(() => {
      for (const each of found) {
        const facts = 'facts' in each ? each.facts : null;
        const failure = 'failure' in each ? each.failure : null;
        const { changes } = this.#catalog.run(
          `INSERT OR IGNORE INTO temp.job_items (job_id, path, bytes, modified_ms, changed_ms, state, code, message)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          this.#jobId,
          each.path,
          facts?.bytes ?? null,
          facts?.modifiedMs ?? null,
          facts?.changedMs ?? null,
          failure ? 'failed' : 'pending',
          failure?.code ?? null,
          failure?.message ?? null,
        );
        added += changes;
        if (failure) failed += changes;
      }
    });
    return { added, failed };
  }

  /** The next that are to be classified, in the order of paths; none twice. */
  take(limit: number): { path: string; facts: FileFacts }[] {
    const rows = this.#catalog.all<{ path: string; bytes: number; modified_ms: number; changed_ms: number }>(
      `SELECT path, bytes, modified_ms, changed_ms FROM temp.job_items
       WHERE job_id = ? AND path > ? AND state = 'pending' ORDER BY path LIMIT ?`,
      this.#jobId,
      this.#lastTaken,
      limit,
    );
    this.#lastTaken = rows.at(-1)?.path ?? this.#lastTaken;
    return rows.map(({ path, bytes, modified_ms: modifiedMs, changed_ms: changedMs }) => ({
      path,
      facts: { bytes, modifiedMs, changedMs },
    }));
  }

  settle(outcome: Outcome, keyId: number): void {
    const { item, as } = outcome;
    const failure = outcome.as === 'failed' ? outcome.failure : null;
    this.#catalog.run(
      `UPDATE temp.job_items SET state = ?, content_id = ?, key_id = ?, code = ?, message = ?
       WHERE job_id = ? AND path = ?`,
      as,
      item.contentId,
      keyId,
      failure?.code ?? null,
      failure?.message ?? null,
      this.#jobId,
      item.path,
    );
  }

  /** The next after `path` in the order of paths, up to the first that is not settled. */
  settledAfter(path: string, limit: number): AnswerRow[] {
    // It is asked after every batch, and what is not settled would each time be looked up among all results.
    const [open] = this.#catalog.column<string>(
      `SELECT path FROM (SELECT path, state FROM temp.job_items WHERE job_id = ? AND path > ? ORDER BY path LIMIT ?)
       WHERE state = 'pending' LIMIT 1`,
      this.#jobId,
      path,
      limit,
    );
    return this.#catalog.all<AnswerRow>(
      `SELECT i.path, i.state, i.code, i.message, c.width, c.height, c.taken_ms, c.damaged, r.provider,
         s.precision, ${isUnsureOfKey} AS unsure, r.top, r.map, r.seen, v.vector
       FROM temp.job_items i
       LEFT JOIN contents c ON c.id = i.content_id
       LEFT JOIN results r ON r.content_id = i.content_id AND r.key_id = i.key_id
       LEFT JOIN features v ON v.content_id = i.content_id AND v.key_id = i.key_id
       LEFT JOIN result_keys s ON s.id = i.key_id
       WHERE i.job_id = ? AND i.path > ? AND (? OR i.path < ?) ORDER BY i.path LIMIT ?`,
      this.#jobId,
      path,
      Number(open === undefined),
      open ?? '',
      limit,
    );
  }

  contents(): ItemContent[] {
    const rows = this.#catalog.all<{ path: string; id: number | null; code: string | null; message: string }>(
      'SELECT path, content_id AS id, code, message FROM temp.job_items WHERE job_id = ? ORDER BY path',
      this.#jobId,
    );
    return rows.map(({ path, id, code, message }) => ({
      path,
      contentId: id,
      error: code === null ? null : { code, message },
    }));
  }

  forget(): void {
    this.#catalog.run('DELETE FROM temp.job_items WHERE job_id = ?', this.#jobId);
  }
}

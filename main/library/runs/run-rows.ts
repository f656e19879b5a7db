/** Rows of runs: what was asked, how far it came. */
import { join } from 'node:path';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { RunState } from '../../contract/entities/run.ts';
import { statusNumber } from '../../contract/values.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { selected } from '../lists/page.ts';

export interface RunRow {
  id: number;
  state: RunState;
  prepared: number;
  again: number;
  retry_failed: number;
  model: string;
  placement: string | null;
  total: number;
  done: number;
  known: number;
  failed: number;
  started_ms: number;
  bottleneck: string | null;
  error_code: string | null;
  error_message: string | null;
  pid: number;
}

export function runRow(catalog: Catalog, id: number): RunRow | undefined {
  return catalog.one<RunRow>('SELECT * FROM runs WHERE id = ?', id);
}

export function lastRun(catalog: Catalog): RunRow | undefined {
  return catalog.one<RunRow>('SELECT * FROM runs ORDER BY id DESC LIMIT 1');
}

const finishedRunsKept = 20;

/** Takes down what there is to do, in path order. */
export function insertRun(catalog: Catalog, request: Request<'runs.start'>, model: string): RunRow {
  return catalog.transaction(() => {
    const { lastInsertRowid } = catalog.run(
      `INSERT INTO runs (state, again, retry_failed, model, total, started_ms, pid) VALUES ('preparing', ?, ?, ?, 0, ?, ?)`,
      request.again ? 1 : 0,
      request.retryFailed ? 1 : 0,
      model,
      Date.now(),
      process.pid,
    );
    const id = Number(lastInsertRowid);
    const { sql, values } = selected(catalog, request.selection);
    const { changes } = catalog.run(
      `INSERT INTO run_items (run_id, seq, photo_id)
       SELECT ?, row_number() OVER (ORDER BY path_key, id), id FROM photos
       WHERE ${sql} AND missing_ms IS NULL
         ${request.retryFailed ? `AND status = ${statusNumber('failed')}` : ''}`,
      id,
      ...values,
    );
    catalog.run('UPDATE runs SET total = ? WHERE id = ?', changes, id);
    catalog.run('DELETE FROM runs WHERE id <= ?', id - finishedRunsKept);
    return runRow(catalog, id)!;
  });
}

export function addCounts(
  catalog: Catalog,
  id: number,
  { done, known, failed }: { done: number; known: number; failed: number },
): void {
  catalog.run(
    'UPDATE runs SET done = done + ?, known = known + ?, failed = failed + ? WHERE id = ?',
    done,
    known,
    failed,
    id,
  );
}

export function setRunState(catalog: Catalog, id: number, state: RunState): void {
  catalog.run('UPDATE runs SET state = ? WHERE id = ?', state, id);
}

/** This process goes on with it. False: another one does since the row was read. */
export function claimRun(catalog: Catalog, { id, pid }: RunRow): boolean {
  return catalog.run('UPDATE runs SET pid = ? WHERE id = ? AND pid = ?', process.pid, id, pid).changes === 1;
}

export function setPlacement(catalog: Catalog, id: number, placement: Placement): void {
  catalog.run('UPDATE runs SET placement = ? WHERE id = ?', JSON.stringify(placement), id);
}

export function endRun(
  catalog: Catalog,
  id: number,
  state: 'finished' | 'cancelled' | 'stopped',
  bottleneck: string | null,
  error: Failure | null,
): void {
  catalog.transaction(() => {
    catalog.run('DELETE FROM run_items WHERE run_id = ?', id);
    // Photos whose folder was removed meanwhile are no part of it any more.
    if (state === 'finished') catalog.run('UPDATE runs SET total = done WHERE id = ?', id);
    catalog.run(
      'UPDATE runs SET state = ?, bottleneck = ?, error_code = ?, error_message = ? WHERE id = ?',
      state,
      bottleneck,
      error?.code ?? null,
      error?.message ?? null,
      id,
    );
  });
}

export function runFailures(
  catalog: Catalog,
  { runId, limit, cursor }: Request<'runs.failures'>,
): Answer<'runs.failures'> {
  const rows = catalog.all<{ photo_id: number; folder: string; name: string; code: string; message: string }>(
    `SELECT r.photo_id, f.path AS folder, p.name, r.code, r.message
     FROM run_failures r JOIN photos p ON p.id = r.photo_id JOIN folders f ON f.id = p.folder_id
     WHERE r.run_id = ? AND r.photo_id > ? ORDER BY r.photo_id LIMIT ?`,
    runId,
    Number.parseInt(cursor ?? '0', 10) || 0,
    limit + 1,
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ photo_id: photoId, folder, name, code, message }) => ({
      photoId,
      path: join(folder, name),
      error: { code, message },
    })),
    next: rows.length > limit ? String(shown.at(-1)!.photo_id) : null,
  };
}

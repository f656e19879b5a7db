/** What a classification of paths left out: counted by kind, and listed in a temporary table. */
import { join } from 'node:path';
import type { LeftOutCount, LeftOutItem } from '../../contract/entities/folder.ts';
import type { LeftOutKind } from '../../contract/values.ts';
import { shownName } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import type { LeftOut } from '../catalog/left-out.ts';

const shape = `CREATE TEMP TABLE IF NOT EXISTS job_left_out (
  job_id INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (job_id, path)
) WITHOUT ROWID`;

export class JobLeftOut {
  readonly #catalog: Catalog;
  readonly #jobId: number;
  readonly #counts = new Map<string, LeftOutCount>();

  constructor(catalog: Catalog, jobId: number) {
    this.#catalog = catalog;
    this.#jobId = jobId;
    catalog.exec(shape);
  }

  add(folder: string, { name, kind, extension }: LeftOut): void {
    const { changes } = this.#catalog.run(
      'INSERT OR IGNORE INTO temp.job_left_out (job_id, path, kind) VALUES (?, ?, ?)',
      this.#jobId,
      join(folder, name),
      kind,
    );
    // The same folder may have been asked for twice.
    if (changes === 0) return;
    const key = `${kind} ${extension}`;
    const count = this.#counts.get(key) ?? { kind, extension, count: 0 };
    this.#counts.set(key, { ...count, count: count.count + 1 });
  }

  /** Most first. */
  counts(): LeftOutCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count);
  }

  /** In the order of paths; `cursor` is the path before. */
  items(limit: number, cursor: string | undefined): { items: LeftOutItem[]; next: string | null } {
    const rows = this.#catalog.all<{ path: string; kind: LeftOutKind }>(
      'SELECT path, kind FROM temp.job_left_out WHERE job_id = ? AND path > ? ORDER BY path LIMIT ?',
      this.#jobId,
      cursor ?? '',
      limit + 1,
    );
    const items = rows.slice(0, limit);
    return {
      items: items.map(({ path, kind }) => ({ kind, path: shownName(path) })),
      next: rows.length > limit ? items.at(-1)!.path : null,
    };
  }

  forget(): void {
    this.#catalog.run('DELETE FROM temp.job_left_out WHERE job_id = ?', this.#jobId);
  }
}

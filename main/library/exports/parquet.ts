/** A selection of photos as Parquet, read by name: only who writes one waits for what that takes. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExportTarget, ExportWritten } from '../../contract/exports.ts';
import type { Selection } from '../../contract/requests.ts';
import { openParquetFile, openParquetFolder } from '../../report/parquet.ts';
import { makeUsual } from '../../umask.ts';
import type { Catalog } from '../catalog/database.ts';
import { expectGoing } from './going.ts';
import { tableRows } from './rows.ts';

type ParquetTarget = Extract<ExportTarget, { format: 'parquet' }>;

/** @throws SaccadeError `cannot-write`, `cancelled` */
export async function writeParquet(
  catalog: Catalog,
  selection: Selection,
  path: string,
  target: ParquetTarget,
  { topK, progress }: { topK: number; progress(done: number): void },
  signal: AbortSignal,
): Promise<ExportWritten> {
  const { layout, with: wanted = [], partitionBy, rowsPerFile } = target;
  const options = { topK, with: wanted, partitionBy, rowsPerFile };
  const to = resolve(path);
  const fresh = !existsSync(to);
  const writer = await (layout === 'file' ? openParquetFile : openParquetFolder)(to, options);
  const asked = { features: wanted.includes('features'), maps: wanted.includes('maps') };
  let photos = 0;
  try {
    for (const page of tableRows(catalog, selection, topK, asked)) {
      for (const row of page) await writer.add(row);
      photos += page.length;
      progress(photos);
      // Others are served in between.
      await new Promise(setImmediate);
      expectGoing(signal);
    }
    await writer.end();
    if (fresh) await makeUsual(to);
  } catch (error) {
    await writer.drop();
    throw error;
  }
  return { path: to, photos, notes: [] };
}

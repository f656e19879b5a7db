/**
 * One self-contained HTML file: pictures inside it, no scripts, nothing fetched. Rows go to a file beside it as
 * they come, so that thousands of photos cost no memory; the report appears whole, at the end.
 */
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { cannotWrite } from './cannot-write.ts';
import { pageHead, pageTail, type Summary } from './page.ts';

export interface ReportWriter {
  row(html: string): Promise<void>;
  /** Puts the report in its place, replacing an older one. */
  end(summary: Summary): Promise<void>;
  /** Deletes what was written so far; an older report stays as it is. */
  abandon(): Promise<void>;
}

async function openRows(file: string, rowsFile: string): Promise<WriteStream> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const rows = createWriteStream(rowsFile);
    await once(rows, 'open');
    return rows;
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** Throws a SaccadeError `cannot-write`, and so do its methods. */
export async function openReport(file: string): Promise<ReportWriter> {
  const rowsFile = `${file}.rows-${process.pid}`;
  const wholeFile = `${file}.new-${process.pid}`;
  const rows = await openRows(file, rowsFile);
  let failed: Error | null = null;
  rows.on('error', (error) => (failed ??= cannotWrite(file, error)));
  const closeRows = () => new Promise<void>((resolve) => rows.end(() => resolve()));
  const remove = async () => {
    await rm(rowsFile, { force: true });
    await rm(wholeFile, { force: true });
  };
  return {
    async row(html) {
      if (failed) throw failed;
      // Waiting for each write keeps one row in memory, and tells a full disk at once.
      await new Promise<void>((resolve, reject) =>
        rows.write(html, (error) => (error ? reject(cannotWrite(file, error)) : resolve())),
      );
    },
    async end(summary) {
      try {
        await closeRows();
        if (failed) throw failed;
        await pipeline(async function* () {
          yield pageHead(summary);
          yield* createReadStream(rowsFile);
          yield pageTail(summary);
        }, createWriteStream(wholeFile));
        await rename(wholeFile, file);
      } catch (error) {
        throw cannotWrite(file, error);
      } finally {
        await remove();
      }
    },
    async abandon() {
      await closeRows();
      await remove();
    },
  };
}

/**
 * One self-contained HTML file: pictures inside it, no scripts, nothing fetched. Rows go to a file beside it as
 * they come, so that thousands of photos cost no memory; the report appears whole, at the end.
 */
import { resolve } from 'node:path';
import { openBeside, openWhole } from '../whole-file.ts';
import { cannotWrite } from './cannot-write.ts';
import { pageHead, pageTail, type Summary } from './page.ts';

export interface ReportWriter {
  row(html: string): Promise<void>;
  /** Puts the report in its place, replacing an older one. */
  end(summary: Summary): Promise<void>;
  /** Deletes what was written so far; an older report stays as it is. */
  abandon(): Promise<void>;
}

/** Throws a SaccadeError `cannot-write`, and so do its methods. */
export async function openReport(file: string): Promise<ReportWriter> {
  async function orSay<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw cannotWrite(file, error);
    }
  }
  const whole = await orSay(() => openWhole(file));
  const rows = await orSay(() => openBeside(resolve(file))).catch(async (error: unknown) => {
    await whole.drop();
    throw error;
  });
  const abandon = async () => {
    await rows.drop();
    await whole.drop();
  };
  return {
    abandon,
    // Waiting for each write keeps one row in memory, and tells a full disk at once.
    row: (html) => orSay(() => rows.handle.writeFile(html)),
    end: (summary) =>
      orSay(async () => {
        try {
          const page = whole.handle;
          await page.writeFile(pageHead(summary));
          for await (const part of rows.handle.createReadStream({ start: 0, autoClose: false }))
            await page.writeFile(part as Buffer);
          await page.writeFile(pageTail(summary));
          await whole.keep();
        } finally {
          await abandon();
        }
      }),
  };
}

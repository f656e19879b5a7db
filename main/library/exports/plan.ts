/** Data sets, tables and pages as something that is written in the background, tried first and taken back. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Selection } from '../../contract/requests.ts';
import type { ExportTarget, ExportWritten } from '../../contract/exports.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { systemPath } from '../../file-names.ts';
import { countPhotos } from '../lists/counts.ts';
import { selected } from '../lists/page.ts';
import { untouched, type Plan, type Step } from '../writing/writing.ts';
import { writeDataset } from './datasets.ts';
import { writePictures, type ReportContext } from './report.ts';
import { takeBack, writtenAt } from './taken-back.ts';

/** @throws SaccadeError `cannot-write`, `cancelled` */
export async function writeExport(
  context: ReportContext,
  selection: Selection,
  path: string,
  target: ExportTarget,
  signal: AbortSignal,
): Promise<ExportWritten> {
  const { catalog, topK, progress } = context;
  switch (target.format) {
    case 'parquet': {
      const { writeParquet } = await import('./parquet.ts');
      return writeParquet(catalog, selection, path, target, { topK, progress }, signal);
    }
    case 'report':
    case 'contact-sheet':
      return writePictures(context, selection, path, target, signal);
    default:
      return writeDataset(catalog, selection, path, target, signal, progress);
  }
}

/** One step, counted by its photos. */
export function exportPlan(
  context: Omit<ReportContext, 'progress'>,
  selection: Selection,
  { path, target }: { path: string; target: ExportTarget },
  signal: AbortSignal,
): Plan {
  const to = resolve(path);
  const fresh = !existsSync(systemPath(to));
  const photos = countPhotos(context.catalog, selected(context.catalog, selection));
  let back: Step[] | null = null;
  const item: WrittenItem = { ...untouched(to), does: fresh ? 'create' : 'change' };
  const undone =
    (files: Parameters<typeof takeBack>[0]): Step =>
    async () => {
      try {
        await takeBack(files);
        return { ...item, does: 'back' };
      } catch (error) {
        return { ...item, does: 'none', error: toFailure(error) };
      }
    };
  const step: Step = async (dryRun, progress = () => {}) => {
    if (dryRun) return item;
    try {
      const { notes } = await writeExport({ ...context, progress }, selection, to, target, signal);
      if (!existsSync(systemPath(to))) return { ...item, does: 'none', notes };
      const files = fresh ? await writtenAt(to) : null;
      back = files && [undone(files)];
      return { ...item, notes };
    } catch (error) {
      return { ...item, does: 'none', error: toFailure(error) };
    }
  };
  return { steps: [step], total: photos, atOnce: 1, ended: () => Promise.resolve(back) };
}

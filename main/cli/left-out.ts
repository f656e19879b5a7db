/** What a run left out, as a sentence, and as a list of files. */
import type { LeftOutCount, LeftOutItem } from '../contract/entities/folder.ts';
import type { LeftOutKind } from '../contract/values.ts';
import { unwrap } from '../contract/result.ts';
import { cannotWrite } from '../report/cannot-write.ts';
import type { Library } from '../rpc/library.ts';
import { openWhole } from '../whole-file.ts';

/** Of one, and of several. */
const names: Record<Exclude<LeftOutKind, 'other'>, [one: string, several: string]> = {
  'no-picture': ['file without an ending or a picture in it', 'files without an ending or a picture in them'],
  system: ['that a system or program keeps for itself', 'that systems and programs keep for themselves'],
  hidden: ['hidden', 'hidden'],
  excluded: ['by a pattern', 'by patterns'],
  marked: ['folder with a .nomedia', 'folders with a .nomedia'],
  special: ['pipe, socket or device', 'pipes, sockets or devices'],
  dangling: ['link to nothing', 'links to nothing'],
  video: ['video', 'videos'],
};

/** More kinds of file than this are told as a number. */
const kindsTold = 8;

/** "Left out: 12 .mp4, 1 hidden." Empty where nothing was. */
export function leftOutSentence(counts: readonly LeftOutCount[]): string {
  const parts = counts.map(({ kind, extension, count }) => {
    const number = count.toLocaleString('en');
    return kind === 'other' ? `${number} .${extension}` : `${number} ${names[kind][count === 1 ? 0 : 1]}`;
  });
  const rest = counts.slice(kindsTold).reduce((sum, { count }) => sum + count, 0);
  const told = parts.slice(0, kindsTold);
  if (rest) told.push(`${rest.toLocaleString('en')} of other kinds`);
  return told.length ? `Left out: ${told.join(', ')}.` : '';
}

/** One JSON line each, in path order. */
export async function writeLeftOut(library: Library, jobId: number, file: string): Promise<void> {
  try {
    const whole = await openWhole(file);
    try {
      let cursor: string | null = null;
      do {
        const page = unwrap(
          await library.ask('internal.leftOut', {
            jobId,
            limit: 1000,
            cursor: cursor ?? undefined,
          }),
        ) as { items: LeftOutItem[]; next: string | null };
        await whole.handle.writeFile(
          page.items.map(({ path, kind }) => `${JSON.stringify({ path, reason: kind })}\n`).join(''),
        );
        cursor = page.next;
      } while (cursor !== null);
      await whole.keep();
    } finally {
      await whole.drop();
    }
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** Patterns as options give them: one that begins with `#` is no comment there. */
export function chosenPatterns(exclude: readonly string[], include: readonly string[]): string[] {
  const escaped = (pattern: string) => (/^[#!]/.test(pattern) ? `\\${pattern}` : pattern);
  return [...exclude.map(escaped), ...include.map((pattern) => `!${escaped(pattern)}`)];
}

/** `saccade merge` */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { MergeConflict, MergeReport } from '../../contract/entities/merge.ts';
import { unwrap } from '../../contract/result.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import type { Library } from '../../rpc/library.ts';
import { openWhole } from '../../whole-file.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { withLibrary } from '../with-library.ts';
import { shardsFolder } from '../shard.ts';
import { harmless, message } from '../terminal.ts';

const counted = (count: number, one: string, several = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;

/** "shards/2-of-4: 512 answers, 500 of them new; words for 3 photos, 1 head" */
export function mergeLine({ folder, answers, person }: MergeReport): string {
  const { added, improved, known } = answers;
  const of = [added && `${added.toLocaleString('en')} new`, improved && `${improved.toLocaleString('en')} better than ours`]; // prettier-ignore
  const told = of.filter(Boolean).join(', ') || 'all known';
  const did = [
    person.photos && `words for ${counted(person.photos, 'photo')}`,
    person.heads && counted(person.heads, 'head'),
    person.folders && counted(person.folders, 'folder'),
  ].filter(Boolean);
  return `${harmless(folder)}: ${[`${counted(added + improved + known, 'answer')} (${told})`, ...did].join(', ')}\n`;
}

const quoted = (text: string | null) => `"${text ?? ''}"`;

const sentences: Record<MergeConflict['about'], (conflict: MergeConflict) => string> = {
  words: ({ of, ours, theirs }) =>
    `${of}: kept ${ours ? `your words ${quoted(ours)}` : 'it without words, as you left it'}; there it says ${quoted(theirs)}.`,
  patterns: ({ of }) => `${of}: kept this library's patterns; there it has others.`,
  picture: ({ of, theirs }) =>
    `${of}: another picture lies there now than the one that was called ${quoted(theirs)}; the words were left.`,
  head: ({ of, ours, theirs }) =>
    ours === null
      ? `The head ${quoted(of)} was removed here, and was not taken from there.`
      : `There is another head ${quoted(of)} here; the one from there is called ${quoted(theirs)}.`,
  labels: ({ of }) =>
    `The model ${of} has other names for its classes there; this library's were kept. What is stored are their numbers.`,
  setting: ({ of, ours, theirs }) =>
    `Settings were kept as they are here: ${of} ${quoted(ours)}; there it is ${quoted(theirs)}.`,
  answer: ({ of, ours, theirs }) =>
    `${of}: kept ${quoted(ours)}; there the same model says ${quoted(theirs)}.`,
};

/** More of one kind than this are told as a number. */
const toldOfAKind = 10;

function tellConflicts(reports: readonly MergeReport[]): void {
  const conflicts = reports.flatMap((report) => report.conflicts);
  const differing = reports.reduce((sum, report) => sum + report.differing, 0);
  for (const [about, sentence] of Object.entries(sentences)) {
    const found = conflicts.filter((conflict) => conflict.about === about);
    const all = about === 'answer' ? differing : found.length;
    for (const conflict of found.slice(0, toldOfAKind)) message(sentence(conflict));
    if (all > toldOfAKind)
      message(`… and ${counted(all - toldOfAKind, 'more', 'more')} like this; --conflicts FILE lists all.`);
  }
}

/** A sentence for each set of shards that is not whole. */
export function missingShards(reports: readonly MergeReport[]): string[] {
  const shards = reports.flatMap(({ shard }) => shard ?? []);
  const counts = [...new Set(shards.map(({ count }) => count))];
  return counts.flatMap((count) => {
    const done = new Set(shards.filter((each) => each.count === count && each.finished).map(({ index }) => index)); // prettier-ignore
    const absent = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !done.has(index));
    if (!absent.length) return [];
    const names = absent.slice(0, toldOfAKind).join(', ') + (absent.length > toldOfAKind ? ' …' : '');
    return [
      `Of ${count} shards ${counted(absent.length, 'is', 'are')} not whole or not among these: ${names}. The same classify --shard goes on with each; then join them again.`,
    ];
  });
}

/** What both say differently, as JSON lines, beside the file until all of it is there. */
async function openConflicts(path: string) {
  const whole = await openWhole(path);
  const write = (folder: string, conflicts: readonly MergeConflict[]) =>
    whole.handle.writeFile(conflicts.map((each) => `${JSON.stringify({ folder, ...each })}\n`).join(''));
  return {
    keep: () => whole.keep(),
    drop: () => whole.drop(),
    async add(library: Library, { folder, conflicts, differing }: MergeReport): Promise<void> {
      await write(folder, conflicts);
      let told = conflicts.filter(({ about }) => about === 'answer').length;
      while (told < differing) {
        const more = unwrap(await library.ask('internal.differingAnswers', { after: told })).conflicts;
        if (!more.length) break;
        await write(folder, more);
        told += more.length;
      }
    },
  };
}

async function merge(
  library: Library,
  interrupted: AbortSignal,
  paths: string[],
  conflictsFile: string | undefined,
): Promise<ExitCode> {
  const written = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw cannotWrite(conflictsFile!, error);
    });
  const file = conflictsFile === undefined ? null : await written(() => openConflicts(conflictsFile));
  try {
    const folders: string[] = [];
    for (const path of paths)
      folders.push(...unwrap(await library.ask('internal.dataFolders', { path: resolve(path) })).folders);
    const reports: MergeReport[] = [];
    const out = standardOutput();
    let refused = 0;
    for (const folder of new Set(folders)) {
      if (interrupted.aborted) break;
      const answer = await library.ask('internal.merge', { folder });
      if (answer.ok) {
        reports.push(answer.value);
        if (file) await written(() => file.add(library, answer.value));
        await out.write(mergeLine(answer.value));
      } else {
        refused++;
        message(`${answer.error.code}: ${answer.error.message}`);
      }
    }
    tellConflicts(reports);
    for (const sentence of missingShards(reports)) message(sentence);
    await out.end();
    if (file) await written(() => file.keep());
    if (interrupted.aborted) return exitCodes.interrupted;
    if (refused) return reports.length ? exitCodes.someFailed : exitCodes.couldNotRun;
    return exitCodes.allWell;
  } finally {
    await file?.drop();
  }
}

export function addMerge(command: Command, run: Run): void {
  command
    .argument('[folder...]', 'data folders, or folders that hold some; none: the shards of this one')
    .option('--conflicts <file>', 'write what both say differently, as JSON lines')
    .action((paths: string[], { conflicts }: { conflicts?: string }) =>
      run(() =>
        withLibrary((library, interrupted) =>
          merge(library, interrupted, paths.length ? paths : [shardsFolder()], conflicts),
        ),
      ),
    );
}

/** `saccade heads`: labels of one's own, over what a model sees. */
import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SaccadeError } from '../../../models/error.ts';
import type { HeadDetail, HeadSummary, TeachingStatus, WordsRead } from '../../contract/entities/head.ts';
import type { Share } from '../../../models/heads/report.ts';
import { textIn } from '../../../models/text.ts';
import { unwrap } from '../../contract/result.ts';
import type { Request } from '../../contract/verbs.ts';
import { readError } from '../../files.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { withLibrary } from '../with-library.ts';
import { clearProgress, harmless, message, showProgress } from '../terminal.ts';

type Texts = Extract<HeadDetail['origin'], { from: 'texts' }>;

/** Near-duplicates are counted together, so that what is right may be a part of one. */
const rightOf = ({ right, of }: Share): string => `${Number(right.toFixed(1))} of ${of}`;

export const percent = (share: Share | null): string =>
  share === null
    ? 'not measured'
    : `${(100 * share.share).toFixed(1)} % (${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)}, ${rightOf(share)})`;

export function headTable(heads: HeadSummary[]): string {
  const rows = heads.map((head) => [
    harmless(head.name),
    head.kind,
    harmless(head.model),
    String(head.labels),
    percent(head.accuracy),
    head.inUse ? 'in use' : head.unfit ? 'of another model' : '',
  ]);
  return formatTable([['HEAD', 'KIND', 'MODEL', 'LABELS', 'ACCURACY', ''], ...rows], undefined, [3]);
}

export function headFacts(head: HeadDetail): string {
  const report = head.origin.from === 'examples' ? head.origin.report : null;
  const facts: [string, string][] = [
    ['head', head.name],
    ['kind', head.kind],
    ['model', head.model],
    ['version', String(head.version)],
    ['answers', head.answers === 'one' ? 'one of these' : 'any of these'],
    ['accuracy', percent(head.accuracy)],
    ['temperature', head.temperature.toPrecision(4)],
    ['unsure', head.doubt === null ? 'never' : `below ${head.doubt.toPrecision(3)}`],
    ...(head.origin.from === 'examples'
      ? ([['examples', String(head.origin.examples)]] as [string, string][])
      : []),
  ];
  if (head.origin.from === 'texts')
    return `${formatTable(facts.map((row) => row.map(harmless)))}\n${wordsOf(head, head.origin)}`;
  const share = (value: Share | null | undefined) => (value ? (100 * value.share).toFixed(1) : '–');
  const labels = head.names.map(({ name }, i) => {
    const figures = report?.labels[i];
    return [
      harmless(name),
      figures ? String(figures.examples) : '–',
      share(figures?.precision),
      share(figures?.recall),
    ];
  });
  return `${formatTable(facts.map((row) => row.map(harmless)))}\n${formatTable([['LABEL', 'HELD OUT', 'PRECISION %', 'RECALL %'], ...labels], undefined, [1, 2, 3])}`;
}

/** What each label is looked for by. */
function wordsOf({ names }: HeadDetail, { phrases, templates, none }: Texts): string {
  const rows = names.map(({ name }, i) => [name, (phrases[i] ?? []).join(' | ')]);
  if (none.length) rows.push(['none of these', none.join(' | ')]);
  const said = templates.map((template) => `"${template}"`).join(', ');
  return `${formatTable([['LABEL', 'WORDS'], ...rows.map((row) => row.map(harmless))])}\nSaid as ${harmless(said)}.\n`;
}

async function print(text: string): Promise<void> {
  const out = standardOutput();
  await out.write(text);
  await out.end();
}

/** Id of the head of that name, of the chosen model where several have it. @throws SaccadeError `no-head` */
export async function headNamed(library: Library, name: string): Promise<number> {
  const { items } = unwrap(await library.ask('heads.list', {}));
  const named = items.filter((head) => head.id !== null && head.name === name);
  const head = named.find(({ unfit }) => !unfit) ?? named[0];
  if (head) return head.id!;
  const known = items.flatMap(({ id, name: each }) => (id === null ? [] : `"${each}"`)).join(', ') || 'none';
  throw new SaccadeError('no-head', `There is no head "${name}". There are: ${known}.`);
}

const going = new Set(['reading', 'features', 'teaching']);

async function taught(library: Library, interrupted: AbortSignal): Promise<TeachingStatus> {
  for (;;) {
    if (interrupted.aborted) await library.ask('heads.cancelTeaching', {});
    const status = unwrap(await library.ask('heads.teaching', {}))!;
    if (!going.has(status.state)) return status;
    showProgress(`${status.state} ${status.total ? `${status.done} of ${status.total}` : ''}`);
    await sleep(100);
  }
}

async function teach(
  library: Library,
  interrupted: AbortSignal,
  name: string,
  path: string,
  { keywords }: { keywords?: boolean },
): Promise<ExitCode> {
  const from = keywords
    ? 'keywords'
    : statSync(path, { throwIfNoEntry: false })?.isDirectory()
      ? 'folder'
      : 'csv';
  const { items } = unwrap(await library.ask('heads.list', {}));
  const before = items.find((head) => head.id !== null && head.name === name && !head.unfit);
  unwrap(
    await library.ask('heads.teach', {
      name,
      source: { from, path: resolve(path) },
      headId: before?.id ?? undefined,
    }),
  );
  const status = await taught(library, interrupted);
  clearProgress();
  for (const note of status.notes) message(note.message);
  for (const { path: file, error } of status.leftOut) message(`${file} was left out: ${error.message}`);
  if (status.state === 'cancelled') return exitCodes.interrupted;
  if (status.error) throw new SaccadeError(status.error.code, status.error.message);
  await print(headFacts(unwrap(await library.ask('heads.show', { headId: status.head }))));
  return status.leftOutTotal ? exitCodes.someFailed : exitCodes.allWell;
}

interface WriteOptions {
  template?: string[];
  /** False: one of the labels it is. */
  none?: string[] | false;
  model?: string;
}

const collect = (text: string, before: string[] | boolean | undefined): string[] => [
  ...(Array.isArray(before) ? before : []),
  text,
];

/** What `heads export` writes beside the lines of a head in words. */
const exported = z.object({ templates: z.array(z.string()), none: z.array(z.string()) });

/** Of a file with a label a line, or of a head in words that was exported: then with what its labels are said in. */
export async function readLines(
  path: string,
): Promise<{ lines: string[]; templates?: string[]; none?: string[] }> {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const read = async (file: string) => {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw readError(file, error);
    });
    const found = textIn(bytes);
    if (found === null)
      throw new SaccadeError(
        'unreadable',
        `Expected ${file} to be text in UTF-8 or UTF-16; found bytes that are neither. Save it as UTF-8.`,
      );
    return found;
  };
  const text = await read(folder ? join(path, 'labels.txt') : path);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim());
  if (!folder) return { lines };
  const file = join(path, 'head.json');
  try {
    return { lines, ...exported.parse(JSON.parse(await read(file))) };
  } catch (error) {
    if (error instanceof SaccadeError) throw error;
    throw new SaccadeError(
      'unreadable',
      `Expected ${file} as "saccade heads export" writes it, with templates and none; it can't be read so. Export the head again, or name its labels.txt.`,
      { cause: error },
    );
  }
}

async function write(
  library: Library,
  interrupted: AbortSignal,
  name: string,
  path: string,
  { template, none, model }: WriteOptions,
): Promise<string> {
  const { lines: labels, ...before } = await readLines(path);
  const { items } = unwrap(await library.ask('heads.list', {}));
  const of = model ?? items[0]!.model;
  const again = items.find((head) => head.id !== null && head.name === name && head.model === of);
  library.onEvent((event, payload) => {
    if (event !== 'heads.writing') return;
    const { read, of: all } = payload as WordsRead;
    showProgress(`Reading ${read} of ${all} texts`);
  });
  const asked: Request<'heads.write'> = {
    name,
    labels,
    ...before,
    // What the command says goes before what the file says.
    ...(template && { templates: template }),
    ...(none !== undefined && { none: none === false ? [] : none }),
    model,
    headId: again?.id ?? undefined,
  };
  const { head, notes } = unwrap(await library.ask('heads.write', asked, { signal: interrupted }));
  clearProgress();
  for (const note of notes) message(note.message);
  return headFacts(head);
}

export function addHeads(heads: Command, run: Run): void {
  const action = (work: (library: Library, interrupted: AbortSignal) => Promise<string>) =>
    run(() =>
      withLibrary(async (library, interrupted) => {
        await print(await work(library, interrupted));
        return exitCodes.allWell;
      }),
    );
  heads
    .command('list')
    .description('every head')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      action(async (library) => {
        const { items } = unwrap(await library.ask('heads.list', {}));
        return json ? `${JSON.stringify(items, null, 2)}\n` : headTable(items);
      }),
    );
  heads
    .command('show')
    .description('what is known about a head, and how right it is')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: boolean }) =>
      action(async (library) => {
        const headId = await headNamed(library, name);
        const head = unwrap(await library.ask('heads.show', { headId }));
        return json ? `${JSON.stringify(head, null, 2)}\n` : headFacts(head);
      }),
    );
  heads
    .command('teach')
    .description(
      'teach labels from a folder of folders named after them, or a table with the columns path and label',
    )
    .argument('<name>')
    .argument('<path>')
    .option('--keywords', 'labels are the keywords that the photos have in their files and in sidecars')
    .action((name: string, path: string, options: { keywords?: boolean }) =>
      run(() => withLibrary((library, interrupted) => teach(library, interrupted, name, path, options))),
    );
  heads
    .command('write')
    .description('write labels in words, for a model that reads text')
    .argument('<name>')
    .argument(
      '<file>',
      'a label a line, other words for it after bars: "a receipt | a till slip"; or the folder of an exported head',
    )
    .option('--template <text>', 'how a label is said, with {} for its words; again for more', collect)
    .option('--none <words>', 'what none of these looks like; again for more', collect)
    .option('--no-none', 'one of the labels it is')
    .option('--model <name>', 'which reads them; default the chosen one')
    .action((name: string, file: string, options: WriteOptions) =>
      action((library, interrupted) => write(library, interrupted, name, file, options)),
    );
  heads
    .command('remove')
    .description('remove a head; the window can bring it back')
    .argument('<name>')
    .action((name: string) =>
      action(async (library) => {
        unwrap(await library.ask('heads.remove', { headId: await headNamed(library, name) }));
        return `Removed ${harmless(name)}.\n`;
      }),
    );
  heads
    .command('export')
    .description('write backbone and head as a folder that timm, transformers and Saccade read')
    .argument('<name>')
    .argument('<folder>')
    .action((name: string, folder: string) =>
      action(async (library) => {
        const headId = await headNamed(library, name);
        const { path, files } = unwrap(await library.ask('heads.export', { headId, path: resolve(folder) }));
        return `${harmless(path)}: ${files.join(', ')}\n`;
      }),
    );
}

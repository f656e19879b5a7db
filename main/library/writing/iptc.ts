/** Keywords inside JPEGs (IPTC-IIM), by an installed exiftool: on request only, and taken out again on request. */
import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SaccadeError } from '../../../models/error.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { embeddedIn } from '../../decode/metadata/embedded.ts';
import { lookAt } from '../../decode/file.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import { hasDataSets, iptcKeywords, isUtf8Unsaid, saysNothing } from '../../xmp/iptc.ts';
import type { Written } from '../../xmp/written.ts';
import { photoAt } from '../catalog/contents.ts';
import { contentNow } from '../catalog/path-contents.ts';
import type { Catalog } from '../catalog/database.ts';
import { sameAnswers } from '../catalog/same-answers.ts';
import { hashFile } from '../scan/hash.ts';
import { mayBeWritten, recordWritten, writtenInto } from './iptc-record.ts';
import { untouched, type Plan, type Step } from './writing.ts';

const run = promisify(execFile);
/** Of IPTC-IIM's data set 2:25. */
const mostBytes = 64;
const patienceMs = 60_000;

/** @throws SaccadeError `no-exiftool` */
async function expectExiftool(): Promise<void> {
  try {
    await run('exiftool', ['-ver'], { timeout: patienceMs });
  } catch (cause) {
    throw new SaccadeError(
      'no-exiftool',
      'Expected exiftool on this machine, which alone writes into JPEGs; found none. Install it (exiftool.org, or your system’s package), or write sidecars.',
      { cause },
    );
  }
}

async function exiftool(path: string, changes: readonly string[]): Promise<void> {
  // A file's times stay: what a program sorts by them keeps its place.
  const words = ['-q', '-m', '-P', '-overwrite_original', '-charset', 'filename=utf8', ...changes];
  // It puts a new file at the name it is given: at a link's that would be a copy beside the photo meant.
  words.push(await realpath(path));
  await run('exiftool', words, { timeout: patienceMs });
}

/** Null: it has no IPTC. */
async function blockIn(path: string): Promise<Buffer | null> {
  const { iptc } = await embeddedIn(path);
  return iptc && hasDataSets(iptc) ? iptc : null;
}

const keywordsOf = (block: Buffer | null): string[] => (block ? iptcKeywords(block) : []);

interface IptcTask {
  path: string;
  /** Instead of what Saccade wrote there before. */
  labels: readonly string[];
}

async function expectWritable(path: string, labels: readonly string[]): Promise<void> {
  const { format } = await lookAt(path);
  if (format !== 'jpeg')
    throw new Error(`a photo in ${format.toUpperCase()}, and IPTC keywords go into JPEGs only`);
  if (typeof systemPath(path) !== 'string')
    throw new Error('a name that is no text, which exiftool takes none of');
  const { mode, nlink } = await stat(path);
  if ((mode & 0o222) === 0) throw new Error('it is read-only');
  if (nlink > 1) throw new Error('a file with several names (hard links), which writing would part');
  const long = labels.find((label) => Buffer.byteLength(label) > mostBytes);
  if (long !== undefined) throw new Error(`"${long}", and IPTC keywords have ${mostBytes} bytes at most`);
}

/** What is added to a block, null where there is none, and removed from it, as exiftool's words. */
function changesOf(block: Buffer | null, adds: readonly string[], removes: readonly string[]): string[] {
  return [
    // Only where there is nothing yet: what is there is in the character set that it says.
    ...(!block && adds.length ? ['-IPTC:CodedCharacterSet=UTF8'] : []),
    // exiftool takes a block that says nothing for Latin-1: one block would then be in two character sets.
    ...(block && isUtf8Unsaid(block) ? ['-charset', 'iptc=UTF8'] : []),
    ...removes.map((value) => `-IPTC:Keywords-=${value}`),
    ...adds.map((value) => `-IPTC:Keywords+=${value}`),
  ];
}

async function changed(catalog: Catalog, { path, labels }: IptcTask, dryRun: boolean): Promise<WrittenItem> {
  const item = untouched(path);
  await expectWritable(path, labels);
  const block = await blockIn(path);
  const there = keywordsOf(block);
  const ours = await writtenInto(catalog, path);
  const wanted = new Map(labels.map((label) => [nameKey(label), label]));
  const removes = (ours?.subject ?? []).filter(
    (value) => !wanted.has(nameKey(value)) && there.includes(value),
  );
  const known = new Set(there.map(nameKey));
  const adds = [...wanted].filter(([key]) => !known.has(key)).map(([, label]) => label);
  if (!adds.length && !removes.length) return item;
  Object.assign(item, { does: 'change', adds, removes } satisfies Partial<WrittenItem>);
  if (dryRun) return item;
  const bare = ours?.bare ?? block === null;
  const kept = (ours?.subject ?? []).filter((value) => wanted.has(nameKey(value)));
  const now: Written = { subject: [...kept, ...adds], hierarchical: [], bare: bare || undefined };
  const before = await contentNow(catalog, path, 'nothing');
  // Written down before: after a crash in between, what is ours must not be taken for a person's.
  const meanwhile = { ...now, subject: [...new Set([...(ours?.subject ?? []), ...adds])] };
  await recordWritten(catalog, path, meanwhile, null);
  const asItWas = async () => recordWritten(catalog, path, ours, await hashFile(path));
  try {
    await exiftool(path, changesOf(block, adds, removes));
  } catch (error) {
    // Where it is gone meanwhile, what exiftool says of it is the reason.
    await asItWas().catch(() => {});
    throw error;
  }
  // A character set that can't say it makes question marks of a keyword: better none than a wrong one.
  const written = await blockIn(path);
  const after = keywordsOf(written);
  const lost = adds.filter((value) => !after.includes(value));
  if (lost.length) {
    const wrong = after.filter((value) => !there.includes(value));
    await exiftool(path, changesOf(written, removes, wrong));
    await asItWas();
    sameAnswers(catalog, photoAt(catalog, path), before, await hashFile(path));
    throw new Error(`IPTC in a character set that has no way to write ${lost.map((value) => `"${value}"`).join(', ')}`); // prettier-ignore
  }
  if (!now.subject.length && bare) await emptied(path);
  const file = await hashFile(path);
  await recordWritten(catalog, path, now.subject.length ? now : null, file);
  sameAnswers(catalog, photoAt(catalog, path), before, file);
  return item;
}

/** Where Saccade's were the only ones, the block goes with them. */
async function emptied(path: string): Promise<void> {
  const block = await blockIn(path);
  if (block && saysNothing(block)) await exiftool(path, ['-IPTC:all=']);
}

/** Never throws SaccadeError: what goes wrong is told. */
async function changeIptc(catalog: Catalog, task: IptcTask, dryRun: boolean): Promise<WrittenItem> {
  try {
    return await changed(catalog, task, dryRun);
  } catch (error) {
    return { ...untouched(task.path), error: toFailure(cannotWrite(shownName(task.path), error)) };
  }
}

/** `labels` null: what Saccade wrote is taken out. @throws SaccadeError `no-exiftool` */
export async function iptcPlan(
  catalog: Catalog,
  photos: readonly { path: string; labels: readonly string[] | null }[],
): Promise<Plan> {
  await expectExiftool();
  const back: Step[] = [];
  const asked: (typeof photos)[number][] = [];
  for (const photo of photos)
    if (photo.labels?.length || (await mayBeWritten(catalog, photo.path))) asked.push(photo);
  const steps = asked.map(({ path, labels }): Step => async (dryRun) => {
    const before = (await writtenInto(catalog, path))?.subject ?? [];
    const item = await changeIptc(catalog, { path, labels: labels ?? [] }, dryRun);
    if (!dryRun && item.does !== 'none')
      back.push(() => changeIptc(catalog, { path, labels: before }, false));
    return item;
  });
  return { steps, atOnce: 2, ended: () => Promise.resolve(back) };
}

/** One folder's entries: photos by name, folders, and what is left out, with the reason. */
import { opendir, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { LeftOutKind } from '../../contract/values.ts';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import { formatOf } from '../../decode/format.ts';
import { systemPath, textOfName } from '../../file-names.ts';
import { openFile, readError } from '../../files.ts';
import type { LeftOut } from '../catalog/left-out.ts';
import type { FileFacts } from '../files/file-facts.ts';
import { eachOf } from '../../schedule/each.ts';
import { factsTogether } from './facts-thread.ts';
import { factsOf } from './hash.ts';
import { extensionOf, isPhotoName, isVideoName } from '../../decode/photo-extensions.ts';
import { isRemote } from './remote.ts';
import { marker, patternsFile, patternsIn, type Rules } from './rules.ts';

export interface FoundPhoto {
  name: string;
  facts: FileFacts;
}

export interface FolderEntries {
  /** In batches, so that a folder of any size is walked in little memory. */
  onPhotos(photos: FoundPhoto[]): void | Promise<void>;
  /** A photo that nothing can be asked about. */
  onUnreachable(name: string, failure: Failure): void;
  /** Absolute path of a folder in it, `linked` or not; `key` is the same for the same folder however it is reached. */
  onFolder(path: string, key: string, rules: Rules, linked: boolean): void;
  onLeftOut(left: LeftOut): void;
}

const batch = 256;
const atOnce = 32;
/** A message to a thread takes as long as some files. */
const worthTogether = 16;
/** Enough of a file to tell its format by. */
const headBytes = 64;

interface Waiting {
  name: string;
  linked: boolean;
  wanted: boolean;
}

/**
 * `chosen`: patterns a person gave this very folder. Throws the file system's error where the folder itself can't be
 * read.
 */
export async function walkFolder(
  path: string,
  above: Rules,
  entries: FolderEntries,
  signal?: AbortSignal,
  chosen: readonly string[] = [],
): Promise<void> {
  const rules = await rulesOf(path, above, entries, chosen);
  if (!rules) return;
  let waiting: Waiting[] = [];
  let remote: boolean | null = null;
  const leave = (name: string, kind: LeftOutKind) =>
    entries.onLeftOut({ name, kind, extension: kind === 'other' ? extensionOf(name) : '' });

  const enter = (name: string, facts: Stats | SaccadeError, linked: boolean): void => {
    const below = join(path, name);
    const verdict = rules.verdict(below, true);
    if (verdict !== null && verdict !== 'wanted') leave(`${name}/`, verdict);
    // What keeps it from being read shows when it is opened.
    else
      entries.onFolder(below, facts instanceof SaccadeError ? below : folderIdentity(facts), rules, linked);
  };

  /** The facts of a photo; what is none is left out. */
  async function settleOne({ name, linked, wanted }: Waiting): Promise<FileFacts | null> {
    const full = join(path, name);
    const facts = await reach(full);
    const named = wanted || isPhotoName(name);
    if (facts instanceof SaccadeError) {
      if (named) entries.onUnreachable(name, toFailure(facts));
      else leave(name, extensionOf(name) === '' ? 'no-picture' : kindOf(name));
    } else if (!facts) {
      // A file that is gone by now is no news; a link to nothing stays one.
      if (linked) leave(name, 'dangling');
    } else if (facts.isDirectory()) enter(name, facts, linked);
    else if (!facts.isFile()) leave(name, 'special');
    else if (named) return factsOf(facts);
    else if (extensionOf(name) !== '') leave(name, kindOf(name));
    else if (await isPicture(full)) return factsOf(facts);
    else leave(name, 'no-picture');
    return null;
  }

  async function settle(): Promise<void> {
    const found: FoundPhoto[] = [];
    // Other machines answer faster when they are asked several things at once.
    const few = waiting.length < worthTogether;
    if (!few) remote ??= await isRemote(path);
    const quick = few || remote ? null : await factsTogether(waiting.map(({ name }) => join(path, name)));
    const others: Waiting[] = [];
    for (const [i, each] of waiting.entries()) {
      const facts = each.wanted || isPhotoName(each.name) ? quick?.[i] : null;
      if (facts) found.push({ name: each.name, facts });
      else others.push(each);
    }
    await eachOf(others, atOnce, async (each) => {
      const facts = await settleOne(each);
      if (facts) found.push({ name: each.name, facts });
    });
    waiting = [];
    if (found.length) await entries.onPhotos(found);
  }

  const folder = await opendir(systemPath(path), { encoding: 'buffer' as BufferEncoding, bufferSize: 512 });
  for await (const entry of folder as unknown as AsyncIterable<Dirent<Buffer>>) {
    signal?.throwIfAborted();
    const name = textOfName(entry.name);
    if (name === patternsFile || name === marker) continue;
    const below = join(path, name);
    if (entry.isDirectory()) {
      const facts = await reach(below);
      if (facts) enter(name, facts, false);
      continue;
    }
    const verdict = rules.verdict(below, false);
    const wanted = verdict === 'wanted';
    if (verdict !== null && !wanted) leave(name, verdict);
    else if (entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice())
      leave(name, 'special');
    else if (entry.isFile() && !wanted && extensionOf(name) !== '' && !isPhotoName(name))
      leave(name, kindOf(name));
    else {
      waiting.push({ name, linked: entry.isSymbolicLink(), wanted });
      if (waiting.length >= batch) await settle();
    }
  }
  await settle();
}

/** With the folder's own patterns; null where its marker keeps everybody out. */
async function rulesOf(
  path: string,
  above: Rules,
  entries: FolderEntries,
  chosen: readonly string[],
): Promise<Rules | null> {
  const found = await patternsIn(path).catch(async (error: unknown) => {
    const file = await reach(join(path, patternsFile));
    if (file && !(file instanceof SaccadeError) && file.isFile())
      entries.onUnreachable(patternsFile, toFailure(error));
    return [];
  });
  const rules = above.within(path, found, chosen);
  const there = await reach(join(path, marker));
  if (!there || there instanceof SaccadeError) return rules;
  if (rules.verdict(join(path, marker), false) === 'wanted') return rules;
  entries.onLeftOut({ name: marker, kind: 'marked', extension: '' });
  return null;
}

/** Of a file whose ending is no photo's. */
const kindOf = (name: string) => (isVideoName(name) ? 'video' : 'other');

async function isPicture(path: string): Promise<boolean> {
  try {
    const { file: opened } = await openFile(path);
    await using file = opened;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return formatOf(path, buffer.subarray(0, bytesRead)) !== null;
  } catch {
    return false;
  }
}

/** Null: it is gone, or a link to nothing. */
async function reach(path: string): Promise<Stats | SaccadeError | null> {
  try {
    return await stat(systemPath(path));
  } catch (error) {
    const failure = readError(path, error);
    return failure.code === 'missing-file' ? null : failure;
  }
}

export function folderIdentity(facts: { dev: number; ino: number }): string {
  return `${facts.dev}:${facts.ino}`;
}

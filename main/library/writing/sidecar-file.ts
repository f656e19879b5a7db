/** One sidecar read, changed and put in its place: whole or not at all, and told where it can't be. */
import { readFile, rm, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { readError } from '../../files.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import { openWhole } from '../../whole-file.ts';
import { mostBytes, xmpText, type XmpText } from '../../xmp/encoding.ts';

export interface SidecarFile extends XmpText {
  facts: Stats;
}

/** Its own name first: what is wrong with which file. */
function about(path: string, error: unknown): SaccadeError {
  if (!(error instanceof SaccadeError)) return readError(path, error);
  if (error.code !== 'bad-sidecar') return error;
  return new SaccadeError('bad-sidecar', `${shownName(path)}: ${error.message} It was left as it is.`, {
    cause: error,
  });
}

/** Null: there is none. @throws SaccadeError `bad-sidecar`, `unreadable` */
export async function readSidecar(path: string): Promise<SidecarFile | null> {
  try {
    const facts = await stat(systemPath(path));
    if (!facts.isFile()) throw new SaccadeError('bad-sidecar', 'Expected a file; it is none.');
    // Before it is read: a history can be of any size.
    if (facts.size > mostBytes) xmpTooLarge(facts.size);
    return { facts, ...xmpText(await readFile(systemPath(path))) };
  } catch (error) {
    const told = about(path, error);
    if (told.code === 'missing-file') return null;
    throw told;
  }
}

function xmpTooLarge(bytes: number): never {
  throw new SaccadeError(
    'bad-sidecar',
    `Expected at most ${mostBytes / 1024 / 1024} MB of XMP; found ${Math.ceil(bytes / 1024 / 1024)} MB.`,
  );
}

/** Runs what reads the text of a sidecar; what it throws names the file. */
export function ofSidecar<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw about(path, error);
  }
}

/**
 * `text` null: the file is deleted. `before`: as it was read; null: there was none.
 * @throws SaccadeError `cannot-write`, and `changed-meanwhile` where another program was faster
 */
export async function writeSidecar(
  path: string,
  text: string | null,
  before: SidecarFile | null,
): Promise<void> {
  try {
    // Whoever may do anything is asked nothing by the system.
    if (before && (before.facts.mode & 0o222) === 0) throw new Error('it is read-only');
    if (text === null) {
      await expectUnchanged(path, before);
      return await rm(systemPath(path));
    }
    const file = await openWhole(path);
    try {
      await file.handle.writeFile(before ? before.bytesOf(text) : text);
      if (before) await file.handle.chmod(before.facts.mode & 0o7777);
      await file.handle.sync();
      await expectUnchanged(path, before);
      await file.keep();
    } catch (error) {
      await file.drop();
      throw error;
    }
  } catch (error) {
    throw cannotWrite(shownName(path), error);
  }
}

async function expectUnchanged(path: string, before: SidecarFile | null): Promise<void> {
  const now = await stat(systemPath(path)).catch(() => null);
  const same = before ? now?.mtimeMs === before.facts.mtimeMs && now.size === before.facts.size : !now;
  if (!same)
    throw new SaccadeError(
      'changed-meanwhile',
      `${shownName(path)} was changed by another program meanwhile, and was left as it is. Try again.`,
    );
}

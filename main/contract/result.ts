/** Expected failures as values, for crossing processes. Within one they are thrown as SaccadeError. */
import { SaccadeError } from '../../models/error.ts';
import { OpenAnswers } from '../../models/formats/open-answers.ts';
import type { Failure } from './failure.ts';

export type { Failure } from './failure.ts';

export type Result<T> = { ok: true; value: T } | { ok: false; error: Failure };

export function toFailure(error: unknown): Failure {
  if (error instanceof OpenAnswers)
    return { code: error.code, message: error.message, questions: error.questions };
  if (error instanceof SaccadeError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Node's messages begin with their code, which is told beside them.
  const told = code && message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  return ofTheSystem(code, message) ?? { code: code || 'internal', message: told };
}

/** What the system or SQLite refuses whatever is being done, as something that a person can mend. */
function ofTheSystem(code: string, message: string): Failure | null {
  if (/^(ENOSPC|EDQUOT|SQLITE_FULL)$/.test(code))
    return {
      code: 'disk-full',
      message: `Expected room on the disk; found none (${message}). Make room, or set SACCADE_HOME to a folder on another disk, and start again: what is done is kept.`,
    };
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return {
      code: 'catalog-damaged',
      message: `Expected the catalog to be whole; a part of it can't be read (${message}). Start Saccade again: the catalog is set aside then and rebuilt from what can still be read, the last backup and your files; photos are untouched.`,
    };
  if (/^SQLITE_(READONLY|IOERR|CANTOPEN|BUSY|LOCKED)/.test(code))
    return {
      code: 'catalog-unwritable',
      message: `Expected to write the catalog; found: ${message}. Close what else holds it, or set SACCADE_HOME to another folder.`,
    };
  if (/^(EACCES|EPERM|EROFS)$/.test(code))
    return {
      code: 'no-permission',
      message: `Expected to be allowed what the system refused (${message}). Change the permissions, or choose another folder.`,
    };
  return null;
}

/** Runs `work` and folds whatever it throws into a value. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toFailure(error) };
  }
}

/** The value, or its failure thrown as a SaccadeError. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, message, questions } = result.error;
  throw questions ? new OpenAnswers(code, message, questions) : new SaccadeError(code, message);
}

import { SaccadeError } from '../../models/error.ts';

/** A SaccadeError `cannot-write` out of whatever writing `file` threw. */
export function cannotWrite(file: string, cause: unknown): SaccadeError {
  if (cause instanceof SaccadeError) return cause;
  const found = cause instanceof Error ? cause.message : String(cause);
  return new SaccadeError('cannot-write', `Expected to be able to write ${file}, found: ${found}.`, {
    cause,
  });
}

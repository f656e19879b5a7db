/** Expected failures as values, for crossing processes. Within one they are thrown as SaccadeError. */
import { SaccadeError } from '../models/error.ts';

export interface Failure {
  /** Kebab-case, documented in docs/troubleshooting.md; never shown without its message. */
  code: string;
  message: string;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: Failure };

export function toFailure(error: unknown): Failure {
  if (error instanceof SaccadeError) return { code: error.code, message: error.message };
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
  return { code, message: error instanceof Error ? error.message : String(error) };
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
  throw new SaccadeError(result.error.code, result.error.message);
}

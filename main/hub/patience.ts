import { setTimeout as sleep } from 'node:timers/promises';
import { SaccadeError } from '../../models/error.ts';

/** A failure that may pass by itself: the same request is made again after a while. */
export class PassingError extends SaccadeError {
  /** How long the other side asked to be left alone, milliseconds; null: it did not say. */
  readonly waitMs: number | null;

  constructor(code: string, message: string, options?: ErrorOptions & { waitMs?: number | null }) {
    super(code, message, options);
    this.waitMs = options?.waitMs ?? null;
  }
}

export interface Patience {
  /** Without a byte for so long, a connection counts as dead. */
  idleMs: number;
  /** Failures in a row, without a new byte between them, before giving up. */
  attempts: number;
  /** Doubles with each failure in a row. */
  firstWaitMs: number;
  /** Longest wait that is kept silently, also when the Hub asks for it; its limits are set in 5-minute windows. */
  longestWaitMs: number;
}

export const usualPatience: Patience = {
  idleMs: 30_000,
  attempts: 6,
  firstWaitMs: 1_000,
  longestWaitMs: 300_000,
};

/**
 * Repeats `attempt` while it fails with a PassingError. `progress` is any number that grows when something
 * arrived; growth starts the count of attempts anew.
 */
export async function patiently<T>(
  patience: Patience,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  for (;;) {
    const before = progress();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingError)) throw error;
      failures = progress() > before ? 1 : failures + 1;
      const waitMs = error.waitMs ?? patience.firstWaitMs * 2 ** (failures - 1);
      if (failures >= patience.attempts || waitMs > patience.longestWaitMs) throw error;
      await sleep(waitMs, undefined, { signal });
    }
  }
}

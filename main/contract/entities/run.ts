/** Runs of the library. */
import { z } from 'zod';
import { failure } from '../failure.ts';
import { id } from '../values.ts';
import { count, timeMs } from './parts.ts';
import { placement } from './placement.ts';

const runState = z.enum(['preparing', 'running', 'paused', 'finished', 'cancelled', 'stopped']);
export type RunState = z.infer<typeof runState>;

export const runStatus = z.strictObject({
  id,
  state: runState,
  model: z.string(),
  placement: placement.nullable(),
  total: count,
  /** Finished, failures and already known ones included. */
  done: count,
  /** Of those done: the answer was already in the catalog. */
  known: count,
  failed: count,
  photosPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  startedMs: timeMs,
  /** Where time went once it has ended, as one sentence. */
  bottleneck: z.string().nullable(),
  /** Why it stopped, and what to do; null unless state is `stopped`. */
  error: failure.nullable(),
});
export type RunStatus = z.infer<typeof runStatus>;

export const runFailure = z.strictObject({ photoId: id, path: z.string(), error: failure });
export type RunFailure = z.infer<typeof runFailure>;

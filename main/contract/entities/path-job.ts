/** Files that are classified by path, and how far that is. */
import { z } from 'zod';
import { label } from '../../../models/manifest-schema.ts';
import { failure } from '../failure.ts';
import { leftOutCount } from './folder.ts';
import { seenRegion, storedMap } from './inspection.ts';
import { count, timeMs } from './parts.ts';
import { placement } from './placement.ts';

/** Names of RAW files beside it that it stands for, where RAW and JPEG of one shot are one. */
const stack = z.array(z.string()).optional();

const said = z.strictObject({ index: z.int(), label, probability: z.number() });

/** One file, in path order. */
export const classifiedPath = z.discriminatedUnion('status', [
  z.strictObject({
    path: z.string(),
    status: z.literal('ok'),
    width: count,
    height: count,
    takenMs: timeMs.nullable(),
    damaged: z.boolean(),
    unsure: z.boolean(),
    model: z.string(),
    provider: placement.shape.provider,
    precision: placement.shape.precision,
    labels: z.array(said),
    /** Of `labels` and beyond them, those that hold beside the first, where several may. */
    also: z.array(said),
    map: storedMap.nullable(),
    seen: seenRegion.nullable(),
    /** The answer was in the catalog already. */
    known: z.boolean(),
    stack,
  }),
  z.strictObject({ path: z.string(), status: z.literal('error'), error: failure, stack }),
]);
export type ClassifiedPath = z.infer<typeof classifiedPath>;

export const jobProgress = z.strictObject({
  state: z.enum(['running', 'finished', 'stopped']),
  /** Files found so far; final once `scanned`. */
  total: count,
  scanned: z.boolean(),
  done: count,
  known: count,
  failed: count,
  photosPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  placement: placement.nullable(),
  bottleneck: z.string().nullable(),
  /** Why it stopped; null unless state is `stopped`. */
  error: failure.nullable(),
  /** What folders hold besides, by kind, most first. */
  leftOut: z.array(leftOutCount),
});
export type JobProgress = z.infer<typeof jobProgress>;

/** A part of the photos that were asked for, told by their paths: `index`, 1 … `count`. */
export const shard = z
  .strictObject({ index: z.int().min(1), count: z.int().min(1).max(1_000_000) })
  .refine(({ index, count }) => index <= count);
export type Shard = z.infer<typeof shard>;

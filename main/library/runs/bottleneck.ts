/** What holds a run up. */
import { availableParallelism } from 'node:os';

/** Sums over a run, in milliseconds. */
export interface StageTimes {
  photos: number;
  /** Wall time, pauses left out. */
  elapsedMs: number;
  /** Of decoding, summed over photos, which overlap. */
  decodeMs: number;
  /** The inference process waited for decoded photos. */
  waitMs: number;
  runMs: number;
  /** No batch was in flight while files were read and hashed. */
  readMs: number;
  /** Catalog and thumbnails. */
  storeMs: number;
}

export const noTimes = (): StageTimes => ({
  photos: 0,
  elapsedMs: 0,
  decodeMs: 0,
  waitMs: 0,
  runMs: 0,
  readMs: 0,
  storeMs: 0,
});

const whole = (rate: number) => (rate >= 10 ? String(Math.round(rate)) : rate.toPrecision(2));

/**
 * "decode-bound: 96 photos/s; inference could do 410"; null where nothing was computed. What a stage could do is what
 * it would do alone with every core. On a CPU decoding and inference share the cores, so each waits for the other in
 * its own time: that is taken out in proportion, and 1 / (1 / decoding + 1 / inference) is the speed of both.
 */
export function bottleneck(
  times: StageTimes,
  { onCpu, cores = availableParallelism() }: { onCpu: boolean; cores?: number },
): string | null {
  const { photos, elapsedMs, decodeMs, waitMs, runMs, readMs, storeMs } = times;
  if (photos === 0 || elapsedMs <= 0) return null;
  const rate = (ms: number) => (photos * 1000) / Math.max(ms, 1e-3);
  const wanted = (decodeMs + (onCpu ? cores * runMs : 0)) / (cores * elapsedMs);
  const crowding = Math.max(1, wanted);
  const decodeAloneMs = decodeMs / crowding / cores;
  const runAloneMs = onCpu ? runMs / crowding : runMs;
  const stages = [
    {
      name: 'decode',
      verb: 'decoding',
      heldUpMs: onCpu ? decodeAloneMs : waitMs,
      alone: rate(decodeAloneMs),
    },
    { name: 'inference', verb: 'inference', heldUpMs: runAloneMs, alone: rate(runAloneMs) },
    { name: 'reading', verb: 'reading', heldUpMs: readMs, alone: rate(readMs) },
    { name: 'storing', verb: 'storing', heldUpMs: storeMs, alone: rate(storeMs) },
  ];
  const slowest = stages.reduce((a, b) => (b.heldUpMs > a.heldUpMs ? b : a));
  // Beside inference the reader asks about decoding; beside anything else about inference.
  const other = stages[slowest.name === 'inference' ? 0 : 1]!;
  return `${slowest.name}-bound: ${whole(rate(elapsedMs))} photos/s; ${other.verb} could do ${whole(other.alone)}`;
}

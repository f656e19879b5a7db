/** How long a photo may take, in time that was its own: what a busy or sleeping machine takes away does not count. */
import { availableParallelism, loadavg } from 'node:os';

/** Longer than any photo takes on a slow machine that is idle: HEIC of 48 megapixels took 5 to 8 seconds. */
export const patienceMs = (pixels: number): number => 10_000 + pixels * 0.5e-3;

const tickMs = 250;

/** Threads that want a core, for each there is; Windows does not tell, so what this process knows of counts too. */
const crowd = (): number => Math.max(1, Math.max(loadavg()[0]!, underWay) / availableParallelism());

let underWay = 0;

/**
 * Rejects with what `late` makes, and aborts the signal, after `limitMs` of own time.
 * Waiting for a turn belongs outside.
 */
export async function within<T>(
  limitMs: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const { promise: given, reject } = Promise.withResolvers<never>();
  let own = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // A tick that comes late says that this thread, or the machine, stood still.
    own += Math.min(now - last, 2 * tickMs) / crowd();
    last = now;
    if (own < limitMs) return;
    const error = late();
    abort.abort(error);
    reject(error);
  }, tickMs);
  underWay++;
  try {
    return await Promise.race([given, work(abort.signal)]);
  } finally {
    underWay--;
    clearInterval(timer);
  }
}

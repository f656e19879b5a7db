/**
 * Calls `work` at once and then at most every `gap` milliseconds, and not before the last one is done: what takes longer
 * than the gap does not pile up. The last call is never lost.
 */
export function throttled(gap: number, work: () => Promise<unknown>): () => void {
  let last = -Infinity;
  let isBusy = false;
  let again = false;
  function start(): void {
    isBusy = true;
    setTimeout(() => void run(), Math.max(0, last + gap - performance.now()));
  }
  async function run(): Promise<void> {
    last = performance.now();
    again = false;
    try {
      await work();
    } finally {
      isBusy = false;
      if (again) start();
    }
  }
  return () => {
    again = true;
    if (!isBusy) start();
  };
}

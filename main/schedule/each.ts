/** Lists worked through, several at a time. */

/** Waits for `work` on every item, at most `limit` at once, begun in their order. */
export async function eachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

/** Starts `work` for up to `limit` items at a time and hands what it gives to `then`, in the items' order. */
export function inOrder<T, R>(
  limit: number,
  work: (item: T) => Promise<R>,
  then: (result: R) => Promise<void>,
): { add(item: T): Promise<void>; drain(): Promise<void> } {
  const pending: Promise<R>[] = [];
  const settleFirst = async () => then(await pending.shift()!);
  return {
    async add(item) {
      const started = work(item);
      // Awaited in its turn; until then a failure must not count as unhandled.
      started.catch(() => {});
      pending.push(started);
      if (pending.length >= limit) await settleFirst();
    },
    async drain() {
      while (pending.length) await settleFirst();
    },
  };
}

/** As Promise.all, but fails only when nothing goes on any more. */
export async function allEnded<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [Each in keyof T]: Awaited<T[Each]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

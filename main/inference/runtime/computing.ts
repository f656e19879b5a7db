/** Calls to threads that are inside onnxruntime: to end one then aborts the whole process. */
const running = new Set<Promise<unknown>>();

/** `work`, which `computingEnded` waits for. */
export async function untilEnded<T>(work: Promise<T>): Promise<T> {
  running.add(work);
  try {
    return await work;
  } finally {
    running.delete(work);
  }
}

/** Resolves when no thread computes any more. */
export async function computingEnded(): Promise<void> {
  await Promise.allSettled(running);
}

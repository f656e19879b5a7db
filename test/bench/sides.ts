/** The two sides of the comparison, each warm, each timed from the first path to the last label. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Precision } from '../../main/entities.ts';
import type { JobProgress } from '../../main/internal.ts';
import { unwrap } from '../../main/result.ts';
import { startLibrary, type Library } from '../../main/rpc/library.ts';
import { startFromHere } from '../../main/rpc/parent.ts';

export function startSaccade(home: string): Library {
  const builtInModel = fileURLToPath(new URL('../../models/starter', import.meta.url));
  return startLibrary(startFromHere, { home, builtInModel });
}

export interface Timed {
  ms: number;
  progress: JobProgress;
}

/** Everything a run does: hashing, decoding, inference, maps, thumbnails, catalog. */
export async function timeSaccade(
  library: Library,
  options: { model: string; precision: Precision; paths: string[]; again: boolean },
): Promise<Timed> {
  const start = performance.now();
  const { jobId } = unwrap(
    await library.ask('internal.classify', {
      ...options,
      provider: 'cpu',
      recursive: true,
      topK: 5,
      map: 'class',
      retryFailed: true,
    }),
  );
  for (;;) {
    const { next, progress } = unwrap(await library.ask('internal.results', { jobId, limit: 500 }));
    if (next) continue;
    if (progress.error || progress.failed)
      throw new Error(progress.error?.message ?? `${progress.failed} photos failed`);
    return { ms: performance.now() - start, progress };
  }
}

export interface TransformersSide {
  time(model: string, dtype: 'fp32' | 'q8', paths: string[]): Promise<number>;
  close(): void;
}

export function startTransformers(root: string): TransformersSide {
  const child = fork(fileURLToPath(new URL('transformers-side.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    async time(model, dtype, paths) {
      child.send({ root, model, dtype, paths });
      const [ms] = (await once(child, 'message')) as [number];
      return ms;
    },
    close: () => void child.kill(),
  };
}

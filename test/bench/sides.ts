/** The two sides of the comparison, each warm, each timed from the first path to the last label. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Placement } from '../../main/contract/entities/placement.ts';
import type { RunStatus } from '../../main/contract/entities/run.ts';
import type { Precision, ProviderName } from '../../main/contract/values.ts';
import type { JobProgress } from '../../main/contract/entities/path-job.ts';
import { unwrap } from '../../main/contract/result.ts';
import { startLibrary, type Library } from '../../main/rpc/library.ts';
import { forkModule } from '../../main/rpc/fork.ts';
import { startFromHere } from '../../main/rpc/parent.ts';
import { readManifest } from '../../models/load.ts';
import { keepPace } from '../measured-home.ts';

const builtInModel = fileURLToPath(new URL('../../models/starter', import.meta.url));

export function startSaccade(home: string): Library {
  return startLibrary(startFromHere, { home, builtInModel });
}

/** As people have it, once it is built: from a checkout TypeScript is read anew at every start. */
export function startBuilt(home: string): Library {
  const out = join(import.meta.dirname, '../../out/main');
  return startLibrary((name) => forkModule(join(out, `${name}.js`)), { home, builtInModel });
}

export interface Timed {
  ms: number;
  progress: JobProgress;
}

/** Everything the command line does: hashing, decoding, inference, maps, catalog. */
export async function timeSaccade(
  library: Library,
  options: { model: string; precision: Precision; paths: string[]; again: boolean; provider?: ProviderName },
): Promise<Timed> {
  const start = performance.now();
  const { jobId } = unwrap(
    await library.ask('internal.classify', {
      provider: 'cpu',
      ...options,
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

const everything = { selection: { filter: {}, except: [] }, again: false, retryFailed: false };

/**
 * A run over a folder in a new library, as a window starts it: what `timeSaccade` times, and thumbnails. The model is
 * loaded and the folder is listed before the clock starts; nothing is hashed. Batch and sessions are the given ones: to
 * find them takes seconds, once for all runs.
 */
export async function timeWindow(
  model: string,
  warm: string,
  folder: string,
  { batch, streams }: Pick<Placement, 'batch' | 'streams'>,
): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'saccade-bench-'));
  await keepPace(home, { modelFolders: [model], batch, streams });
  const library = startLibrary(startFromHere, { home, builtInModel: model, window: true });
  const happened = (wanted: string, is: (payload: never) => boolean) =>
    new Promise<void>((resolve) => {
      const stop = library.onEvent((name, payload) => {
        if (name !== wanted || !is(payload as never)) return;
        stop();
        resolve();
      });
    });
  const ended = (): Promise<void> => happened('run.progress', ({ state }: RunStatus) => state !== 'running' && state !== 'preparing'); // prettier-ignore
  try {
    const { id } = readManifest(model);
    unwrap(await library.ask('settings.set', { model: id, provider: 'cpu', precision: 'fp32' }));
    let ms = 0;
    for (const path of [warm, folder]) {
      const listed = happened('scan.progress', ({ done }: { done: boolean }) => done);
      unwrap(await library.ask('folders.add', { path }));
      await listed;
      const finished = ended();
      const start = performance.now();
      unwrap(await library.ask('runs.start', everything));
      await finished;
      ms = performance.now() - start;
    }
    const run = unwrap(await library.ask('runs.current', {}));
    if (run?.state !== 'finished' || run.failed) throw new Error(`the run ended as ${JSON.stringify(run)}`);
    return ms;
  } finally {
    await library.close();
    rmSync(home, { recursive: true, force: true });
  }
}

export interface Listed {
  /** From adding the folder to the first page that shows some of it. */
  firstPhotosMs: number;
  firstMs: number;
}

/** A window's library over a folder, kept in `home`: the first listing, until `settled`: in the background each file is read. */
export async function timeListing(
  home: string,
  folder: string,
  settled: (pid: number) => Promise<void>,
): Promise<Listed> {
  const library = startLibrary(startFromHere, { home, builtInModel, window: true });
  const listed = () =>
    new Promise<void>((resolve) => {
      const stop = library.onEvent((name, payload) => {
        if (name !== 'scan.progress' || !(payload as { done: boolean }).done) return;
        stop();
        resolve();
      });
    });
  const timed = async (ask: () => Promise<void>): Promise<number> => {
    const start = performance.now();
    const done = listed();
    await ask();
    await done;
    return performance.now() - start;
  };
  const isShown = async () =>
    unwrap(
      await library.ask('photos.page', { filter: {}, sort: { key: 'date', descending: true }, limit: 100 }),
    ).total > 0;
  try {
    let firstPhotosMs = NaN;
    // The process is there by then, as it is where a window shows where to drop a folder.
    unwrap(await library.ask('settings.get', {}));
    const firstMs = await timed(async () => {
      const start = performance.now();
      unwrap(await library.ask('folders.add', { path: folder }));
      while (!(await isShown())) await new Promise((resolve) => setTimeout(resolve, 10));
      firstPhotosMs = performance.now() - start;
    });
    // Looks through the folder as a start does, without reading what it knows.
    await settled(library.pid()!);
    return { firstPhotosMs, firstMs };
  } finally {
    await library.close();
  }
}

/** A start with that home, which looks through the folder, of which nothing has changed: milliseconds until it has. */
export async function timeRescan(home: string, ended: (pid: number) => void): Promise<number> {
  const library = startLibrary(startFromHere, { home, builtInModel, window: true });
  try {
    const done = new Promise<void>((resolve) =>
      library.onEvent((name, payload) => {
        if (name === 'scan.progress' && (payload as { done: boolean }).done) resolve();
      }),
    );
    unwrap(await library.ask('settings.get', {}));
    const start = performance.now();
    await done;
    const ms = performance.now() - start;
    ended(library.pid()!);
    return ms;
  } finally {
    await library.close();
  }
}

export interface TransformersSide {
  time(model: string, dtype: 'fp32' | 'q8', device: string, paths: string[]): Promise<number>;
  close(): void;
}

export function startTransformers(root: string): TransformersSide {
  const child = fork(fileURLToPath(new URL('transformers-side.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    async time(model, dtype, device, paths) {
      child.send({ root, model, dtype, device, paths });
      const [ms] = (await once(child, 'message')) as [number];
      return ms;
    },
    close: () => void child.kill(),
  };
}

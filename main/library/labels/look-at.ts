/** Files and folders looked at by the model, as far as they never were: what each holds is known then. */
import { SaccadeError } from '../../../models/error.ts';
import { unwrap, type Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import type { PathJob } from '../runs/path-job.ts';
import { contentsNow } from './examples.ts';

export interface LookAt {
  catalog: Catalog;
  /** The result key to look under; null: nothing was computed with the model yet. */
  keyId: number | null;
  startJob(paths: string[]): PathJob;
  endJob(job: PathJob): Promise<void>;
}

export interface Looked {
  keyId: number;
  contents: { path: string; contentId: number | null; error: Failure | null }[];
}

const everyMs = 100;

/** @throws SaccadeError as the job does; aborted by `signal` */
export async function lookAt(
  { catalog, keyId, startJob, endJob }: LookAt,
  paths: readonly string[],
  onstep: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Looked> {
  if (keyId !== null) {
    const contents = await contentsNow(catalog, paths, 'nothing');
    const { rows } = featuresOf(
      catalog,
      keyId,
      contents.flatMap(({ contentId }) => contentId ?? []),
    );
    if (contents.every(({ contentId }) => contentId !== null && rows.has(contentId)))
      return { keyId, contents };
  }
  if (paths.length === 0)
    throw new SaccadeError(
      'too-few-labels',
      'Expected photos with labels; found none. Label some photos, of at least two kinds, and teach then.',
    );
  const job = startJob([...paths]);
  const timer = setInterval(() => onstep(job.progress.done, job.progress.total), everyMs);
  const stop = () => void job.stop();
  signal.addEventListener('abort', stop);
  try {
    await job.ended;
    signal.throwIfAborted();
    if (job.progress.error) unwrap({ ok: false, error: job.progress.error });
    return { keyId: job.keyId!, contents: job.contents() };
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    await endJob(job);
  }
}

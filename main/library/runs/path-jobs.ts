/** Jobs of the command line, and of teaching, as long as they are asked about. */
import { SaccadeError } from '../../../models/error.ts';
import type { ComputeOptions } from '../inference.ts';
import { PathJob, type PathJobOptions } from './path-job.ts';

export interface PathJobsOptions extends Pick<PathJobOptions, 'catalog' | 'inference'> {
  /** Labels a photo that the library shows: never fewer are kept, so that it need not compute them again. */
  shown(): number;
  onEnded(): void;
}

export class PathJobs {
  readonly #options: PathJobsOptions;
  readonly #jobs = new Map<number, PathJob>();

  constructor(options: PathJobsOptions) {
    this.#options = options;
  }

  /** Jobs that are not over, or are still asked about. */
  get any(): boolean {
    return this.#jobs.size > 0;
  }

  start(
    compute: ComputeOptions,
    request: Omit<PathJobOptions, 'catalog' | 'inference' | 'compute' | 'keep'>,
  ): PathJob {
    const { catalog, inference, shown, onEnded } = this.#options;
    const job = new PathJob({ catalog, inference, compute, ...request, keep: shown() });
    this.#jobs.set(job.id, job);
    void job.ended.then(onEnded);
    return job;
  }

  /** @throws SaccadeError `no-job` */
  job(id: number): PathJob {
    const job = this.#jobs.get(id);
    if (!job) throw new SaccadeError('no-job', `There is no job ${id} (any more).`);
    return job;
  }

  /** One that is over already, too; an unknown one is no error. */
  async end(id: number): Promise<void> {
    await this.#jobs.get(id)?.stop();
    this.#jobs.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.stop()));
  }
}

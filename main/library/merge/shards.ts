/** What a data folder says of the shard that it holds, so that joining them can tell which is missing or not done. */
import type { Shard } from '../../contract/entities/path-job.ts';
import type { Catalog } from '../catalog/database.ts';
import { writeValue } from '../catalog/settings.ts';
import type { PathJob } from '../runs/path-job.ts';

export const shardValue = 'shard';

export interface KeptShard extends Shard {
  finished: boolean;
}

/** Not finished until the job is, whatever becomes of this process. */
export function noteShard(catalog: Catalog, shard: Shard, job: PathJob): void {
  const write = (finished: boolean) =>
    writeValue(catalog, shardValue, { ...shard, finished } satisfies KeptShard);
  write(false);
  void job.ended.then(() => {
    if (job.progress.state !== 'finished' || !catalog.isOpen()) return;
    try {
      write(true);
    } catch {
      // A full disk: joined now it is told as not finished, and given again it has nothing left to do.
    }
  });
}

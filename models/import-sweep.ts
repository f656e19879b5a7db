import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './alive.ts';

/** Removes what killed imports left in a folder of models; of this process only where `own` (none goes on). */
export function sweepImports(installedRoot: string, own = false): void {
  for (const name of readdirSync(installedRoot)) {
    const pid = Number(/^\.importing-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (pid === process.pid ? own : Number.isInteger(pid) && !isAlive(pid))
      rmSync(join(installedRoot, name), { recursive: true, force: true });
  }
}

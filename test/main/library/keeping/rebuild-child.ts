/**
 * Opens a damaged catalog, and is killed before the n-th change of a file that Saccade makes itself. Arguments: data
 * folder, models, n. Prints what is told.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [home, builtIn, at] = process.argv.slice(2) as [string, string, string];
let left = Number(at);
for (const name of [
  'renameSync',
  'linkSync',
  'copyFileSync',
  'rmSync',
  'mkdtempSync',
  'mkdirSync',
] as const) {
  const call = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (--left === 0) process.kill(process.pid, 'SIGKILL');
      return call(...args);
    },
  });
}
syncBuiltinESMExports();
const { openKept } = await import('../../../../main/library/keeping/open.ts');
const { catalog, rebuilt } = openKept(home, true, { builtIn, installed: `${home}/models` });
catalog.close();
console.log(rebuilt?.message);

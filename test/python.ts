/** PyTorch as the tests ask it: the system's, which CI has and others may not; without it they say so. */
import { execFileSync, spawnSync } from 'node:child_process';

export const python = '/usr/bin/python3';
// Looked for, not imported: that takes seconds.
const find =
  'import sys; from importlib.util import find_spec as f; sys.exit(not (f("torch") and f("numpy")))';
const torch = spawnSync(python, ['-c', find]).status === 0;

/** For `test(name, { skip }, …)`. */
export const needsTorch = torch ? false : `SKIPPED: ${python} with torch and numpy is not here`;

/** Runs a script with `asked` as its standard input, both JSON. */
export function askPython<T>(script: string, asked: unknown): T {
  return JSON.parse(
    execFileSync(python, [script], {
      input: JSON.stringify(asked),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  ) as T;
}

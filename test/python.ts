/** PyTorch as the tests ask it: the system's, which CI has and others may not; without it they say so. */
import { execFileSync, spawnSync } from 'node:child_process';

export const python = '/usr/bin/python3';
// Looked for, not imported: that takes seconds.
const find =
  'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))';
const needs = (...modules: string[]): string | false =>
  spawnSync(python, ['-c', find, ...modules]).status === 0
    ? false
    : `SKIPPED: ${python} with ${modules.join(', ')} is not here`;

/** For `test(name, { skip }, …)`. */
export const needsTorch = needs('torch', 'numpy');
export const needsTorchAndPillow = needs('torch', 'numpy', 'PIL');

/** Runs a script with `asked` as its standard input, both JSON. */
export function askPython<T>(script: string, asked: unknown): T {
  return JSON.parse(
    execFileSync(python, [script], {
      input: JSON.stringify(asked),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      // Its threads wait for each other at every operator, and between them for work: of models this small they take more than they do.
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    }),
  ) as T;
}

/** PyTorch as the tests ask it: the system's, which CI has and others may not; without it they say so. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const python = '/usr/bin/python3';
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

interface Run {
  /** A script and its arguments. */
  argv: string[];
  /** In the place of the script, whose name is then `-c`. */
  code?: string;
  input?: string;
}
interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** One for all tests of a process: see forks.py. */
function start() {
  const child = spawn(python, [join(import.meta.dirname, 'forks.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its threads wait for each other at every operator, and between them for work: of models this small they take more than they do.
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const waiting: PromiseWithResolvers<Ended>[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()!.resolve(JSON.parse(line) as Ended));
  child.on('exit', (status) => {
    for (const { reject } of waiting) reject(new Error(`forks.py ended with ${status}.`));
  });
  /** The process of the tests ends without it, and it ends with them. */
  const held = (hold: boolean) => {
    for (const each of [child, child.stdin, child.stdout] as { ref(): void; unref(): void }[])
      if (hold) each.ref();
      else each.unref();
  };
  held(false);
  return async (run: Run): Promise<Ended> => {
    held(true);
    const ended = Promise.withResolvers<Ended>();
    waiting.push(ended);
    child.stdin.write(`${JSON.stringify({ input: '', ...run })}\n`);
    try {
      return await ended.promise;
    } finally {
      if (waiting.length === 0) held(false);
    }
  };
}
let started: ReturnType<typeof start> | undefined;

/** @returns what was written to standard output. @throws where the script failed, with what it wrote to standard error */
export async function runPython(run: Run): Promise<string> {
  const { status, stdout, stderr } = await (started ??= start())(run);
  if (status !== 0) throw new Error(`${run.argv.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** Runs a script with `asked` as its standard input, both JSON. */
export const askPython = async <T>(script: string, asked: unknown): Promise<T> =>
  JSON.parse(await runPython({ argv: [script], input: JSON.stringify(asked) })) as T;

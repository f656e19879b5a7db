/** Runs the command line as its users do: a process of its own, with an empty or a given home. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export const project = join(import.meta.dirname, '..', '..', '..');
export const samples = join(project, 'samples');
/** What people have, where the runner of all tests says so (see unit.ts): it starts in half the time of the source. */
export const cli = process.env['SACCADE_TESTS_CLI'] ?? join(project, 'main', 'cli.ts');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  home: string;
  cwd?: string;
  onStart?: (pid: number) => void;
  /** Called with all of standard output so far, and a way to send a signal. */
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Deleted when the test file ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `saccade-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function saccade(
  words: string[],
  { home, cwd = project, onStart, onOutput }: RunOptions,
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd,
    env: { ...process.env, SACCADE_HOME: home, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child.pid!);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** One of several commands of a process. */
export interface Command {
  words: string[];
  /** Name of a photo that goes away when it is looked at. */
  vanishes?: string;
}

/** Runs commands one after another in one process, with all that they start; see commands-child.ts. */
export function oneProcess({
  home,
  cwd = project,
}: RunOptions): (words: string[], options?: Omit<Command, 'words'>) => Promise<Ended> {
  const child = fork(join(import.meta.dirname, 'commands-child.ts'), {
    cwd,
    env: { ...process.env, SACCADE_HOME: home, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
    execArgv: [],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  after(() => void child.kill('SIGKILL'));
  return async (words, options = {}) => {
    const ended = new AbortController();
    const gone = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`The process of the commands ended (${String(signal ?? code)}) at: ${words.join(' ')}`);
    });
    gone.catch(() => {});
    const answered = once(child, 'message', { signal: ended.signal });
    child.send({ words, ...options } satisfies Command);
    try {
      const [answer] = (await Promise.race([answered, gone])) as [Ended];
      return answer;
    } finally {
      ended.abort();
      answered.catch(() => {});
    }
  };
}

/** Every line parsed; throws on one that is not JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

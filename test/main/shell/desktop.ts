/** Starts the built application on the stand-in for Electron, and drives it. */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { commands } from './electron-stand-in/control.ts';

type Commands = typeof commands;

export interface Desktop {
  pid: number;
  home: string;
  tell<Name extends keyof Commands>(
    command: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>>;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  output(): string;
}

export const builtDesktop = fileURLToPath(new URL('../../../out/main/desktop.js', import.meta.url));
const register = fileURLToPath(new URL('./electron-stand-in/register.ts', import.meta.url));

/** `module` is desktop.js of a build or of a package. A home of its own unless `env` names one; killed at the test's end. */
export function startDesktop(
  t: TestContext,
  options: { args?: string[]; env?: Record<string, string>; module?: string } = {},
): Desktop {
  const { args = [], env = {}, module = builtDesktop } = options;
  const home = env['SACCADE_HOME'] ?? mkdtempSync(join(tmpdir(), 'saccade-home-'));
  // Any request may name a path: none of them, and none two folders above, is one of anybody's.
  const elsewhere = mkdtempSync(join(tmpdir(), 'saccade-cwd-'));
  const cwd = join(elsewhere, 'one', 'two');
  mkdirSync(cwd, { recursive: true });
  const child = fork(module, args, {
    cwd,
    execArgv: ['--import', register],
    serialization: 'advanced',
    env: { ...process.env, ...env, SACCADE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) asked?.resolve(answer.value);
    else asked?.reject(new Error(answer.error));
  });
  const ended = new Promise<number | null>((resolve) =>
    child.on('exit', (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`Saccade ended with ${code}:\n${output}`));
      resolve(code);
    }),
  );
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    for (const folder of [home, elsewhere]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  let id = 0;
  return {
    pid: child.pid!,
    home,
    ended,
    output: () => output,
    tell: (command, ...args) =>
      new Promise((resolve, reject) => {
        waiting.set(++id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, command, args });
      }),
  };
}

/** Polls until `look` finds something; the test's own time limit ends it otherwise. */
export async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

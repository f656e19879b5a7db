/** Starts our processes on plain Node. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Port, ProcessHandle, StartProcess } from './port.ts';

/** The source beside this file, or what the build made of it: `<name>.js` beside or above the bundle. */
function entryOf(name: string): string {
  const candidates = import.meta.url.endsWith('.ts')
    ? [`../${name}/process.ts`]
    : [`./${name}.js`, `../${name}.js`];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

/** Ends with the port's close only when both the process and its last message are in. */
function childPort(child: ChildProcess): Port {
  const closeListeners = new Set<(reason: string) => void>();
  let reason: string | null = null;
  let closed: string | null = null;
  function end(why: string): void {
    if (closed !== null) return;
    closed = why;
    for (const listener of closeListeners) listener(why);
  }
  child.on('error', (error) => {
    if (child.pid === undefined) end(`could not be started (${error.message})`);
  });
  child.on('exit', (code, signal) => {
    reason = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    if (!child.connected) end(reason);
  });
  child.on('disconnect', () => {
    if (reason !== null) end(reason);
  });
  return {
    post(message) {
      // Without a callback a send to a process that has just died would be an uncaught error.
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage(listener) {
      child.on('message', listener);
    },
    onClose(listener) {
      const why = closed;
      if (why === null) closeListeners.add(listener);
      else queueMicrotask(() => listener(why));
    },
    close() {
      if (child.connected) child.disconnect();
    },
  };
}

/** Forks the module at `entry`, so that typed arrays survive the way and its output never mixes with ours. */
export function forkModule(entry: string, env: NodeJS.ProcessEnv = process.env): ProcessHandle {
  const child = fork(entry, [], {
    serialization: 'advanced',
    // Flags of ours (--test, --inspect, --eval) are not meant for it; NODE_OPTIONS still is. Reading many files makes much
    // that lives for a moment: V8 gives it 100 MB more than it needs, and keeps them.
    // From the start, so that it isn't collected at every step while modules are read: 0.09 s of 0.49 of the library's.
    execArgv: ['--max-semi-space-size=8', '--min-semi-space-size=8'],
    env,
    // Standard output belongs to the command line's results.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return { port: childPort(child), pid: child.pid, kill: () => void child.kill('SIGKILL') };
}

/**
 * For glibc's malloc. Of inference, where weights and photos lie in turns: blocks from a megabyte on go back to the system
 * when they are freed (left alone, malloc raises that bound to 32 MB by itself, and what a model's loading freed stays:
 * 2.4 GB instead of 1.2 with ViT-B), and smaller ones stay, because new pages are slow. Of the library, whose threads read
 * many small files: one heap for all, where each thread's own keeps what it once needed (10 of 150 MB after 1,000).
 */
const memory: Record<string, NodeJS.ProcessEnv> = {
  inference: {
    MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
    MALLOC_TRIM_THRESHOLD_: String(2 ** 27),
    // The library's, which starts it: here all threads allocate at once.
    MALLOC_ARENA_MAX: undefined,
  },
  library: { MALLOC_ARENA_MAX: '1' },
};

export const forkProcess: StartProcess = (name) =>
  forkModule(entryOf(name), { ...process.env, ...memory[name] });

/** Worker threads, asked by the same calls as processes. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';
import { caller } from './calls.ts';
import type { Caller } from './calls.ts';
import type { Port } from './port.ts';

export interface Thread<V> extends Caller<V> {
  /** For what it asks of this side. */
  port: Port;
  /** Resolves when it has ended; `closed` may come before. */
  gone: Promise<void>;
  /** Ends it at once, whatever it does; `close` lets it finish. Inside onnxruntime that aborts the whole process. */
  terminate(): void;
}

/** Tells a thread to close its port, of whose end it hears nothing otherwise. */
const close = 'close';

/** The source beside the module at `from`, or what the build made of it beside or above the bundle. */
function entryOf(from: string, name: string): string {
  const candidates = from.endsWith('.ts') ? [`./${name}.ts`] : [`./${name}.js`, `../${name}.js`];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, from)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

/** Starts the module `name` beside the one at `from`. The process waits for its calls, but not for a thread that is idle. */
export function startThread<V>(from: string, name: string): Thread<V> {
  const worker = new Worker(entryOf(from, name), { execArgv: [] });
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  let failed: string | null = null;
  worker.on('error', (error) => (failed = `failed: ${error.message}`));
  worker.on('exit', () => resolve());
  const port: Port = {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on('message', listener),
    onClose: (listener) => void worker.on('exit', (code) => listener(failed ?? `ended with code ${code}`)),
    close: () => worker.postMessage(close),
  };
  const plain = caller<V>(port, 'thread');
  let inFlight = 0;
  worker.unref();
  const call: typeof plain.call = async (...asked) => {
    if (inFlight++ === 0) worker.ref();
    try {
      return await plain.call(...asked);
    } finally {
      if (--inFlight === 0) worker.unref();
    }
  };
  return {
    ...plain,
    call,
    port,
    gone,
    close() {
      plain.close();
      // It is waited for until it has ended.
      inFlight = Infinity;
      worker.ref();
    },
    terminate: () => void worker.terminate(),
  };
}

/** For a thread: the port to who started it. */
export function threadPort(): Port {
  const port = parentPort!;
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    onMessage: (listener) =>
      void port.on('message', (message) => (message === close ? port.close() : listener(message))),
    onClose: (listener) => void port.on('close', () => listener('ended')),
    close: () => port.close(),
  };
}

/** What the library process can have begun while it still reads its own code. */
import type { Port, ProcessHandle, StartProcess } from '../rpc/port.ts';

/** Of `internal.open`, before its schema is there to check it. */
function isAboutToCompute(message: unknown): boolean {
  const { name, request } = (message ?? {}) as { name?: unknown; request?: { compute?: unknown } };
  return name === 'internal.open' && request?.compute === true;
}

/**
 * Answers with a port that keeps what comes until somebody listens, and with a `start` that hands out the inference
 * process begun on the way. One that nobody asks for ends with this process.
 */
export function beginEarly(port: Port, start: StartProcess): { port: Port; start: StartProcess } {
  let begun: ProcessHandle | null = null;
  let kept: unknown[] | null = [];
  const listeners: ((message: unknown) => void)[] = [];
  port.onMessage((message) => {
    if (isAboutToCompute(message)) begun ??= start('inference');
    if (kept) kept.push(message);
    else for (const listener of listeners) listener(message);
  });
  return {
    port: {
      ...port,
      onMessage(listener) {
        listeners.push(listener);
        const before = kept ?? [];
        kept = null;
        for (const message of before) listener(message);
      },
    },
    start(name) {
      const handle = name === 'inference' ? begun : null;
      if (handle) begun = null;
      return handle ?? start(name);
    },
  };
}

/**
 * Runs one command after another in this one process: the real command line, library and inference, each behind its
 * port, without processes of their own. What those bring (signals, crashes, exit codes, what is written where) is for
 * the other tests of the command line. A model that was loaded once stays loaded for the next command.
 */
import childProcess, { type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { main } from '../../../main/cli/program.ts';
import type { InspectRequest, LoadRequest, Loaded } from '../../../main/contract/inference.ts';
import { inferenceHandlers } from '../../../main/inference/handlers.ts';
import { createLibrary } from '../../../main/library/library.ts';
import { answer } from '../../../main/rpc/calls.ts';
import { forkProcess } from '../../../main/rpc/fork.ts';
import type { Port } from '../../../main/rpc/port.ts';
import { portPair } from '../rpc/pair.ts';
import type { Command, Ended } from './saccade.ts';

/** What `fork` gives, with the other end of its channel in this process. */
class Within extends EventEmitter {
  readonly pid = undefined;
  readonly #port: Port;
  connected = true;

  constructor(port: Port) {
    super();
    this.#port = port;
    port.onMessage((message) => this.emit('message', message));
  }
  send(message: unknown): void {
    this.#port.post(message);
  }
  disconnect(): void {
    this.connected = false;
    this.#port.close();
  }
  kill(): void {
    this.disconnect();
  }
  ended(): void {
    this.emit('exit', 0, null);
    this.emit('disconnect');
  }
}

const inference = inferenceHandlers();
const loaded = new Map<string, Promise<Loaded>>();
/** Name of a photo that is gone when somebody looks at it. */
let vanishing: string | null = null;
const sharedInference: typeof inference = {
  ...inference,
  inspect(request: InspectRequest, context) {
    if (basename(request.path) === vanishing) rmSync(request.path, { force: true });
    return inference.inspect(request, context);
  },
  load(request: LoadRequest, context) {
    const key = JSON.stringify(request);
    if (!loaded.has(key)) loaded.set(key, Promise.resolve(inference.load(request, context)));
    return loaded.get(key)!;
  },
  unload: () => {},
};

childProcess.fork = (entry): ChildProcess => {
  const name = basename(dirname(String(entry)));
  const [near, far] = portPair();
  const child = new Within(near);
  if (name === 'library') {
    const library = createLibrary(forkProcess, (event, payload) => emit(event, payload));
    const { emit } = answer(far, library.handlers);
    far.onClose(() => void library.close().finally(() => child.ended()));
  } else {
    if (name !== 'inference') throw new Error(`Expected a process that can be here; found ${String(entry)}.`);
    answer(far, sharedInference);
    far.onClose(() => child.ended());
  }
  return child as unknown as ChildProcess;
};
syncBuiltinESMExports();

const said = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const)
  process[name].write = (text: string | Uint8Array, ...rest: unknown[]) => {
    said[name] += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };

/** SACCADE_HOME and the working folder are this process's own. */
process.on('message', async ({ words, vanishes }: Command) => {
  vanishing = vanishes ?? null;
  said.stdout = said.stderr = '';
  const code = await main(words);
  // Each command listens to them anew.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  process.send!({ code, signal: null, ...said } satisfies Ended);
});

/** The library process as its host sees it: asked by verb, started again when it crashes. */
import type { LibraryVerbs } from '../contract/internal.ts';
import { settle, toFailure } from '../contract/result.ts';
import type { Result } from '../contract/result.ts';
import { SaccadeError } from '../../models/error.ts';
import { caller } from './calls.ts';
import type { AnswerOf, CallOptions, Caller, RequestOf } from './calls.ts';
import type { ProcessHandle, StartProcess } from './port.ts';

export interface LibraryOptions {
  /** Folder of catalog, thumbnails and installed models. */
  home: string;
  /** Folder of the model that ships. */
  builtInModel: string;
  /** Folder of installed models; absent: `models` in `home`. */
  models?: string;
  /** Somebody looks on: folders are watched, cut-off runs go on, batches stay short. Default false. */
  window?: boolean;
  /** False: nothing is written to the catalog at `home`. Default true. */
  remember?: boolean;
  /** What it will be asked first needs the inference process. Default false. */
  compute?: boolean;
  /** Called once it has not opened within five seconds: a large catalog is written anew, or rebuilt, before it answers. */
  onLate?: () => void;
}

export interface Library {
  /** Never rejects. Failures of its own: `process-ended`, `closed`. */
  ask<N extends keyof LibraryVerbs & string>(
    verb: N,
    request: RequestOf<LibraryVerbs, N>,
    options?: CallOptions,
  ): Promise<Result<AnswerOf<LibraryVerbs, N>>>;
  ask(verb: string, request: unknown, options?: CallOptions): Promise<Result<unknown>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: (name: string, payload: unknown) => void): () => void;
  /** Lets it finish the transaction in hand, ends it and its inference process; resolves when it is gone. */
  close(): Promise<void>;
  /** Of the process in hand; for tests that end it. */
  pid(): number | undefined;
}

interface Running {
  handle: ProcessHandle;
  calls: Caller<LibraryVerbs>;
  opened: Promise<Result<null>>;
}

/** More crashes than this within `crashWindowMs` and it waits until somebody asks before it starts again. */
const crashLimit = 3;
const crashWindowMs = 60_000;
const closeWithinMs = 5000;
const lateMs = 5000;

export function startLibrary(start: StartProcess, options: LibraryOptions): Library {
  const listeners = new Set<(name: string, payload: unknown) => void>();
  const crashes: number[] = [];
  let closing: Promise<void> | null = null;
  let running: Running | null = launch();

  function emit(name: string, payload: unknown): void {
    for (const listener of listeners) listener(name, payload);
  }

  function launch(): Running {
    const handle = start('library');
    const calls = caller<LibraryVerbs>(handle.port);
    calls.onEvent(emit);
    const { window = false, remember = true, compute = false, onLate, ...places } = options;
    const opened = settle(() => calls.call('internal.open', { ...places, window, remember, compute }));
    const late = onLate && setTimeout(onLate, lateMs);
    void opened.then(() => clearTimeout(late));
    const launched = { handle, calls, opened };
    void calls.closed.then((reason) => {
      if (closing || running !== launched) return;
      running = null;
      crashes.push(Date.now());
      emit('process.restarted', { process: 'library', reason });
      const recent = crashes.filter((time) => time > Date.now() - crashWindowMs);
      if (recent.length <= crashLimit) running = launch();
    });
    return launched;
  }

  async function ask(verb: string, request: unknown, callOptions?: CallOptions): Promise<Result<unknown>> {
    if (closing)
      return {
        ok: false,
        error: toFailure(new SaccadeError('closed', `${verb} was asked after Saccade was closed.`)),
      };
    running ??= launch();
    const current = running;
    const opened = await current.opened;
    if (!opened.ok) {
      // What kept it from opening (a full disk, a locked file) may be over: the next question tries again.
      if (running === current) {
        running = null;
        current.calls.close();
        current.handle.kill();
      }
      return opened;
    }
    return settle(() => current.calls.call(verb as keyof LibraryVerbs, request as never, callOptions));
  }

  async function end(current: Running): Promise<void> {
    const closed = await settle(() => current.calls.call('internal.close', {}, { timeoutMs: closeWithinMs }));
    // Closing the port is what ends it; killing is for one that hangs.
    const killing = setTimeout(() => current.handle.kill(), closed.ok ? closeWithinMs : 0);
    const gone = new Promise<void>((resolve) => current.handle.port.onClose(() => resolve()));
    current.handle.port.close();
    await gone;
    clearTimeout(killing);
  }

  return {
    ask: ask as Library['ask'],
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing ??= running ? end(running) : Promise.resolve();
      return closing;
    },
    pid: () => running?.handle.pid,
  };
}

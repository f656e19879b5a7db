/**
 * Calls and events over a port. A call ends exactly once: with the answer, with the failure the other side answered,
 * with `timed-out`, with `cancelled`, or with `process-ended` when the other side is gone.
 */
import { SaccadeError } from '../../models/error.ts';
import { settle, toFailure, unwrap } from '../contract/result.ts';
import type { Result } from '../contract/result.ts';
import type { Port } from './port.ts';

type Message =
  | { call: number; name: string; request: unknown; urgent: boolean }
  | { cancel: number; told: boolean }
  | { answer: number; result: Result<unknown> }
  | { event: string; payload: unknown };

/** `V` is an interface of methods: `{ load(request: LoadRequest): Loaded }`. */
export type RequestOf<V, N extends keyof V> = V[N] extends (request: infer R) => unknown ? R : never;
export type AnswerOf<V, N extends keyof V> = V[N] extends (request: never) => infer A ? Awaited<A> : never;

export interface CallOptions {
  /** Milliseconds until the call is given up; absent: never. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** A person waits for it: to be taken before calls that are not urgent. */
  urgent?: boolean;
  /**
   * Cancelled or timed out, it rejects only when the other side has ended what it did: for memory of this side that
   * the other one writes into.
   */
  outlast?: boolean;
}

export interface CallContext {
  /** Aborted when the caller cancels, times out, or is gone. */
  signal: AbortSignal;
  urgent: boolean;
  /** Memory of the answer that is handed over with it. */
  transfer: ArrayBuffer[];
}

export type Handlers<V> = {
  [N in keyof V]: (
    request: RequestOf<V, N>,
    context: CallContext,
  ) => AnswerOf<V, N> | Promise<AnswerOf<V, N>>;
};

export interface Caller<V> {
  /** Rejects with a SaccadeError: the other side's failure, `timed-out`, `cancelled` or `process-ended`. */
  call<N extends keyof V & string>(
    name: N,
    request: RequestOf<V, N>,
    options?: CallOptions,
  ): Promise<AnswerOf<V, N>>;
  /** Answers with a function that stops listening. */
  onEvent(listener: (name: string, payload: unknown) => void): () => void;
  /** Resolves with the reason once the other side is gone. */
  closed: Promise<string>;
  close(): void;
}

interface Pending {
  resolve(result: Result<unknown>): void;
}

/** `called`: what the other side is, in sentences. */
export function caller<V>(port: Port, called = 'process'): Caller<V> {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(name: string, payload: unknown) => void>();
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<string>();
  let nextId = 1;
  let ended: SaccadeError | null = null;

  function end(reason: string): void {
    if (ended) return;
    ended = new SaccadeError('process-ended', `The ${called} that should answer ${reason}.`);
    resolveClosed(reason);
    const failure = toFailure(ended);
    for (const { resolve } of [...pending.values()]) resolve({ ok: false, error: failure });
  }
  port.onClose(end);
  port.onMessage((received) => {
    const message = received as Message;
    if ('answer' in message) pending.get(message.answer)?.resolve(message.result);
    else if ('event' in message) for (const listener of listeners) listener(message.event, message.payload);
  });

  async function call(name: string, request: unknown, options: CallOptions = {}): Promise<unknown> {
    const { timeoutMs, signal, urgent = false, outlast = false } = options;
    if (ended) throw ended;
    if (signal?.aborted) throw cancelled(name);
    const id = nextId++;
    const { promise, resolve } = Promise.withResolvers<Result<unknown>>();
    let givenUp: SaccadeError | null = null;
    const giveUp = (error: SaccadeError) => {
      givenUp ??= error;
      if (!ended) port.post({ cancel: id, told: outlast } satisfies Message);
      if (!outlast) resolve({ ok: false, error: toFailure(error) });
    };
    const onAbort = () => giveUp(cancelled(name));
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => giveUp(timedOut(name, timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    pending.set(id, { resolve });
    try {
      port.post({ call: id, name, request, urgent } satisfies Message);
      const result = await promise;
      if (givenUp) throw givenUp;
      return unwrap(result);
    } finally {
      pending.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    call: call as Caller<V>['call'],
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed,
    close() {
      port.close();
      end('was closed');
    },
  };
}

function cancelled(name: string): SaccadeError {
  return new SaccadeError('cancelled', `${name} was cancelled before it was answered.`);
}

function timedOut(name: string, timeoutMs: number): SaccadeError {
  return new SaccadeError('timed-out', `Expected ${name} to be answered within ${timeoutMs} ms; it was not.`);
}

/**
 * Answers calls by name until the port closes. A handler throws SaccadeError for expected failures; whatever it
 * throws reaches the caller as a failure. Unknown names fail with `unknown-verb`.
 */
export function answer(
  port: Port,
  handlers: Record<string, (request: never, context: CallContext) => unknown>,
): { emit(name: string, payload: unknown): void } {
  const running = new Map<number, { controller: AbortController; told: boolean }>();
  let gone = false;
  port.onClose(() => {
    gone = true;
    for (const { controller } of running.values()) controller.abort();
  });

  async function handle(id: number, name: string, request: unknown, urgent: boolean): Promise<void> {
    const call = { controller: new AbortController(), told: true };
    const { signal } = call.controller;
    const transfer: ArrayBuffer[] = [];
    running.set(id, call);
    const result = await settle(() => {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
      if (!handler)
        throw new SaccadeError('unknown-verb', `Expected a verb of this process, found "${name}".`);
      return handler(request as never, { signal, urgent, transfer });
    });
    running.delete(id);
    if (gone || !call.told) return;
    try {
      port.post({ answer: id, result } satisfies Message, transfer);
    } catch (error) {
      // An answer that can't be cloned is a defect of the handler, but its caller must not wait for ever.
      port.post({ answer: id, result: { ok: false, error: toFailure(error) } } satisfies Message);
    }
  }

  function cancel({ cancel: id, told }: Extract<Message, { cancel: number }>): void {
    const call = running.get(id);
    if (!call) return;
    call.told = told;
    call.controller.abort();
  }

  port.onMessage((received) => {
    const message = received as Message;
    if ('call' in message) void handle(message.call, message.name, message.request, message.urgent);
    else if ('cancel' in message) cancel(message);
  });

  return {
    emit(name, payload) {
      if (!gone) port.post({ event: name, payload } satisfies Message);
    },
  };
}

/**
 * Several sessions of one graph on the CPU, each in a thread of its own ("streams" in OpenVINO's words): a batch is
 * shared out among them. Threads of one session meet after every operator, some hundred times a run; these meet once.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PreparedGraph } from '../../../models/load.ts';
import { workerEntry } from '../../schedule/worker-entry.ts';
import type { Feeds, Outputs, InferenceSession } from './inference-session.ts';

export interface StreamStart {
  graph: PreparedGraph;
  threads: number;
}

export type StreamMessage = { start: StreamStart } | { feeds: Feeds } | { end: true };

export type StreamAnswer = { outputs: Outputs } | { error: string };

/** Work in flight: to end a thread that is inside onnxruntime aborts the whole process. */
const running = new Set<Promise<unknown>>();

/** Resolves when no stream computes any more. */
export async function streamsIdle(): Promise<void> {
  await Promise.allSettled(running);
}

class Stream {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #asked = Promise.withResolvers<Outputs>();
  /** Why it answers no more. */
  #gone: Error | null = null;
  /** Resolves when its session is there. */
  readonly ready: Promise<unknown>;

  constructor(start: StreamStart) {
    const entry = workerEntry(import.meta.url, 'stream-worker');
    this.#worker = new Worker(entry, { execArgv: [] });
    this.#worker.on('message', (given: StreamAnswer) => {
      if ('error' in given) this.#asked.reject(new Error(given.error));
      else this.#asked.resolve(given.outputs);
    });
    this.#worker.on('error', (error) => this.#asked.reject(error));
    this.#ended = new Promise((resolve) =>
      this.#worker.on('exit', (code) => {
        this.#gone = new Error(`A computing thread ended with ${code}.`);
        this.#asked.reject(this.#gone);
        resolve();
      }),
    );
    // Not as `workerData`, which keeps the weights as long as the thread lives.
    this.#post({ start });
    this.ready = this.#answer();
  }

  /** One at a time. */
  run(feeds: Feeds): Promise<Outputs> {
    if (this.#gone) return Promise.reject(this.#gone);
    this.#asked = Promise.withResolvers();
    this.#post({ feeds });
    return this.#answer();
  }

  #post(message: StreamMessage): void {
    this.#worker.postMessage(message);
  }

  async #answer(): Promise<Outputs> {
    const { promise } = this.#asked;
    running.add(promise);
    this.#worker.ref(); // otherwise a process that waits for nothing else may end
    try {
      return await promise;
    } finally {
      running.delete(promise);
      this.#worker.unref();
    }
  }

  async release(): Promise<void> {
    this.#worker.ref();
    this.#post({ end: true });
    await this.#ended;
  }
}

/** `count` sessions that share the cores, for graphs whose inputs and outputs all have the photo as first axis. */
export async function createStreams(graph: PreparedGraph, count: number): Promise<InferenceSession> {
  const streams = started(graph, count);
  const release = async (): Promise<void> => void (await Promise.all(streams.map((each) => each.release())));
  try {
    await all(streams.map(({ ready }) => ready));
  } catch (error) {
    await release();
    throw error;
  }
  return {
    run: async (feeds) => joined(await all(shareOut(feeds, count).map((part, i) => streams[i]!.run(part)))),
    nodes: () => null,
    release,
  };
}

/** Apart, so that no function that outlives it keeps the weights. */
function started(graph: PreparedGraph, count: number): Stream[] {
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const start = { graph: inSharedMemory(graph), threads };
  return Array.from({ length: count }, () => new Stream(start));
}

/** All threads read the same weights: handed over otherwise, each would be given a copy. */
function inSharedMemory(graph: PreparedGraph): PreparedGraph {
  const externalData = graph.externalData.map(({ path, data }) => {
    if (typeof data === 'string') return { path, data };
    const shared = new Uint8Array(new SharedArrayBuffer(data.length));
    shared.set(data);
    return { path, data: shared };
  });
  return { ...graph, externalData };
}

/** As Promise.all, but fails only when nothing goes on any more. */
async function all<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Photos in parts of nearly equal size; fewer parts than `count` where there are fewer photos. */
function shareOut(feeds: Feeds, count: number): Feeds[] {
  const photos = Math.min(...Object.values(feeds).map(({ dims }) => dims[0]!));
  const parts = Math.min(count, photos);
  const edge = (part: number): number => Math.round((part * photos) / parts);
  return Array.from({ length: parts }, (_, i) => {
    const [from, to] = [edge(i), edge(i + 1)];
    const cut = Object.entries(feeds).map(([name, { type, data, dims }]) => {
      const one = data.length / photos;
      // A view of memory that isn't shared would be sent with all that lies beside it.
      const part = data.buffer instanceof SharedArrayBuffer ? data.subarray(from * one, to * one) : data.slice(from * one, to * one); // prettier-ignore
      return [name, { type, data: part, dims: [to - from, ...dims.slice(1)] }];
    });
    return Object.fromEntries(cut) as Feeds;
  });
}

/** Outputs of parts, in their order, as one. */
function joined(parts: Outputs[]): Outputs {
  const names = Object.keys(parts[0]!);
  return Object.fromEntries(
    names.map((name) => {
      const tensors = parts.map((part) => part[name]!);
      const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
      const data = new Float32Array(sum(tensors.map((tensor) => tensor.data.length)));
      let at = 0;
      for (const tensor of tensors) {
        data.set(tensor.data, at);
        at += tensor.data.length;
      }
      const dims = [sum(tensors.map((tensor) => tensor.dims[0]!)), ...tensors[0]!.dims.slice(1)];
      return [name, { data, dims }];
    }),
  );
}

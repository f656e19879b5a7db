/**
 * Several sessions of one graph on the CPU, each in a thread of its own ("streams" in OpenVINO's words): a batch is
 * shared out among them. Threads of one session meet after every operator, some hundred times a run; these meet once.
 */
import { availableParallelism } from 'node:os';
import type { BuiltGraph } from '../../../models/load.ts';
import type { AnswerOf, RequestOf } from '../../rpc/calls.ts';
import { startThread } from '../../rpc/thread.ts';
import { allEnded } from '../../schedule/each.ts';
import { untilEnded } from './computing.ts';
import type { Feeds, Outputs, InferenceSession } from './inference-session.ts';

export interface StreamStart {
  graph: BuiltGraph;
  threads: number;
}

interface StreamVerbs {
  open(start: StreamStart): null;
  run(feeds: Feeds): Outputs;
  release(request: null): null;
}

class Stream {
  readonly #thread = startThread<StreamVerbs>(import.meta.url, 'stream-worker');
  /** Resolves when its session is there. */
  readonly ready: Promise<unknown>;

  constructor(start: StreamStart) {
    // Not as `workerData`, which keeps the weights as long as the thread lives.
    this.ready = this.#call('open', start);
  }

  /** One at a time. */
  run(feeds: Feeds): Promise<Outputs> {
    return this.#call('run', feeds);
  }

  async #call<Name extends 'open' | 'run'>(
    name: Name,
    request: RequestOf<StreamVerbs, Name>,
  ): Promise<AnswerOf<StreamVerbs, Name>> {
    try {
      return await untilEnded(this.#thread.call(name, request));
    } catch (error) {
      // As onnxruntime throws it where there is one session: without a code.
      throw new Error((error as Error).message, { cause: error });
    }
  }

  async release(): Promise<void> {
    // One that is gone has nothing left.
    await this.#thread.call('release', null).catch(() => {});
    this.#thread.close();
    await this.#thread.gone;
  }
}

/** `count` sessions that share the cores, for graphs whose inputs and outputs all have the photo as first axis. */
export async function createStreams(graph: BuiltGraph, count: number): Promise<InferenceSession> {
  const streams = started(graph, count);
  const release = async (): Promise<void> => void (await Promise.all(streams.map((each) => each.release())));
  try {
    await allEnded(streams.map(({ ready }) => ready));
  } catch (error) {
    await release();
    throw error;
  }
  return {
    run: async (feeds) =>
      joined(await allEnded(shareOut(feeds, count).map((part, i) => streams[i]!.run(part)))),
    nodes: () => null,
    release,
  };
}

/** Apart, so that no function that outlives it keeps the weights. */
function started(graph: BuiltGraph, count: number): Stream[] {
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const start = { graph: inSharedMemory(graph), threads };
  return Array.from({ length: count }, () => new Stream(start));
}

/** All threads read the same weights: handed over otherwise, each would be given a copy. */
function inSharedMemory(graph: BuiltGraph): BuiltGraph {
  const externalData = graph.externalData.map(({ path, data }) => {
    if (typeof data === 'string') return { path, data };
    const shared = new Uint8Array(new SharedArrayBuffer(data.length));
    shared.set(data);
    return { path, data: shared };
  });
  return { ...graph, externalData };
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
      const part =
        data.buffer instanceof SharedArrayBuffer
          ? data.subarray(from * one, to * one)
          : data.slice(from * one, to * one);
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

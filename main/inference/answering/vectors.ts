/** Very many vectors that are searched: chunks of them in sessions of one thread each, dealt out to as many threads. */
import { availableParallelism } from 'node:os';
import { SaccadeError } from '../../../models/error.ts';
import type { AddVectorsRequest, ScoreVectorsRequest } from '../../contract/inference.ts';
import { startThread, type Thread } from '../../rpc/thread.ts';
import { untilEnded } from '../runtime/computing.ts';

export interface VectorVerbs {
  /** Whether the chunk is whole and has its session now. */
  add(request: Omit<AddVectorsRequest, 'set'>): boolean;
  /** Of each chunk that this thread holds. */
  scores(request: { query: Float32Array }): { start: number; scores: Float32Array }[];
}

interface VectorSet {
  name: string;
  threads: Thread<VectorVerbs>[];
  /** First rows of the chunks, dealt out to the threads in turn. */
  chunks: number[];
  /** Rows that can be scored. */
  ready: number;
}

/** A million of 768 numbers take 0.8 GB, which goes back when nobody has searched for so long. */
const keptMs = 10 * 60_000;

/**
 * Sessions share no threads: two of one thread each were faster than one of two, which meet after every operator. They
 * don't take turns with models either: a search is milliseconds, and would wait for a batch.
 */
export class VectorSets {
  #held: VectorSet | null = null;
  #closing: NodeJS.Timeout | undefined;

  async add({ set, ...part }: AddVectorsRequest): Promise<void> {
    if (this.#held?.name !== set) {
      this.#drop();
      // The rest of a set whose beginning went with another process, or was given back.
      if (part.chunk.start > 0) throw notHeld(set);
      this.#held = { name: set, threads: [], chunks: [], ready: 0 };
    }
    const held = this.#held!;
    this.#keep();
    const { start, count } = part.chunk;
    if (!held.chunks.includes(start)) held.chunks.push(start);
    const turn = held.chunks.indexOf(start) % availableParallelism();
    const thread = (held.threads[turn] ??= startThread<VectorVerbs>(import.meta.url, 'vector-worker'));
    if (await untilEnded(thread.call('add', part))) held.ready = start + count;
  }

  /** [rows that are ready] */
  async scores({ set, query }: ScoreVectorsRequest): Promise<{ scores: Float32Array }> {
    const held = this.#held;
    if (held?.name !== set) throw notHeld(set);
    this.#keep();
    const scores = new Float32Array(held.ready);
    const parts = await Promise.all(
      held.threads.map((thread) => untilEnded(thread.call('scores', { query }))),
    );
    for (const part of parts.flat())
      if (part.start + part.scores.length <= scores.length) scores.set(part.scores, part.start);
    return { scores };
  }

  #keep(): void {
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => this.#drop(), keptMs).unref();
  }

  #drop(): void {
    for (const thread of this.#held?.threads ?? []) thread.close();
    this.#held = null;
  }
}

const notHeld = (set: string) =>
  new SaccadeError(
    'not-loaded',
    `Expected the vectors "${set}" to be loaded; they are not (the process may have been restarted). Load them again.`,
  );

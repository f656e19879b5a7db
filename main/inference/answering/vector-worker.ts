/** A thread that holds chunks of vectors (vectors.ts) and may be blocked by their sessions. */
import {
  buildSearchGraph,
  roomForVectors,
  type RoundedVectors,
  roundInto,
} from '../../../models/search/graph.ts';
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { collectGarbage } from '../runtime/collect.ts';
import { createCpuSession, type InferenceSession } from '../runtime/inference-session.ts';
import type { VectorVerbs } from './vectors.ts';

type Ask<Name extends keyof VectorVerbs> = Parameters<VectorVerbs[Name]>[0];

const sessions: { start: number; session: InferenceSession }[] = [];
/** Chunks of which some vectors are still to come, by their first row. */
const growing = new Map<number, { room: RoundedVectors; filled: number }>();

answer(threadPort(), {
  async add({ chunk, length, data }: Ask<'add'>): Promise<boolean> {
    const { start, count } = chunk;
    const some = growing.get(start) ?? { room: roomForVectors(count, length), filled: 0 };
    growing.set(start, some);
    // What came over a port may begin at an odd byte.
    const halves = new Float16Array(data.slice().buffer);
    roundInto(some.room, some.filled, { data: halves, length });
    some.filled += halves.length / length;
    if (some.filled < count) return false;
    growing.delete(start);
    sessions.push({ start, session: await createCpuSession(buildSearchGraph(some.room), 1) });
    setImmediate(collectGarbage);
    return true;
  },

  async scores({ query }: Ask<'scores'>): Promise<{ start: number; scores: Float32Array }[]> {
    const found: { start: number; scores: Float32Array }[] = [];
    for (const { start, session } of sessions) {
      const { scores } = await session.run({
        query: { type: 'float32', data: query, dims: [1, query.length] },
      });
      // A copy: what onnxruntime gives lies in its own memory, which can't be handed to another thread.
      found.push({ start, scores: scores!.data.slice() });
    }
    return found;
  },
});

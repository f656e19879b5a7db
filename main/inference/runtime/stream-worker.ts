/** One stream (streams.ts): a session on the CPU, and a thread that it may block. */
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { collectGarbage } from './collect.ts';
import { createCpuSession } from './inference-session.ts';
import type { Feeds, Outputs, InferenceSession } from './inference-session.ts';
import type { StreamStart } from './streams.ts';

/** What onnxruntime gives lies in its own memory, which can't be handed to another thread. */
const copied = (outputs: Outputs): Outputs =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data.slice(), dims: [...dims] }]),
  );

let session: InferenceSession | undefined;

answer(threadPort(), {
  async open({ graph, threads }: StreamStart): Promise<null> {
    session = await createCpuSession(graph, threads);
    setImmediate(collectGarbage);
    return null;
  },
  run: async (feeds: Feeds): Promise<Outputs> => copied(await session!.run(feeds)),
  async release(): Promise<null> {
    await session?.release();
    return null;
  },
});

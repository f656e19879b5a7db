/** One stream (streams.ts): a session on the CPU, and a thread that it may block. */
import { parentPort, workerData } from 'node:worker_threads';
import { createCpuSession } from './session.ts';
import type { Feeds, Outputs, Session } from './session.ts';
import type { StreamAnswer, StreamStart } from './streams.ts';

const port = parentPort!;
const { graph, threads } = workerData as StreamStart;

/** What onnxruntime gives lies in its own memory, which can't be handed to another thread. */
const copied = (outputs: Outputs): Outputs =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data.slice(), dims: [...dims] }]),
  );

async function answer(work: () => Promise<Outputs>): Promise<void> {
  let given: StreamAnswer;
  try {
    given = { outputs: copied(await work()) };
  } catch (error) {
    given = { error: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(given);
}

let session: Session | undefined;
await answer(async () => {
  session = await createCpuSession(graph, threads);
  return {};
});
port.on('message', (message: Feeds | 'end') => {
  if (message === 'end') void Promise.resolve(session?.release()).finally(() => port.close());
  else void answer(() => session!.run(message));
});

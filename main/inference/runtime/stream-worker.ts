/** One stream (streams.ts): a session on the CPU, and a thread that it may block. */
import { parentPort } from 'node:worker_threads';
import { collectGarbage } from './collect.ts';
import { createCpuSession } from './inference-session.ts';
import type { Outputs, InferenceSession } from './inference-session.ts';
import type { StreamAnswer, StreamMessage, StreamStart } from './streams.ts';

const port = parentPort!;

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

let session: InferenceSession | undefined;

port.on('message', (message: StreamMessage) => {
  if ('feeds' in message) void answer(() => session!.run(message.feeds));
  else if ('start' in message)
    void answer(() => open(message.start)).then(() => setImmediate(collectGarbage));
  else void Promise.resolve(session?.release()).finally(() => port.close());
});

async function open({ graph, threads }: StreamStart): Promise<Outputs> {
  session = await createCpuSession(graph, threads);
  return {};
}

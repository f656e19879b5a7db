/** The inference process with a provider that is wrong, crashes, hangs or loses its device, as FAULT says. */
import { answer } from '../../../main/rpc/calls.ts';
import { parentPort } from '../../../main/rpc/parent.ts';
import { probe } from '../../../main/inference/placing/probe.ts';
import type { ProbeRequest } from '../../../main/inference/placing/probe.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type { CreateSession } from '../../../main/inference/runtime/inference-session.ts';

const create: CreateSession = async (graph, provider, streams = 1) => {
  if (streams > 1 && process.env['FAULT'] === 'crashes with several sessions')
    process.kill(process.pid, 'SIGSEGV');
  const session = await createOrtSession(graph, 'cpu');
  if (provider === 'cpu') return session;
  const faults: Record<string, () => void> = {
    crashes: () => process.kill(process.pid, 'SIGSEGV'),
    // As in a driver's call that does not return: asleep, so that tests beside it have the core.
    hangs: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
    'loses its device': () => {
      throw new Error('Device was lost (Unknown): made up');
    },
  };
  return {
    ...session,
    async run(feeds) {
      faults[process.env['FAULT']!]?.();
      const outputs = await session.run(feeds);
      if (process.env['FAULT'] === 'is wrong') outputs['logits']!.data[0]! += 3;
      return outputs;
    },
    nodes: () => ({ all: 90, onCpu: process.env['FAULT'] === 'runs on the CPU' ? 90 : 7 }),
  };
};

const port = parentPort();
// Whether this machine has the provider is no matter here.
answer(port, { probe: (request: ProbeRequest) => probe(request, create, () => null) });
port.onClose(() => process.exit(0));

/** A session where it was asked for: on a device, or on the CPU as one or as several streams. */
import { SaccadeError } from '../../../models/error.ts';
import { firstLine, isOutOfMemory } from './failures.ts';
import { createCpuSession, createDeviceSession } from './inference-session.ts';
import type { CreateSession } from './inference-session.ts';
import { providerTable } from './providers.ts';
import { createStreams } from './streams.ts';

/** @throws SaccadeError `provider-unavailable` */
export const createOrtSession: CreateSession = async (graph, provider, streams = 1) => {
  try {
    if (provider !== 'cpu') return await createDeviceSession(graph, provider);
    return streams > 1 ? await createStreams(graph, streams) : await createCpuSession(graph);
  } catch (cause) {
    if (isOutOfMemory(cause)) throw cause;
    throw new SaccadeError(
      'provider-unavailable',
      `Expected the model to run on ${providerTable[provider].title}; it can't: ${firstLine(cause)}`,
      { cause },
    );
  }
};

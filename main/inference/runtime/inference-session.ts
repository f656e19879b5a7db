/** The narrow seam to onnxruntime: everything else in this process sees only these types, and tests put faults here. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Onnxruntime from 'onnxruntime-node';
import type { BuiltGraph } from '../../../models/load.ts';
import type { ProviderName } from '../../contract/values.ts';
import { loadOnnxruntime } from './native.ts';
import { providerTable } from './providers.ts';

type TensorIn =
  | { type: 'float32'; data: Float32Array; dims: readonly number[] }
  | { type: 'int64'; data: BigInt64Array; dims: readonly number[] };

interface TensorOut {
  data: Float32Array;
  dims: readonly number[];
}

export type Feeds = Record<string, TensorIn>;
export type Outputs = Record<string, TensorOut>;

interface NodeCount {
  all: number;
  onCpu: number;
}

export interface InferenceSession {
  /** May block the thread while it computes. One at a time. */
  run(feeds: Feeds): Promise<Outputs>;
  /** Nodes of the optimised graph, and those that the provider left to the CPU; null where that can't be known. */
  nodes(): NodeCount | null;
  release(): Promise<void>;
}

/** `streams`: sessions that compute at once, on the CPU only. */
export type CreateSession = (
  graph: BuiltGraph,
  provider: ProviderName,
  streams?: number,
) => Promise<InferenceSession>;

const ort = loadOnnxruntime();

export const onnxruntimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;

type Bytes = Pick<BuiltGraph, 'model' | 'externalData'>;

const open = (
  { model, externalData }: Bytes,
  options: Onnxruntime.InferenceSession.SessionOptions,
): Promise<Onnxruntime.InferenceSession> =>
  ort.InferenceSession.create(model, {
    externalData,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    // Threads that wait for work by spinning take their core from the photos being decoded meanwhile: measured on
    // two busy cores, 12.3 photos/s with it and 18.8 without.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...options,
  });

const run = async (session: Onnxruntime.InferenceSession, feeds: Feeds): Promise<Outputs> => {
  const tensors = Object.entries(feeds).map(
    ([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)] as const,
  );
  return (await session.run(Object.fromEntries(tensors))) as unknown as Outputs;
};

/** Of an ONNX file with everything it needs beside it, on the CPU, as any program would open it. */
export async function openFileSession(file: string): Promise<Omit<InferenceSession, 'nodes'>> {
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  return { run: (feeds) => run(session, feeds), release: () => session.release() };
}

/** `threads`: of each operator; left out, one a core. */
export async function createCpuSession(graph: Bytes, threads?: number): Promise<InferenceSession> {
  const session = await open(graph, threads ? { intraOpNumThreads: threads } : {});
  return { run: (feeds) => run(session, feeds), nodes: () => null, release: () => session.release() };
}

export async function createDeviceSession(
  graph: BuiltGraph,
  provider: ProviderName,
): Promise<InferenceSession> {
  // Which nodes really run on a device is known from a profile of the first run only.
  const profile = mkdtempSync(join(tmpdir(), 'saccade-profile-'));
  const forget = (): void => rmSync(profile, { recursive: true, force: true });
  let session: Onnxruntime.InferenceSession;
  try {
    session = await open(graph, {
      executionProviders: [providerTable[provider].option],
      enableProfiling: true,
      profileFilePrefix: join(profile, 'run'),
    });
  } catch (error) {
    forget();
    throw error;
  }
  let nodes: NodeCount | null = null;
  let profiling = true;
  return {
    async run(feeds) {
      const outputs = await run(session, feeds);
      if (profiling) {
        profiling = false;
        session.endProfiling();
        nodes = countNodes(profile);
        forget();
      }
      return outputs;
    },
    nodes: () => nodes,
    async release() {
      await session.release();
      forget();
    },
  };
}

interface ProfileEvent {
  cat?: string;
  name?: string;
  args?: { provider?: string };
}

function countNodes(folder: string): NodeCount | null {
  try {
    const file = readdirSync(folder).find((name) => name.endsWith('.json'));
    if (!file) return null;
    const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileEvent[];
    const nodes = events.filter(({ cat, args }) => cat === 'Node' && args?.provider);
    const onCpu = nodes.filter(({ args }) => args?.provider === 'CPUExecutionProvider');
    const count = (some: ProfileEvent[]): number => new Set(some.map(({ name }) => name)).size;
    return nodes.length === 0 ? null : { all: count(nodes), onCpu: count(onCpu) };
  } catch {
    return null;
  }
}

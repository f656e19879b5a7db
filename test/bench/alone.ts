/** Graphs beside each other on one thread, in alternation: processor time, which other programs disturb least. */
import * as ort from 'onnxruntime-node';
import type { ExternalTensor } from '../../models/onnx/types.ts';
import { median } from './table.ts';

export interface Contender {
  what: string;
  graph: { model: Uint8Array; externalData: ExternalTensor[] };
}

export const openAlone = ({ graph }: Pick<Contender, 'graph'>): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(graph.model, {
    externalData: graph.externalData,
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });

/** Milliseconds of processor time that `work` takes in this process. */
export async function processorMs<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

/** Median milliseconds of a run, in the order of `contenders`. */
export async function compareRuns<Some extends Contender>(
  contenders: Some[],
  feeds: (contender: Some) => Record<string, ort.Tensor>,
  rounds: number,
): Promise<number[]> {
  const sessions = await Promise.all(contenders.map(openAlone));
  const times = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [i, session] of sessions.entries()) {
      const [, ms] = await processorMs(() => session.run(feeds(contenders[i]!)));
      if (round >= 0) times[i]!.push(ms); // the first run of a session allocates
    }
  await Promise.all(sessions.map((session) => session.release()));
  return times.map(median);
}

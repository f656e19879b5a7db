/** Inference alone on the CPU: one session with all threads beside one session a core, at the batch that suits each. */
import { availableParallelism } from 'node:os';
import { builtInInputs } from '../../main/inference/placing/built-in-inputs.ts';
import { createOrtSession } from '../../main/inference/runtime/create-session.ts';
import type { Feeds } from '../../main/inference/runtime/inference-session.ts';
import { buildGraph, readManifest } from '../../models/load.ts';
import { writeModel } from './models.ts';
import { median, type Row } from './table.ts';

const photosARound = 32;

export async function streamsBesideOne(
  root: string,
  name: 'vit-tiny' | 'vit-base',
  rounds: number,
): Promise<Row[]> {
  const { folder } = await writeModel(root, name);
  const manifest = readManifest(folder);
  const { height, width } = manifest.input;
  const cores = availableParallelism();
  const rows: Row[] = [];
  for (const precision of ['fp32', 'int8'] as const) {
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision, map: 'class' });
    const sessions = await Promise.all(
      [1, cores].map(async (streams) => ({
        streams,
        session: await createOrtSession(graph, 'cpu', streams),
      })),
    );
    const contenders = sessions.flatMap(({ streams, session }) =>
      [2, 4, 8].map((each) => {
        const batch = streams * each;
        const data = builtInInputs(batch, manifest.input);
        const feeds: Feeds = { pixel_values: { type: 'float32', data, dims: [batch, 3, height, width] } };
        return { streams, batch, run: () => session.run(feeds), speeds: [] as number[] };
      }),
    );
    for (let round = -1; round < rounds; round++)
      for (const { batch, run, speeds } of contenders) {
        const runs = Math.ceil(photosARound / batch);
        const start = performance.now();
        for (let i = 0; i < runs; i++) await run();
        if (round >= 0) speeds.push((1000 * batch * runs) / (performance.now() - start));
      }
    const best = (streams: number): number =>
      Math.max(...contenders.filter((each) => each.streams === streams).map(({ speeds }) => median(speeds)));
    const figures = { 'one session': best(1), [`${cores} sessions`]: best(cores) };
    rows.push({
      what: `${name}, ${precision}, inference alone`,
      figures,
      ratio: best(cores) / best(1),
      aim: 1,
    });
    await Promise.all(sessions.map(({ session }) => session.release()));
  }
  return rows;
}

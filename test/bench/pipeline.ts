/**
 * How near a run comes to what its parts allow. On a CPU decoding and inference share the cores, so the limit is
 * 1 / (1 / decode + 1 / run), each measured alone with every core.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePhoto } from '../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../main/decode/preprocess.ts';
import type { Placement } from '../../main/contract/entities/placement.ts';
import { createOrtSession } from '../../main/inference/runtime/create-session.ts';
import type { Feeds } from '../../main/inference/runtime/inference-session.ts';
import { buildGraph, readManifest } from '../../models/load.ts';
import { randomNumbers } from '../models/tiny.ts';
import { writeModel } from './models.ts';
import { startSaccade, timeSaccade, timeWindow } from './sides.ts';
import { median, type Row } from './table.ts';

const samples = fileURLToPath(new URL('../../samples', import.meta.url));

/** Photos a second of decoding and preparing alone, all asked for at once. */
async function decodeAlone(folder: string, paths: string[]): Promise<number> {
  const { preprocessing, input } = readManifest(folder);
  const start = performance.now();
  await Promise.all(
    paths.map(async (path) => {
      const decoded = await decodePhoto(path, { atLeast: (photo) => pixelsNeeded(photo, preprocessing) });
      const pixelValues = new Float32Array(3 * input.height * input.width);
      await preprocess(decoded.pixels, decoded, preprocessing, pixelValues);
    }),
  );
  return (1000 * paths.length) / (performance.now() - start);
}

/** Photos a second of inference alone on tensors that are there, in the batches and streams that runs have. */
async function runAlone(folder: string, { batch, streams }: Placement, runs: number): Promise<number> {
  const manifest = readManifest(folder);
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const session = await createOrtSession(graph, 'cpu', streams);
  const { height, width } = manifest.input;
  const data = new Float32Array(new SharedArrayBuffer(batch * 3 * height * width * 4));
  data.set(randomNumbers(data.length, 1));
  const feeds: Feeds = { pixel_values: { type: 'float32', data, dims: [batch, 3, height, width] } };
  await session.run(feeds);
  const start = performance.now();
  for (let i = 0; i < runs; i++) await session.run(feeds);
  const perSecond = (1000 * batch * runs) / (performance.now() - start);
  await session.release();
  return perSecond;
}

export async function pipelineEfficiency(
  root: string,
  rounds: number,
  large: string[],
  small: string[],
): Promise<Row[]> {
  const { folder } = await writeModel(root, 'vit-tiny');
  const library = startSaccade(join(root, 'home'));
  const rows: Row[] = [];
  try {
    for (const [what, paths] of [
      ['12 megapixels', large],
      ['500 pixels', small],
    ] as const) {
      const run = { model: 'vit-tiny', precision: 'fp32', again: true } as const;
      // All of them: batch and sessions are measured once a run has computed for a second.
      const { progress } = await timeSaccade(library, { ...run, paths });
      const placement = progress.placement!;
      const figures: Record<'decode' | 'run' | 'Saccade' | 'window', number[]> = {
        decode: [],
        run: [],
        Saccade: [],
        window: [],
      };
      const perSecond = (ms: number) => (1000 * paths.length) / ms;
      for (let round = 0; round < rounds; round++) {
        figures.decode.push(await decodeAlone(folder, paths));
        figures.run.push(await runAlone(folder, placement, Math.ceil(paths.length / placement.batch)));
        figures.Saccade.push(perSecond((await timeSaccade(library, { ...run, paths })).ms));
        figures.window.push(perSecond(await timeWindow(folder, samples, dirname(paths[0]!), placement)));
      }
      const [decode, alone, saccade] = [median(figures.decode), median(figures.run), median(figures.Saccade)];
      const limit = 1 / (1 / decode + 1 / alone);
      const window = median(figures.window);
      rows.push(
        {
          what: `pipeline at ${what}, ViT-Ti/16, fp32: the command line against the limit`,
          figures: { decode, run: alone, limit, Saccade: saccade },
          ratio: saccade / limit,
          aim: 0.95,
        },
        {
          what: `pipeline at ${what}, ViT-Ti/16, fp32: a window's run, with thumbnails, against the limit`,
          figures: { limit, Saccade: window },
          ratio: window / limit,
          aim: what === '500 pixels' ? 1 : 0.95,
        },
      );
    }
  } finally {
    await library.close();
  }
  return rows;
}

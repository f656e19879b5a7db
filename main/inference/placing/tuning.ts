/** How many photos go through a model at once, and on the CPU through how many sessions: what is fastest here. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { ModelManifest } from '../../../models/manifest.ts';
import { builtInInputs } from './built-in-inputs.ts';
import { longestRunMs } from './late-tuning.ts';
import { usualGraph } from './loaded-model.ts';
import type { LoadedModel } from './loaded-model.ts';

export interface Tuning {
  photosPerSecond: number;
  /** Photos in one run at that speed. */
  batch: number;
  /** Sessions that share them; absent: one. */
  streams?: number;
  /** Other programs computed meanwhile, so it is worth measuring again. */
  disturbed?: true;
}

const budgetMs = 1000;
const mostPhotos = 64;
/** Of the fastest: more photos a run are taken then, and fewer streams, which hold the weights less often. */
const fastEnough = 0.95;

/**
 * Tries batches of 1, 2, 4 … photos a session while one run stays short, and sets the largest that is as fast as the
 * fastest within 5 %: fewer runs leave less between them.
 */
export async function tuneBatch(model: LoadedModel): Promise<Tuning> {
  const begun = performance.now();
  const { streams = 1 } = model.placement;
  const tried: Tuning[] = [];
  for (let batch = streams; batch <= Math.max(mostPhotos, streams); batch *= 2) {
    model.batch = batch;
    const inputs = builtInInputs(batch, model.manifest.input);
    // The first run of a size allocates and compiles.
    await model.run(usualGraph(model), inputs, batch, () => {});
    if (model.placement.batch < batch || (model.placement.streams ?? 1) < streams) break; // memory ran out
    let runMs = Infinity;
    for (let i = 0; i < 2; i++)
      runMs = Math.min(runMs, (await model.run(usualGraph(model), inputs, batch, () => {})).runMs);
    const photosPerSecond = (batch * 1000) / runMs;
    if (batch > streams && runMs > longestRunMs) break;
    tried.push({ batch, photosPerSecond, streams: streams > 1 ? streams : undefined });
    // Twice as many would take about twice as long.
    if (runMs * 2 > longestRunMs || performance.now() - begun > budgetMs) break;
  }
  const fastest = Math.max(...tried.map((each) => each.photosPerSecond));
  const best = tried.findLast((each) => each.photosPerSecond >= fastest * fastEnough);
  if (!best) return { batch: model.placement.batch, photosPerSecond: 0 };
  model.batch = best.batch;
  return best;
}

/** Of the machine's memory, for weights; what a session takes beside them is little. */
const shareOfMemory = 0.25;

/** Numbers of streams that are worth trying, one being tried anyway: one a core, and half as many. */
export function streamsToTry({ parameters }: ModelManifest, cores: number, memory: number): number[] {
  // As float32, and once more while onnxruntime arranges them for its kernels.
  const most = Math.min(cores, Math.floor((shareOfMemory * memory) / (parameters * 8)));
  return [most, Math.floor(most / 2)].filter((streams) => streams > 1);
}

/** Of the machine, that other programs may take while it is measured. */
const calm = 0.25;

/** Milliseconds since some moment, summed over cores: of all programs, and of this process with its threads. */
function processorMs(): { all: number; own: number; cores: number } {
  const cores = cpus();
  const all = cores.reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  const { user, system } = process.cpuUsage();
  return { all, own: (user + system) / 1000, cores: cores.length };
}

/**
 * Sets the batch, and on the CPU how many sessions share it, by measurement. `keep` hears of what is safe before
 * streams are tried, and of the choice: should they crash this process, the next one knows better.
 */
export async function tune(
  model: LoadedModel,
  keep: (tuning: Tuning) => Promise<void> = async () => {},
): Promise<Tuning> {
  const [began, before] = [performance.now(), processorMs()];
  const tried = [await tuneBatch(model)];
  if (model.placement.provider === 'cpu') {
    await keep(tried[0]!);
    for (const streams of streamsToTry(model.manifest, availableParallelism(), totalmem())) {
      await model.setStreams(streams);
      tried.push(await tuneBatch(model));
    }
  }
  const after = processorMs();
  const others = after.all - before.all - (after.own - before.own);
  const fastest = Math.max(...tried.map((each) => each.photosPerSecond));
  const best = tried
    .sort((a, b) => (a.streams ?? 1) - (b.streams ?? 1))
    .find((each) => each.photosPerSecond >= fastest * fastEnough)!;
  if (others > calm * after.cores * (performance.now() - began)) best.disturbed = true;
  await applyTuning(model, best);
  await keep(best);
  return best;
}

export async function applyTuning(
  model: LoadedModel,
  { batch, streams = 1 }: Pick<Tuning, 'batch' | 'streams'>,
): Promise<void> {
  await model.setStreams(streams);
  model.batch = batch;
}

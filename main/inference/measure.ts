/** How fast a model runs where it was put, and whether its numbers are right. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { SaccadeError } from '../../models/error.ts';
import { readManifest } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { mapGiven } from '../../models/maps.ts';
import type { Precision, ProviderName } from '../entities.ts';
import { argmax } from './answers.ts';
import { row } from './classify.ts';
import { PlacedModel } from './placed.ts';
import type { GraphKind } from './placed.ts';
import { providerTable, whyNot } from './providers.ts';
import { createQueue } from './queue.ts';
import type { CreateSession } from './session.ts';

export interface ProbeRequest {
  modelFolder: string;
  provider: ProviderName;
  precision: Precision;
  /** Never several at once. */
  oneSession?: true;
}

export interface Pace {
  photosPerSecond: number;
  /** Photos in one run at that speed. */
  batch: number;
  /** Sessions that share them; absent: one. */
  streams?: number;
  /** Other programs computed meanwhile, so it is worth measuring again. */
  disturbed?: true;
}

export interface Probe extends Pace {
  /** Largest absolute difference of logits against the CPU in fp32. */
  parityError: number;
  nodesOnCpu: number | null;
}

/** Largest difference of logits that passes. fp16 keeps 11 bits of every product; int8 is judged by photos instead. */
export const tolerances: Record<Precision, number> = { fp32: 1e-2, fp16: 1e-1, int8: Infinity };

/** One run should not keep an open window waiting longer. */
const longestRunMs = 300;
const budgetMs = 1000;
const mostPhotos = 64;
const checked = 4;

/** float32 [count, 3, height, width] of about −1 … 1: waves of several lengths, the same on every machine. */
export function builtInInputs(
  count: number,
  { height, width }: { height: number; width: number },
): Float32Array {
  const values = new Float32Array(count * 3 * height * width);
  let at = 0;
  for (let photo = 0; photo < count; photo++)
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++) {
          const long = Math.sin((x * (photo + 1) + y * (channel + 1)) * (6 / width));
          const short = Math.cos((x * (channel + 2) - y * (photo + 1)) * 0.35);
          values[at] = 0.6 * long + 0.4 * short;
        }
  return values;
}

/** What runs use unless they are asked for another map. */
export const usualGraph = ({ manifest }: PlacedModel): GraphKind =>
  `classify-${(manifest.grid && mapGiven(manifest, 'class')) ?? 'none'}`;

async function logitsOf(model: PlacedModel, inputs: Float32Array, count: number): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  await model.run(usualGraph(model), inputs, count, ({ outputs, start, size }) => {
    for (let i = 0; i < size; i++) logits[start + i] = row(outputs, 'logits', i)!;
  });
  return logits;
}

/**
 * Tries batches of 1, 2, 4 … photos a session while one run stays short, and sets the largest that is as fast as the
 * fastest within 5 %: fewer runs leave less between them.
 */
export async function chooseBatch(model: PlacedModel): Promise<Pace> {
  const begun = performance.now();
  const { streams = 1 } = model.placement;
  const tried: Pace[] = [];
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
    tried.push({ batch, photosPerSecond, ...(streams > 1 && { streams }) });
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

/** A pace with fewer streams, which hold the weights less often, is taken unless it is slower than this share. */
const fastEnough = 0.95;

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
export async function choosePace(
  model: PlacedModel,
  keep: (pace: Pace) => Promise<void> = async () => {},
): Promise<Pace> {
  const [began, before] = [performance.now(), processorMs()];
  const tried = [await chooseBatch(model)];
  if (model.placement.provider === 'cpu') {
    await keep(tried[0]!);
    for (const streams of streamsToTry(model.manifest, availableParallelism(), totalmem())) {
      await model.setStreams(streams);
      tried.push(await chooseBatch(model));
    }
  }
  const after = processorMs();
  const others = after.all - before.all - (after.own - before.own);
  const fastest = Math.max(...tried.map((each) => each.photosPerSecond));
  const best = tried
    .sort((a, b) => (a.streams ?? 1) - (b.streams ?? 1))
    .find((each) => each.photosPerSecond >= fastest * fastEnough)!;
  if (others > calm * after.cores * (performance.now() - began)) best.disturbed = true;
  await setPace(model, best);
  await keep(best);
  return best;
}

export async function setPace(
  model: PlacedModel,
  { batch, streams = 1 }: Pick<Pace, 'batch' | 'streams'>,
): Promise<void> {
  await model.setStreams(streams);
  model.batch = batch;
}

/** @throws SaccadeError `provider-unavailable`, `wrong-results`, `provider-failed`, `out-of-memory` */
export async function probe(
  { modelFolder, provider, precision, oneSession }: ProbeRequest,
  create: CreateSession,
  obstacleOf = whyNot,
): Promise<Probe> {
  const { title } = providerTable[provider];
  const reason = obstacleOf(provider);
  if (reason) throw new SaccadeError('provider-unavailable', reason);
  const manifest = readManifest(modelFolder);
  const place = (on: ProviderName, as: Precision, batch: number): PlacedModel =>
    new PlacedModel(
      modelFolder,
      manifest,
      {
        provider: on,
        precision: as,
        batch,
        device: 'unknown',
        driver: 'unknown',
        nodesOnCpu: on === 'cpu' ? 0 : null,
        reason: 'measured',
      },
      { create, queue: createQueue(), next: [] },
    );
  const inputs = builtInInputs(checked, manifest.input);
  const model = place(provider, precision, checked);
  const measured = async (): Promise<Probe> => {
    let parityError = 0;
    if (provider !== 'cpu' || precision !== 'fp32') {
      const reference = place('cpu', 'fp32', 1);
      const expected = await logitsOf(reference, inputs, checked);
      await reference.release();
      parityError = compare(expected, await logitsOf(model, inputs, checked), tolerances[precision], title);
    }
    const pace = await (oneSession ? chooseBatch : choosePace)(model);
    return { ...pace, parityError, nodesOnCpu: model.placement.nodesOnCpu };
  };
  try {
    return await model.trying(measured);
  } finally {
    await model.release();
  }
}

/** @throws SaccadeError `wrong-results` */
export function compare(
  expected: Float32Array[],
  found: Float32Array[],
  tolerance: number,
  title: string,
): number {
  let largest = 0;
  for (const [photo, logits] of expected.entries())
    for (const [i, logit] of logits.entries()) {
      const difference = Math.abs(logit - found[photo]![i]!);
      // A NaN is never larger than anything.
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    }
  if (!(largest <= tolerance))
    throw new SaccadeError(
      'wrong-results',
      `${title} should differ from the CPU by at most ${tolerance} in any logit, and differs by ${largest.toPrecision(2)}.`,
    );
  for (const [photo, logits] of expected.entries()) {
    const [best, other] = [argmax(logits), argmax(found[photo]!)];
    // Two classes as close as the tolerance may change places.
    if (best !== other && logits[best]! - logits[other]! > Math.min(tolerance, tolerances.fp16))
      throw new SaccadeError('wrong-results', `${title} gives another best class than the CPU.`);
  }
  return largest;
}

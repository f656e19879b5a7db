/** Whether a model's numbers are right where it was put, and how fast it is there. */
import { SaccadeError } from '../../../models/error.ts';
import { readManifest } from '../../../models/load.ts';
import type { Precision, ProviderName } from '../../contract/values.ts';
import { argmax } from '../answering/answers.ts';
import { builtInInputs } from './built-in-inputs.ts';
import { row } from '../runtime/outputs.ts';
import { tuneBatch, tune } from './tuning.ts';
import type { Tuning } from './tuning.ts';
import { LoadedModel, usualGraph } from './loaded-model.ts';
import { providerTable, whyNot } from '../runtime/providers.ts';
import { Slots } from '../../schedule/slots.ts';
import type { CreateSession } from '../runtime/inference-session.ts';

export interface ProbeRequest {
  modelFolder: string;
  provider: ProviderName;
  precision: Precision;
  /** Never several at once. */
  oneSession?: true;
}

export interface ProbeResult extends Tuning {
  /** Largest absolute difference of logits against the CPU in fp32. */
  parityError: number;
  nodesOnCpu: number | null;
}

/** Largest difference of logits that passes. fp16 keeps 11 bits of every product; int8 is judged by photos instead. */
export const tolerances: Record<Precision, number> = { fp32: 1e-2, fp16: 1e-1, int8: Infinity };

const checked = 4;

async function logitsOf(model: LoadedModel, inputs: Float32Array, count: number): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  await model.run(usualGraph(model), inputs, count, ({ outputs, start, size }) => {
    for (let i = 0; i < size; i++)
      logits[start + i] = row(outputs, 'logits', i) ?? row(outputs, 'feature', i)!;
  });
  return logits;
}

/** @throws SaccadeError `provider-unavailable`, `wrong-results`, `provider-failed`, `out-of-memory` */
export async function probe(
  { modelFolder, provider, precision, oneSession }: ProbeRequest,
  create: CreateSession,
  obstacleOf = whyNot,
): Promise<ProbeResult> {
  const { title } = providerTable[provider];
  const reason = obstacleOf(provider);
  if (reason) throw new SaccadeError('provider-unavailable', reason);
  const manifest = readManifest(modelFolder);
  const place = (on: ProviderName, as: Precision, batch: number): LoadedModel =>
    new LoadedModel(
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
      { create, queue: new Slots(1, { blocking: true }), next: [] },
    );
  const inputs = builtInInputs(checked, manifest.input);
  const model = place(provider, precision, checked);
  const measured = async (): Promise<ProbeResult> => {
    let parityError = 0;
    if (provider !== 'cpu' || precision !== 'fp32') {
      const reference = place('cpu', 'fp32', 1);
      const expected = await logitsOf(reference, inputs, checked);
      await reference.release();
      parityError = compare(expected, await logitsOf(model, inputs, checked), tolerances[precision], title);
    }
    const tuning = await (oneSession ? tuneBatch : tune)(model);
    return { ...tuning, parityError, nodesOnCpu: model.placement.nodesOnCpu };
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

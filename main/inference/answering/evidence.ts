/** One photo inspected for one label of a head, the model's own or another. */
import { evidenceDirection } from '../../../models/heads/evidence.ts';
import { type Head, rowsOf } from '../../../models/heads/head.ts';
import { SaccadeError } from '../../../models/error.ts';
import { contributionMap } from '../../../models/overlay/inspection.ts';
import { row } from '../runtime/outputs.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { argmax } from './answers.ts';
import { logitsOf } from './head-answers.ts';
import { type InspectedGraph, runInspection } from './inspect.ts';

interface Asked {
  /** Null: the likeliest. */
  classIndex: number | null;
  /** Default: the model's own. */
  head?: Head | undefined;
}

interface Options {
  urgent?: boolean;
  signal?: AbortSignal;
}

/** The graph's outputs about one photo, and the label that its contribution explains. @throws SaccadeError `no-such-class` */
export async function inspectedFor(
  model: LoadedModel,
  pixelValues: Float32Array,
  { classIndex: asked, head }: Asked,
  options: Options,
): Promise<InspectedGraph & { classIndex: number }> {
  if (head && asked !== null && asked >= rowsOf(head))
    throw new SaccadeError(
      'no-such-class',
      `Expected a label of 0 … ${rowsOf(head) - 1} of the head "${head.name}" to explain; found ${asked}.`,
    );
  const first = await runInspection(model, pixelValues, head ? null : asked, options);
  const answer = { logits: row(first.outputs, 'logits', 0), feature: row(first.outputs, 'feature', 0) };
  const logits = logitsOf(answer, model, head);
  const classIndex = asked ?? argmax(logits);
  if (!head) return { ...first, classIndex };
  const direction = evidenceDirection(head, classIndex, answer.feature!);
  const explained = { direction, bias: head.bias[classIndex]!, index: classIndex };
  return { ...(await runInspection(model, pixelValues, null, { ...options, explained })), classIndex };
}

/** The evidence for a label over all layers, [N]. @throws SaccadeError `no-map` where the model can't give it */
export async function evidenceOf(
  model: LoadedModel,
  pixelValues: Float32Array,
  asked: Asked,
  options: Options,
): Promise<{ classIndex: number; map: Float32Array }> {
  const { contribution, classIndex, layers, absent } = await inspectedFor(model, pixelValues, asked, options);
  if (!contribution)
    throw new SaccadeError('no-map', absent.class ?? `${model.manifest.name} gives no map of that kind.`);
  const { patches } = contribution;
  return { classIndex, map: contributionMap(patches, patches.length / layers, [0, layers - 1]) };
}

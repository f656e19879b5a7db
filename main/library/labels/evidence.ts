/** What the head in use saw in one photo, and where: exact, since every head is linear in the feature. */
import { noneOfThese } from '../../../models/heads/label-names.ts';
import { headLogits, toProbabilities } from '../../../models/heads/apply.ts';
import { evidenceDirection } from '../../../models/heads/evidence.ts';
import { type Head, rowsOf } from '../../../models/heads/head.ts';
import { packMap } from '../../../models/overlay/stored.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Inspection, Prediction, StoredMap } from '../../contract/entities/inspection.ts';
import type { InspectRequest } from '../../contract/inference.ts';

type Ask = (request: Omit<InspectRequest, 'handle'>) => Promise<Inspection>;

function best(logits: Float32Array): number {
  return logits.reduce((at, value, i) => (value > logits[at]! ? i : at), 0);
}

/**
 * The first look gives the feature, the second the evidence; where the label is known and the head is linear, one look
 * gives both. @throws SaccadeError `no-such-class`, `head-of-another-model`
 */
export async function inspectWith(
  ask: Ask,
  head: Head,
  request: Omit<InspectRequest, 'handle' | 'explained'>,
): Promise<Inspection> {
  const { classIndex, topK } = request;
  const rows = rowsOf(head);
  if (classIndex !== null && classIndex >= rows)
    throw new SaccadeError(
      'no-such-class',
      `Expected a label of 0 … ${rows - 1} of the head "${head.name}" to explain; found ${classIndex}.`,
    );
  const explainedBy = (row: number, feature: ArrayLike<number>) => ({
    direction: evidenceDirection(head, row, feature),
    bias: head.bias[row]!,
    index: row,
  });
  const known = head.reads.how === 'linear' && classIndex !== null;
  const first = await ask({
    ...request,
    classIndex: null,
    explained: known ? explainedBy(classIndex, { length: head.fits.length }) : undefined,
  });
  const { logits, predictions } = readBy(head, first.clsFeature, topK);
  const row = classIndex ?? best(logits);
  const seen = known
    ? first
    : await ask({ ...request, classIndex: null, explained: explainedBy(row, first.clsFeature) });
  const { class: reason, ...absent } = seen.absent;
  // That the model names nothing by itself is no reason here.
  const missing = seen.contribution || reason === undefined ? absent : seen.absent;
  return { ...seen, absent: missing, head: head.name, logits, predictions };
}

/** What a head reads off a feature [F]: logits [C], and labels, best first. @throws SaccadeError `head-of-another-model` */
export function readBy(
  head: Head,
  feature: Float32Array,
  topK: number,
): { logits: Float32Array; probabilities: Float32Array; predictions: Prediction[] } {
  const logits = headLogits(head, { data: feature, length: feature.length });
  const probabilities = toProbabilities(logits.slice(), head, rowsOf(head));
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  const predictions = order.slice(0, topK).map((index) => ({
    index,
    label: head.labels[index] ?? noneOfThese,
    probability: probabilities[index]!,
  }));
  return { logits, probabilities, predictions };
}

/** The evidence of all layers together, as lists store maps; null: the model gives none. */
export function evidenceMap({ contribution, grid, layers }: Inspection): StoredMap | null {
  if (!contribution || !grid) return null;
  const patches = grid.rows * grid.columns;
  const values = new Float32Array(patches);
  for (let i = 0; i < layers * patches; i++) values[i % patches]! += contribution.patches[i]!;
  return {
    method: 'class',
    layers: [0, layers - 1],
    classIndex: contribution.classIndex,
    rows: grid.rows,
    columns: grid.columns,
    ...packMap(values),
  };
}

/** Evidence for the labels of a head, which runs don't store: each photo is looked at once more, for pictures only. */
import { packMap } from '../../models/overlay/stored.ts';
import type { Inspection } from '../contract/entities/inspection.ts';
import { mapOf } from '../report/maps.ts';
import type { Outcome } from '../report/outcome.ts';
import type { Library } from '../rpc/library.ts';
import { computeOf, type ComputeOptions } from './options.ts';
import { message } from './terminal.ts';

/** With the map of what the head says first; without one where the model gives none. */
export async function withHeadEvidence(
  library: Library,
  compute: ComputeOptions,
  head: string,
  outcome: Outcome,
): Promise<Outcome> {
  if (outcome.status === 'error') return outcome;
  const request = { ...computeOf(compute), path: outcome.file, classIndex: null, topK: 1, head };
  const answer = await library.ask('internal.inspect', request);
  if (!answer.ok) {
    message(`${outcome.path}: no evidence is drawn. ${answer.error.message}`);
    return { ...outcome, map: null };
  }
  const inspection = answer.value as Inspection;
  const { contribution, layers, seen } = inspection;
  if (!contribution) return { ...outcome, map: null };
  const { values, rows, columns } = mapOf(inspection, 'class', null, 'mean');
  const { classIndex } = contribution;
  const map = { ...packMap(values), method: 'class', layers: [0, layers - 1], classIndex, rows, columns } as const; // prettier-ignore
  return { ...outcome, seen, map: { ...map, layers: [0, layers - 1] } };
}

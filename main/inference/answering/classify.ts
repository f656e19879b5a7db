/** The whole way of a batch: decode → preprocess → run → answers. */
import { seenRegion } from '../../../models/overlay/geometry.ts';
import { mapGiven } from '../../../models/explain/maps.ts';
import type { Failure, Result } from '../../contract/result.ts';
import { toFailure } from '../../contract/result.ts';
import { evidenceHolds, noWhole } from './adds-up.ts';
import { argmax, checkLogits, isUnsure, probabilitiesOf, storeMap, topK } from './answers.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';
import type { Outputs } from '../runtime/inference-session.ts';
import { row } from '../runtime/outputs.ts';
import type { Classified, ClassifyAnswer, ClassifyRequest } from '../../contract/inference.ts';

type Answered = Pick<Classified, 'top' | 'unsure' | 'clsFeature' | 'map'>;

/**
 * Several may be under way at once: photos of the next are decoded while one runs. One photo's failure is its own
 * result; a failure of the run fails the whole request.
 */
export async function classify(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: ClassifyRequest,
  { signal, urgent = false }: { signal?: AbortSignal; urgent?: boolean } = {},
): Promise<ClassifyAnswer> {
  const { manifest } = model;
  const { preprocessing, input } = manifest;
  const map = mapGiven(manifest, request.map);
  const asked = performance.now();
  const batch = await preprocess(
    { photos: request.photos, preprocessing, input, thumbnailEdge: request.thumbnailEdge, urgent },
    signal,
  );
  const waitMs = Math.max(0, performance.now() - Math.max(asked, model.lastRunEnd));

  let withheld: Failure | null = null;
  const answered: Result<Answered>[] = [];
  const { runMs } = await model
    .run(
      { kind: 'classify', map },
      batch.pixelValues,
      batch.good,
      ({ outputs, graph, start, size }) => {
        for (let i = 0; i < size; i++) answered[start + i] = answerOf(outputs, graph.layers, i);
      },
      { urgent, signal },
    )
    .finally(batch.done);

  function answerOf(outputs: Outputs, layers: number, i: number): Result<Answered> {
    try {
      const logits = row(outputs, 'logits', i) ?? noLogits;
      checkLogits(logits);
      const probabilities = probabilitiesOf(logits, manifest);
      const isWhole = evidenceHolds(outputs, i, logits, model.placement.precision);
      if (!isWhole) withheld = { code: 'evidence-differs', message: `${manifest.name}: ${noWhole}` };
      const values = isWhole ? row(outputs, 'map', i) : null;
      return {
        ok: true,
        value: {
          top: topK(probabilities, request.topK),
          unsure: isUnsure(logits, probabilities, manifest.doubt),
          clsFeature: row(outputs, 'feature', i),
          map: values && map ? storeMap(values, map, layers, argmax(logits), manifest.grid) : null,
        },
      };
    } catch (error) {
      return { ok: false, error: toFailure(error) };
    }
  }

  let next = 0;
  const results = batch.results.map((preprocessed): ClassifyAnswer['results'][number] => {
    if (!preprocessed.ok) return preprocessed;
    const answer = answered[next++]!;
    if (!answer.ok) return answer;
    return {
      ok: true,
      value: {
        ...preprocessed.value,
        ...answer.value,
        seen: seenRegion(preprocessed.value, preprocessing),
      },
    };
  });
  const timing = { decodeMs: batch.decodeMs, waitMs, runMs };
  return { results, placement: model.placement, timing, withheld };
}

/** Of a model without a head. */
export const noLogits = new Float32Array();

/** Where one token looked, in every layer and head, and how far heads look. */
import { SaccadeError } from '../../../models/error.ts';
import type { Attended } from '../../contract/entities/trial.ts';
import type { AttendRequest } from '../../contract/inference.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import type { GraphFacts } from '../placing/open-graphs.ts';
import { row } from '../runtime/outputs.ts';
import { patchesOf } from './parts.ts';
import { photoAtHand } from './photo-at-hand.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';

/** Special tokens in the order in which they stand, whether before the patches or behind them. */
const specialAt = (special: number, { first, patches }: NonNullable<GraphFacts['tokens']>) =>
  special < first ? special : special + patches;

function indexOf(query: AttendRequest['query'], tokens: NonNullable<GraphFacts['tokens']>): number {
  const special = tokens.all - tokens.patches;
  const [at, count, what] =
    'patch' in query ? [query.patch, tokens.patches, 'patches'] : [query.special, special, 'special tokens'];
  if (at >= count)
    throw new SaccadeError(
      'no-such-token',
      `Expected one of the model's ${count} ${what}, counted from 0; found ${at}.`,
    );
  return 'patch' in query ? tokens.first + at : specialAt(at, tokens);
}

/** @throws SaccadeError of decoding, `no-map` where the model shows no attention, `no-such-token` */
export async function attend(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  { path, query }: AttendRequest,
  options: { urgent?: boolean; signal?: AbortSignal } = {},
): Promise<Attended> {
  patchesOf(model);
  const pixelValues = await photoAtHand(model, preprocess, path, options);
  let attended: Attended | undefined;
  await model.runParts(
    { kind: 'attend' },
    1,
    ({ tokens, absent }) => {
      if (!tokens)
        throw new SaccadeError('no-map', absent.cls ?? `${model.manifest.name} shows no attention.`);
      const index = BigInt64Array.of(BigInt(indexOf(query, tokens)));
      return {
        pixel_values: model.pixels(pixelValues, 1),
        query: { type: 'int64', data: index, dims: [1] },
      };
    },
    ({ outputs, graph: { tokens, layers, heads } }) => {
      const rows = row(outputs, 'token_attention', 0)!;
      const { first, patches, all } = tokens!;
      const special = all - patches;
      const attention = new Float32Array(layers * heads * patches);
      const toSpecial = new Float32Array(layers * heads * special);
      for (let at = 0; at < layers * heads; at++) {
        const whole = rows.subarray(at * all, (at + 1) * all);
        attention.set(whole.subarray(first, first + patches), at * patches);
        for (let i = 0; i < special; i++) toSpecial[at * special + i] = whole[specialAt(i, tokens!)]!;
      }
      const distance = row(outputs, 'attention_distance', 0)!;
      attended = { layers, heads, attention, toSpecial, special, distance };
    },
    options,
  );
  return attended!;
}

/** Why a map can't be had of a model, as sentences. */
import type { VitConfig } from './config.ts';
import type { MapName } from './explain/options.ts';

const postNorm =
  'This model normalises after each block, so earlier contributions pass through later norms and no longer add up to the answer.';

const residualPostNorm =
  'This model normalises what attention and feed-forward add before it is added, so its answer is no plain sum of what each patch adds.';
const attentionPool =
  'This model gathers its patches by an attention of its own with a feed-forward behind it, so its answer is no plain sum of what each patch adds.';

const noHead =
  'This model sees and names nothing by itself, so there is no answer to take apart. Choose a head: evidence is for its labels.';

/** Why d · feature is no sum over patches; null: it is. */
export function indivisible({ norm, pool }: VitConfig): string | null {
  if (norm === 'post') return postNorm;
  if (norm === 'residual-post') return residualPostNorm;
  return pool === 'attention' ? attentionPool : null;
}

export function absentMaps(config: VitConfig): Partial<Record<MapName, string>> {
  const reason = indivisible(config) ?? (config.classes === 0 ? noHead : null);
  return reason === null ? {} : { class: reason };
}

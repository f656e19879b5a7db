/** What graphs give of explanations, by name: our own and those of others. */
import type { Value } from '../onnx/types.ts';
import { clsRows, lastMap, rollout } from './attention.ts';
import { type Contribution, contribution, totals } from './contribution.ts';
import { askedDirection, classDirection, type HeadWeights } from './direction.ts';
import type { MapName, RolloutOptions } from './options.ts';
import type { AttentionView, ResidualSum } from './view.ts';

export interface Explained {
  view: AttentionView;
  /** [B, C]; null: the model has no head, and directions are what can be explained. */
  logits: Value | null;
  /** Null: the model's answer can't be taken apart. */
  sum: {
    residual: () => ResidualSum;
    /** Asked for where there are logits. */
    head: () => HeadWeights;
    /** A direction of the feature → of the tokens that it is made of, where it is projected; absent: the same. */
    read?: (direction: Value) => Value;
  } | null;
  rollout: RolloutOptions;
}

export interface Output {
  name: string;
  value: Value;
  /** First axis: the photos; or the directions, where one photo may be asked about several. */
  shape: ['batch' | 'explained', ...number[]];
}

/** The map that a run stores. */
export interface RunMap {
  /** [B, N] */
  map: Value;
  /** [B, 2]: what has to add up to the score (`totals`); null: the map is of attention, which adds up to nothing. */
  terms: Value | null;
}

/** Null: the model can't give it. @param asked the class explained, int64 [1]; negative or null: the best */
export function mapOf(
  { view, logits, sum, rollout: options }: Explained,
  map: MapName,
  asked: Value | null = null,
): RunMap | null {
  if (map === 'cls') return { map: lastMap(view), terms: null };
  if (map === 'rollout') return { map: rollout(view, options), terms: null };
  if (!sum || !logits) return null;
  const { g } = view;
  const { direction, bias } = classDirection(g, sum.head(), logits, asked);
  const terms = contributionWith(view, sum, direction, bias);
  return { map: g.reduce('Sum', terms.patches, 1), terms: totals(g, terms) };
}

/** @param bias what the head adds whatever the feature */
function contributionWith(
  view: AttentionView,
  { residual, read }: NonNullable<Explained['sum']>,
  direction: Value,
  bias: Value | null,
): Contribution {
  const terms = contribution(view, residual(), read ? read(direction) : direction);
  return bias ? { ...terms, head: view.g.add(terms.head, bias) } : terms;
}

/** @param asked the value of `class_index`; @param given that of `direction`; null where there is no sum */
export function inspection(explained: Explained, asked: Value, given: Value | null): Output[] {
  const { view, logits, sum, rollout: options } = explained;
  const { g, heads, patches } = view;
  const depth = view.layers.length;
  const attention: Output[] = [
    { name: 'cls_attention', value: clsRows(view), shape: ['batch', depth, heads, patches.count] },
    { name: 'rollout', value: rollout(view, options), shape: ['batch', patches.count] },
  ];
  if (!sum || given === null) return attention;
  const { direction, bias } = logits
    ? askedDirection(g, sum.head(), logits, asked, given)
    : { direction: given, bias: null };
  const terms = contributionWith(view, sum, direction, bias);
  return [
    ...attention,
    { name: 'class_map', value: terms.patches, shape: ['explained', depth, patches.count] },
    { name: 'class_bias_map', value: terms.biasMap, shape: ['explained', depth, patches.count] },
    { name: 'class_special', value: terms.special, shape: ['explained', depth] },
    { name: 'class_mlp', value: terms.mlp, shape: ['explained', depth] },
    { name: 'class_bias', value: terms.bias, shape: ['explained', depth] },
    { name: 'class_start', value: terms.start, shape: ['explained'] },
    { name: 'class_head', value: terms.head, shape: ['explained'] },
  ];
}

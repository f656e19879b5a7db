/** What a graph makes of its photo's numbers before anything else: some bring their normalisation along. */
import type { Preprocessing } from '../manifest.ts';
import type { Flow } from './flow.ts';

/** (number − mean) / std, per channel or the same for all. */
type Scale = Pick<Preprocessing, 'mean' | 'std'>;

const passing = new Set(['Cast', 'Identity', 'Transpose']);

/** Null: nothing, or something else. */
function scaleIn(flow: Flow, input: string): Scale | null {
  let [factor, shift] = [
    [1, 1, 1],
    [0, 0, 0],
  ];
  let value = input;
  for (;;) {
    const readers = flow.readers(value).filter(({ opType }) => opType !== 'Shape');
    const [node] = readers;
    if (!node || readers.length > 1) break;
    if (!passing.has(node.opType)) {
      const at = node.input.indexOf(value);
      const { values } = flow.known(node.input[1 - at] ?? '');
      const isFirst = at === 0 || node.opType === 'Add' || node.opType === 'Mul';
      if (node.input.length !== 2 || !isFirst || !values || ![1, 3].includes(values.length)) break;
      const by = (i: number) => values[values.length === 1 ? 0 : i]!;
      if (node.opType === 'Add') shift = shift.map((each, i) => each + by(i));
      else if (node.opType === 'Sub') shift = shift.map((each, i) => each - by(i));
      else if (node.opType === 'Mul')
        [factor, shift] = [factor, shift].map((all) => all.map((each, i) => each * by(i))) as [number[], number[]]; // prettier-ignore
      else if (node.opType === 'Div')
        [factor, shift] = [factor, shift].map((all) => all.map((each, i) => each / by(i))) as [number[], number[]]; // prettier-ignore
      else break;
    }
    value = node.output[0]!;
  }
  const std = factor.map((each) => 1 / each) as Scale['std'];
  return value === input ? null : { mean: shift.map((each, i) => 0 - each * std[i]!) as Scale['mean'], std };
}

const within = (values: readonly number[], least: number, most: number) =>
  values.every((value) => value >= least && value <= most);

/**
 * What photos have to be prepared with where the graph does the rest itself and would do it twice; null: nothing speaks
 * against `given`. Wider or narrower factors are a model's own matter.
 */
export function wantedInstead(flow: Flow, input: string, given: Scale): (Scale & { from: string }) | null {
  const own = scaleIn(flow, input);
  if (!own || !within(own.mean, -1, 256)) return null;
  const whole = 1 / 255;
  if (within(own.std, 20, 256) && within(given.std, 0.02, Infinity))
    return { mean: [0, 0, 0], std: [whole, whole, whole], from: '0 to 255' };
  const normalises = within(own.std, 0.1, 0.6) && within(own.mean, 0, 1);
  return normalises && within(given.std, 0.1, 0.6) ? { mean: [0, 0, 0], std: [1, 1, 1], from: '0 to 1' } : null; // prettier-ignore
}

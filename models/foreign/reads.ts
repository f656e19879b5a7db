/** Which tokens the head reads: followed from the logits against the current to the last value that holds them all. */
import { isDeepStrictEqual } from 'node:util';
import { intOf, intsOf } from '../onnx/attributes.ts';
import type { Node } from '../onnx/schema.ts';
import { type Attention, mixedOfFirst } from './attention.ts';
import { parting, partOf } from './carry.ts';
import { factorsOf, type Flow, writtenSoftmax } from './flow.ts';

export interface Reads {
  /** Tokens that come alone, by index. */
  picked: ReadonlySet<number>;
  /** Tokens of which several became one: their mean, their greatest numbers, a weighted sum. */
  joined: ReadonlySet<number>;
  /** Whether each of those joined counts as much as the others: itself, or a power of it, so that the greatest tell most. */
  how: How;
}

type How = 'even' | 'powers' | 'uneven';
const worse = (...hows: readonly How[]): How =>
  (['uneven', 'powers'] as const).find((how) => hows.includes(how)) ?? 'even';

/** More operators no head has. */
const farthest = 256;

/** What a value holds of tokens; those that still lie apart do so along `axes`, rows before columns, in the order of `list`. */
interface Held extends Reads {
  axes: readonly number[];
  list: readonly number[];
}

const none: Held = { axes: [], list: [], picked: new Set(), joined: new Set(), how: 'even' };
const shaping = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
const pools = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'MaxPool', 'QLinearGlobalAveragePool', 'QLinearAveragePool']); // prettier-ignore
/** Count each number as much as the others. */
const evenly = new Set(['ReduceMean', 'ReduceSum', 'GlobalAveragePool', 'AveragePool', 'QLinearGlobalAveragePool', 'QLinearAveragePool']); // prettier-ignore
const scaling = new Set(['Mul', 'Div']);
/** Between a power of the tokens and its mean: each number stays by itself. */
const alone = new Set([...shaping, 'Cast', 'Identity', 'Transpose', 'Slice', 'Clip', 'Max', 'Min', 'Relu', 'Abs', 'Add', 'Sub', 'Mul', 'Div']); // prettier-ignore
const range = (length: number) => Array.from({ length }, (_, i) => i);
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** No axis of tokens is left: each was read by itself where `apart`, else all became one. */
function ended({ axes, list, ...reads }: Held, how: 'apart' | How): Held {
  if (!axes.length) return { ...none, ...reads };
  if (list.length === 1 || how === 'apart') return { ...none, ...reads, picked: new Set([...reads.picked, ...list]) }; // prettier-ignore
  return { ...none, ...reads, joined: new Set([...reads.joined, ...list]), how: worse(reads.how, how) }; // prettier-ignore
}

class Reader {
  readonly #flow: Flow;
  readonly #tokens: number;
  readonly #known = new Map<string, Held>();
  #steps = 0;

  constructor(flow: Flow, { tokens }: Attention, first: ReturnType<typeof mixedOfFirst>) {
    this.#flow = flow;
    this.#tokens = tokens;
    // Attention brings every token to each: whose rows they are is what lies apart.
    if (first) this.#known.set(first.value, { ...none, axes: [2], list: range(first.asked) });
  }

  held(value: string): Held {
    const known = this.#known.get(value);
    if (known) return known;
    if (this.#steps > farthest) return none;
    this.#steps++;
    const found = this.#whole(value) ?? this.#made(value);
    this.#steps--;
    this.#known.set(value, found);
    return found;
  }

  /** [B, T, D] or [T, B, D] */
  #whole(value: string): Held | null {
    const shape = this.#flow.shape(value);
    const sides = [this.#flow.batch, this.#tokens];
    if (shape?.length !== 3 || this.#flow.isConstant(value)) return null;
    // By fixed numbers, which may weigh the tokens.
    const node = this.#flow.maker(value);
    if (node && scaling.has(node.opType) && this.#flow.activations(node).length === 1) return null;
    const axis = shape[0] === sides[0] && shape[1] === sides[1] ? 1 : shape[0] === sides[1] && shape[1] === sides[0] ? 0 : null; // prettier-ignore
    return axis === null ? null : { ...none, axes: [axis], list: range(this.#tokens) };
  }

  #made(value: string): Held {
    const flow = this.#flow;
    const node = flow.maker(value);
    if (!node) return none;
    const moving = flow.activations(node);
    const parts = moving.map((input) => this.held(input));
    const first = this.held(node.input[0] ?? '');
    const [from, to] = [flow.shape(node.input[0] ?? ''), flow.shape(value)];
    if (moving.length === 1 && parts[0]!.axes.length && to) {
      const held = this.#weighed(node, moving[0]!, parts[0]!, to);
      if (held) return held;
    }
    if (!first.axes.length || !from || !to) return union(parts, parts, to);
    if (node.opType === 'Transpose') {
      const perm = intsOf(node, 'perm') ?? from.map((_, i) => from.length - 1 - i);
      return { ...first, axes: first.axes.map((axis) => perm.indexOf(axis)) };
    }
    if (shaping.has(node.opType)) {
      const axes = axesAfter(from, to, first.axes);
      return axes ? { ...first, axes } : ended(first, 'apart');
    }
    if (parting.has(node.opType)) return this.#part(node, value, first, from.length, to);
    if (node.opType.startsWith('Reduce') || pools.has(node.opType)) return this.#reduced(node, first, from, to); // prettier-ignore
    if (node.opType === 'Concat') return concatenated(node, parts, to);
    const shapes = moving.map((name) => flow.shape(name));
    return union(parts, parts.map((part, i) => aligned(part, shapes[i]!, to)), to); // prettier-ignore
  }

  #part(node: Node, value: string, first: Held, rank: number, to: readonly number[]): Held {
    const part = partOf(this.#flow, node, value, rank);
    if (!part || !Number.isInteger(part.start)) return ended(first, 'uneven');
    const [axis, ...more] = first.axes;
    if (!first.axes.includes(part.axis)) return { ...first, axes: first.axes.map((each) => (part.drops && part.axis < each ? each - 1 : each)) }; // prettier-ignore
    if (more.length) return ended(first, 'uneven');
    const list = first.list.slice(part.start, part.start + (part.drops ? 1 : to[axis!]!));
    return part.drops ? ended({ ...first, list }, 'apart') : { ...first, list };
  }

  /** Where the axes are behind a sum, mean or pool. */
  #reduced(node: Node, first: Held, from: readonly number[], to: readonly number[]): Held {
    const isPool = pools.has(node.opType);
    const said = isPool ? range(from.length).slice(2) : (intsOf(node, 'axes') ?? this.#flow.known(node.input[1] ?? '').values); // prettier-ignore
    const gone = (said ?? range(from.length)).map((each) => (each < 0 ? each + from.length : each));
    const left = first.axes.filter((axis) => !gone.includes(axis));
    // A pool that leaves several has overlapping windows, or parts of the photo.
    const isEven = evenly.has(node.opType) && !(isPool && to.slice(2).some((side) => side !== 1));
    const how = isEven ? this.#evenOf(node.input[0]!) : 'uneven';
    if (!left.length || (how === 'uneven' && left.length < first.axes.length)) return ended(first, how);
    const axes = to.length === from.length ? left : left.map((axis) => axis - gone.filter((each) => each < axis).length); // prettier-ignore
    return { ...first, axes, how: left.length < first.axes.length ? worse(first.how, how) : first.how };
  }

  /** Of what a mean is: of the tokens, or of powers of them, as generalised-mean pooling (GeM) takes it. */
  #evenOf(value: string): How {
    const flow = this.#flow;
    for (let node = flow.maker(value); node; node = flow.maker(value)) {
      const [moving = '', ...others] = new Set(flow.activations(node));
      if (others.length) break;
      const { values } = flow.known(node.input[1] ?? '');
      if (node.opType === 'Pow' && !values?.every((power) => power === 1)) return 'powers';
      if (node.opType === 'Exp' || (node.opType === 'Mul' && node.input[0] === node.input[1]))
        return 'powers';
      if (node.opType !== 'Pow' && !alone.has(node.opType)) break;
      value = moving;
    }
    return 'even';
  }

  /** A product with fixed numbers, one a token: those that count, or all unevenly. Null: no such product. */
  #weighed(node: Node, moving: string, held: Held, to: readonly number[]): Held | null {
    const flow = this.#flow;
    const from = flow.shape(moving);
    const [axis, ...more] = held.axes;
    if (!from || axis === undefined) return null;
    const factors = factorsOf(node);
    const isLast = axis === from.length - 1;
    const sums = factors && node.opType !== 'Einsum' && (factors[0] === moving ? isLast : from.length > 1 && axis === from.length - 2); // prettier-ignore
    const other = node.input.find((name) => name && name !== moving) ?? '';
    if (!sums && !scaling.has(node.opType)) {
      const mixes = node.opType === 'Einsum' || (node.opType.includes('Conv') && [...to.entries()].some(([i, side]) => held.axes.includes(i) && side !== from[i])); // prettier-ignore
      return mixes ? ended(held, 'uneven') : null;
    }
    const { shape, values } = flow.known(other);
    if (!shape) return ended(held, 'uneven');
    // Of a product of matrices the axis that is summed; elsewhere the one that lies over the tokens.
    const at = sums ? (factors[0] === moving ? Math.max(shape.length - 2, 0) : shape.length - 1) : axis - to.length + shape.length; // prettier-ignore
    if (!sums && (at < 0 || shape[at] === 1) && !more.length) return null;
    const weights = !more.length && values?.length === held.list.length && shape[at] === values.length ? values : null; // prettier-ignore
    const counts = weights && held.list.filter((_, i) => weights[i] !== 0);
    const isEven = weights && new Set(weights.filter((weight) => weight !== 0).map(Math.fround)).size === 1;
    if (!counts || !isEven) return !sums && more.length && sizeOf(shape) === 1 ? null : ended(held, 'uneven');
    const kept = { ...held, list: counts };
    // Tokens that count nothing are still there until they are summed.
    return sums ? ended(kept, this.#evenOf(moving)) : counts.length === held.list.length ? null : { ...ended(kept, 'even'), axes: [] }; // prettier-ignore
  }
}

/** Where axes that lie beside each other are behind a change of shape; null: what lay along them lies along others too. */
function axesAfter(from: readonly number[], to: readonly number[], axes: readonly number[]): number[] | null {
  const sizes = axes.map((axis) => from[axis]!);
  const beside = axes.every((axis, i) => i === 0 || sizeOf(from.slice(axes[i - 1]! + 1, axis)) === 1 && axis > axes[i - 1]!); // prettier-ignore
  const before = sizeOf(from.slice(0, axes[0]));
  const all = sizeOf(sizes);
  if (!beside) return null;
  for (const start of to.keys()) {
    if (sizeOf(to.slice(0, start)) !== before || (all !== 1 && to[start] === 1)) continue;
    for (let end = start + 1; end <= to.length; end++)
      if (sizeOf(to.slice(start, end)) === all) return range(end - start).map((i) => start + i);
    return null;
  }
  return null;
}

/** The axes of a value that numbers of another are added to or multiplied with. */
function aligned(part: Held, from: readonly number[] | null, to: readonly number[] | null): Held {
  if (!from || !to || to.length < from.length) return part;
  return { ...part, axes: part.axes.map((axis) => axis + to.length - from.length) };
}

/** @param placed the same parts with their axes as they are in `to` */
function union(parts: readonly Held[], placed: readonly Held[], to: readonly number[] | null): Held {
  const apart = placed.filter(({ axes }) => axes.length);
  const [one] = apart;
  const sides = (held: Held) => sizeOf(held.axes.map((axis) => to?.[axis] ?? NaN));
  const keeps = one && sides(one) === one.list.length && apart.every(({ axes, list }) => isDeepStrictEqual([axes, list], [one.axes, one.list])); // prettier-ignore
  const rest = keeps ? parts : parts.map((part) => ended(part, 'uneven'));
  return {
    axes: keeps ? one.axes : [],
    list: keeps ? one.list : [],
    picked: new Set(rest.flatMap(({ picked }) => [...picked])),
    joined: new Set(rest.flatMap(({ joined }) => [...joined])),
    how: worse(...rest.map(({ how }) => how)),
  };
}

function concatenated(node: Node, parts: readonly Held[], to: readonly number[]): Held {
  const at = intOf(node, 'axis', 0);
  const axis = at < 0 ? at + to.length : at;
  if (!parts.every(({ axes }) => axes.length === 1 && axes[0] === axis)) return union(parts, parts, to);
  const alone = parts.map((part) => ({ ...part, axes: [] }));
  return { ...union(alone, alone, to), axes: [axis], list: parts.flatMap(({ list }) => list) };
}

/** @param attention null: nothing is known of tokens, and none is read */
export function readsOf(flow: Flow, logits: string, attention: Attention | null): Reads {
  if (!attention) return none;
  return ended(new Reader(flow, attention, mixedOfFirst(flow, attention)).held(logits), 'uneven');
}

/**
 * How the head reads patches where a map of the mean patch would not be of what it reads: behind the last layer it weighs
 * tokens by what they hold, or takes the greatest number of all. Null: it does neither.
 */
export function joinsUnevenly(
  flow: Flow,
  logits: string,
  { layers, tokens, special }: Attention,
): string | null {
  const last = flow.position(layers.at(-1)!.node);
  const isBehind = (node: Node) => flow.position(node) > last;
  const isTokens = (side: number | undefined) => side === tokens || side === tokens - special;
  for (const node of flow.upstream(logits, isBehind)) {
    const [from, to] = [flow.shape(node.input[0] ?? ''), flow.shape(node.output[0] ?? '')];
    if (!isBehind(node) || !from || from.length < 3) continue;
    const joins = (sum: readonly number[] | null) => from.some((side, axis) => axis > 0 && isTokens(side) && sum?.[axis] !== side); // prettier-ignore
    const written = writtenSoftmax(flow, node);
    const axis = intOf(node, 'axis', flow.opset < 13 ? 1 : -1);
    const weighs = written
      ? joins(flow.shape(written.sum))
      : node.opType === 'Softmax' && isTokens(from.at(axis));
    if (weighs) return 'weighed by what they hold';
    // The greatest score is what a softmax that is written out takes off first.
    const isScore = flow.readers(node.output[0]!).some(({ opType }) => opType === 'Sub');
    const greatest =
      (node.opType === 'ReduceMax' && !isScore && joins(to)) || node.opType === 'GlobalMaxPool';
    if (greatest) return 'by their greatest numbers';
  }
  return null;
}

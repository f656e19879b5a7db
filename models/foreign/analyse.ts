/** A foreign graph read once: its input, its logits, its attention. */
import { SaccadeError } from '../error.ts';
import { infer } from '../onnx/infer/infer.ts';
import { ShapeConflict } from '../onnx/infer/known.ts';
import type { OnnxFile } from '../onnx/read.ts';
import { neededOf, takenBy } from '../onnx/needed.ts';
import type { Graph, ValueInfo } from '../onnx/schema.ts';
import { type Attention, findAttention } from './attention.ts';
import { Flow } from './flow.ts';
import { findHead, type Head } from './head.ts';
import { joinsUnevenly, readsOf } from './reads.ts';

export interface Analysis {
  flow: Flow;
  /** `coloursLast`: [B, height, width, 3], as Keras has photos. */
  input: { name: string; type: (typeof inputTypes)[keyof typeof inputTypes]; coloursLast: boolean };
  head: Head;
  attention: Attention | null;
  /** What the head reads: [CLS], the mean of the patches, or both; `tokens`: the mean of the patches and special tokens. */
  pool: 'cls' | 'mean' | 'cls+mean' | 'tokens';
  /** Index of the token that stands for the photo. */
  cls: number;
  /** The tokens that the head averages, where it averages any. */
  mean: { first: number; count: number };
  /** Why there is no attention to show. */
  absent: string | null;
  /** 1 where the exporter fixed it; null: any. */
  fixedBatch: 1 | null;
}

/** A number of photos that no side of a tensor has, so that the batch can be told from everything else. */
const tellingBatch = 7919;
const longestSide = 8192;
/** By ONNX's numbers. Whole numbers are a photo's levels. */
const inputTypes = { 1: 'float32', 2: 'uint8', 10: 'float16', 11: 'float64', 16: 'bfloat16' } as const;

/**
 * The one input that the answer needs. Others, which tell what a map is of, are let go with all that needs them.
 * @throws SaccadeError `unsupported-input`
 */
export function imageInput({ graph }: OnnxFile): ValueInfo {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name)); // before IR 4, initializers were inputs too
  const named = graph.output.filter(({ name }) => name === 'logits');
  const answer = named.length ? named : graph.output;
  const needed = neededOf(graph, answer.map(({ name }) => name)); // prettier-ignore
  const [first, ...more] = inputs.length > 1 && answer.length === 1 ? inputs.filter(({ name }) => needed.has(name)) : inputs; // prettier-ignore
  if (!first || more.length)
    throw new SaccadeError('unsupported-input', `Expected one input, the photo; found ${inputs.map(({ name }) => name).join(', ').slice(0, 200) || 'none'}. Export the image classifier alone.`); // prettier-ignore
  const others = inputs.filter((input) => input !== first);
  if (others.length) withoutInputs(graph, new Set(others.map(({ name }) => name)));
  return first;
}

function withoutInputs(graph: Graph, gone: Set<string>): void {
  graph.input = graph.input.filter(({ name }) => !gone.has(name));
  graph.node = graph.node.filter((node) => {
    if (!takenBy(node).some((name) => gone.has(name))) return true;
    for (const name of node.output) if (name) gone.add(name);
    return false;
  });
  graph.output = graph.output.filter(({ name }) => !gone.has(name));
}

/** Sides of the declared input; null where they are free. @throws SaccadeError `unsupported-input` */
export function declaredInput(info: ValueInfo): {
  type: Analysis['input']['type'];
  batch: number | null;
  height: number | null;
  width: number | null;
  coloursLast: boolean;
} {
  const tensor = info.type?.tensorType;
  const type = inputTypes[(tensor?.elemType ?? 0) as keyof typeof inputTypes];
  const sides = tensor?.shape?.dim.map((dim) =>
    dim.dimParam || !dim.dimValue ? null : Number(dim.dimValue),
  );
  const refuse = (found: string, advice = 'Export the image classifier again, so that it takes that.') =>
    new SaccadeError('unsupported-input', `Expected an input of shape [batch, 3, height, width] or [batch, height, width, 3] in floating point or uint8; "${info.name.slice(0, 80)}" ${found}. ${advice}`); // prettier-ignore
  if (!type)
    throw refuse(
      `has numbers of ONNX's type ${tensor?.elemType ?? 0}`,
      'Export the model without the step that turns whole numbers into fractions: Saccade scales photos itself.',
    );
  if (sides?.length !== 4) throw refuse(sides ? `has ${sides.length} axes` : 'has no shape');
  const [batch = null, second = null, third = null, last = null] = sides;
  // A photo 3 pixels wide is none: free channels before it are rows.
  const coloursLast = second !== 3 && last === 3;
  if (second !== 3 && second !== null && !coloursLast)
    throw refuse(`has shape [${sides.map((side) => side ?? 'free').join(', ')}]`);
  const [height, width] = coloursLast ? [second, third] : [third, last];
  for (const side of [height, width])
    if (side !== null && !(side >= 1 && side <= longestSide)) throw refuse(`has a side of ${side} pixels, of ${longestSide} at most`); // prettier-ignore
  return { type, batch, height, width, coloursLast };
}

function inferFor(
  file: OnnxFile,
  name: string,
  type: number,
  batch: number,
  size: { height: number; width: number },
  coloursLast: boolean,
) {
  const { height, width } = size;
  const shape = coloursLast ? [batch, height, width, 3] : [batch, 3, height, width];
  const known = infer(file.graph, file.opset, new Map([[name, { type, shape }]]));
  return new Flow(file.graph, file.opset, batch, known);
}

/**
 * @param size pixels of the model's input
 * @param labels how many classes the labels name; null: not known
 * @throws SaccadeError `unsupported-input`, `no-logits`, `wrong-input-size`
 */
export function analyse(
  file: OnnxFile,
  size: { height: number; width: number },
  labels: number | null,
): Analysis {
  const info = imageInput(file);
  const declared = declaredInput(info);
  const elementType = info.type?.tensorType?.elemType ?? 0;
  const attempt = (batch: number): [Flow, Head] => {
    const flow = inferFor(file, info.name, elementType, batch, size, declared.coloursLast);
    return [flow, findHead(flow, labels)];
  };
  let flow: Flow;
  let head: Head;
  try {
    [flow, head] = attempt(declared.batch === null || declared.batch === 1 ? tellingBatch : declared.batch);
  } catch (first) {
    if (!(first instanceof ShapeConflict || first instanceof SaccadeError)) throw first;
    try {
      [flow, head] = attempt(1);
    } catch (error) {
      if (!(error instanceof ShapeConflict)) throw error;
      if (declared.height && declared.width)
        throw new SaccadeError('bad-onnx', `The graph contradicts itself at the size that it declares, ${size.height} × ${size.width} pixels (${error.message}): it would fail on every photo. Export it again, for a fixed batch of 1 or by a newer exporter.`, { cause: error }); // prettier-ignore
      throw new SaccadeError('wrong-input-size', `The model does not take a photo of ${size.height} × ${size.width} pixels (${error.message}). Give the size it was exported for.`, { cause: error }); // prettier-ignore
    }
  }
  const fixedBatch = flow.batch === 1 ? 1 : null;
  const { attention, absent } = findAttention(flow, size, head.logits);
  return {
    flow,
    input: { name: info.name, type: declared.type, coloursLast: declared.coloursLast },
    head,
    fixedBatch,
    ...(attention ? reading(flow, head.logits, attention) : { ...unread, absent }),
  };
}

type Reading = Pick<Analysis, 'attention' | 'pool' | 'cls' | 'mean' | 'absent'>;
const unread = { attention: null, pool: 'mean', cls: 0, mean: { first: 0, count: 0 } } as const;

/** What the head reads of the tokens, or why that can't be drawn. */
function reading(flow: Flow, logits: string, attention: Attention): Reading {
  const { special, firstPatch, tokens } = attention;
  const patches = { first: firstPatch, count: tokens - special };
  const isPatch = (token: number) => token >= patches.first && token < patches.first + patches.count;
  const { picked, joined, how } = readsOf(flow, logits, attention);
  const none = (how: string): Reading => ({
    ...unread,
    absent: `This model's head reads its ${how}, so no map of what it reads can be made.`,
  });
  const readsPatches = [...picked, ...joined].some(isPatch);
  if (readsPatches || !special) {
    const uneven = joinsUnevenly(flow, logits, attention);
    if (uneven !== null) return none(`patches ${uneven}, and not their mean`);
    if ([...picked].some(isPatch)) return none('patches each by itself, and not their mean');
    const mean = runOf(joined);
    if (how === 'powers') return none('patches by a mean of their powers, and not their mean');
    if (!readsPatches || how === 'uneven' || !mean || mean.first > patches.first || mean.first + mean.count < patches.first + patches.count)
      return none('patches in a way that is not known to be their mean');
    // A special token in a mean of the patches is one of many.
    const own = Math.min(...picked);
    const isWide = mean.count > patches.count;
    const pool = picked.size ? 'cls+mean' : isWide ? 'tokens' : 'mean';
    const usual = firstPatch > 0 ? 0 : patches.count;
    return { attention, pool, cls: picked.size ? own : usual, mean, absent: null };
  } // prettier-ignore
  const [cls] = [...picked, ...joined].sort((a, b) => a - b);
  if (cls === undefined) return none('tokens in a way that is not known');
  return { attention, pool: 'cls', cls, mean: patches, absent: null };
}

/** Tokens that follow each other; null: some between are missing, or there are none. */
function runOf(tokens: ReadonlySet<number>): { first: number; count: number } | null {
  const first = Math.min(...tokens);
  return tokens.size && Math.max(...tokens) - first + 1 === tokens.size
    ? { first, count: tokens.size }
    : null;
}

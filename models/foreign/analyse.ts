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
  input: { name: string; type: 'float32' | 'float16' | 'bfloat16' | 'float64' };
  head: Head;
  attention: Attention | null;
  /** What the head reads: [CLS], the mean of the patches, or both. */
  pool: 'cls' | 'mean' | 'cls+mean';
  /** Index of the token that stands for the photo. */
  cls: number;
  /** Why there is no attention to show. */
  absent: string | null;
  /** 1 where the exporter fixed it; null: any. */
  fixedBatch: 1 | null;
}

/** A number of photos that no side of a tensor has, so that the batch can be told from everything else. */
const tellingBatch = 7919;
const longestSide = 8192;
const floats = { 1: 'float32', 10: 'float16', 11: 'float64', 16: 'bfloat16' } as const;

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
} {
  const tensor = info.type?.tensorType;
  const type = floats[(tensor?.elemType ?? 0) as keyof typeof floats];
  const sides = tensor?.shape?.dim.map((dim) =>
    dim.dimParam || !dim.dimValue ? null : Number(dim.dimValue),
  );
  const refuse = (found: string, advice = 'Export the image classifier again, so that it takes that.') =>
    new SaccadeError('unsupported-input', `Expected an input of shape [batch, 3, height, width] in floating point; "${info.name.slice(0, 80)}" ${found}. ${advice}`); // prettier-ignore
  if (!type)
    throw refuse(
      `has numbers of ONNX's type ${tensor?.elemType ?? 0}${tensor?.elemType === 2 ? ', which is uint8' : ''}`,
      'Export the model without the step that turns whole numbers into fractions: Saccade scales photos itself.',
    );
  if (sides?.length !== 4) throw refuse(sides ? `has ${sides.length} axes` : 'has no shape');
  const [batch, channels, height, width] = sides as [
    number | null,
    number | null,
    number | null,
    number | null,
  ];
  // A photo 3 pixels wide is none: free channels before it are rows.
  if (channels !== 3 && (channels !== null || width === 3))
    throw refuse(
      `has shape [${sides.map((side) => side ?? 'free').join(', ')}]`,
      width === 3
        ? `Its colours come last, as Keras has them: convert it with colours first (tf2onnx --inputs-as-nchw ${info.name.slice(0, 80)}).`
        : undefined,
    );
  for (const side of [height, width])
    if (side !== null && !(side >= 1 && side <= longestSide)) throw refuse(`has a side of ${side} pixels, of ${longestSide} at most`); // prettier-ignore
  return { type, batch, height, width };
}

function inferFor(
  file: OnnxFile,
  name: string,
  type: number,
  batch: number,
  size: { height: number; width: number },
) {
  const known = infer(
    file.graph,
    file.opset,
    new Map([[name, { type, shape: [batch, 3, size.height, size.width] }]]),
  );
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
    const flow = inferFor(file, info.name, elementType, batch, size);
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
      throw new SaccadeError('wrong-input-size', `The model does not take a photo of ${size.height} × ${size.width} pixels (${error.message}). Give the size it was exported for.`, { cause: error }); // prettier-ignore
    }
  }
  const fixedBatch = flow.batch === 1 ? 1 : null;
  const { attention, absent } = findAttention(flow, size);
  const reads = readsOf(flow, head.logits, attention);
  const special = attention?.special ?? 0;
  const first = attention?.firstPatch ?? 0;
  const isPatch = (token: number) => token >= first && token < first + (attention?.tokens ?? 0) - special;
  const readsPatches = [...reads.picked, ...reads.joined].some(isPatch);
  // A special token in a mean of the patches is one of many.
  const own = readsPatches ? reads.picked : [...reads.picked, ...reads.joined];
  const picked = [...own].filter((token) => !isPatch(token)).sort((a, b) => a - b)[0];
  const readsCls = special > 0 && (picked !== undefined || !readsPatches);
  const uneven =
    attention && (readsPatches || !readsCls) ? joinsUnevenly(flow, head.logits, attention) : null;
  return {
    flow,
    input: { name: info.name, type: declared.type },
    head,
    attention: uneven === null ? attention : null,
    pool: !readsCls ? 'mean' : readsPatches ? 'cls+mean' : 'cls',
    cls: picked ?? (first > 0 ? 0 : (attention?.tokens ?? 1) - special),
    absent: uneven ?? absent,
    fixedBatch,
  };
}

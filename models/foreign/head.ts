/** Which of a graph's values are the logits, and which vector of a photo the classifier reads. */
import { SaccadeError } from '../error.ts';
import { open } from '../formats/answers.ts';
import { OpenAnswers } from '../formats/open-answers.ts';
import { changing, type Ending, endingOf, farthest, keeping } from './ending.ts';
import { factorsOf, type Flow } from './flow.ts';
import { inputsOf, productsBefore } from './linear.ts';

export interface Head {
  /** The graph's output that was chosen. */
  output: string;
  /** The value that holds the answer: the output, or what a last Softmax or Sigmoid takes. */
  logits: string;
  /** What makes probabilities of it, as the graph shows; null: it shows nothing. */
  activation: Ending['activation'];
  /** The logits are divided by it first. */
  temperature: number;
  classes: number;
  /** [B, D] each: side by side, what the classifier reads. None where it can't be found. */
  features: string[];
}

/** [B, C], or with sides of one behind, as fully convolutional models answer. */
function classesOf(flow: Flow, value: string): number | null {
  const shape = flow.shape(value);
  if (!shape || shape.length < 2 || shape[0] !== flow.batch) return null;
  return shape.slice(2).every((side) => side === 1) ? shape[1]! : null;
}

/** Between a linear layer and the logits; two heads are averaged by Add and Mul or Div. */
const passing = new Set(['Add', 'Mul', 'Div', 'Cast', 'Identity', 'Reshape', 'Squeeze', 'Flatten', 'DequantizeLinear', 'QuantizeLinear']); // prettier-ignore
/** Between the classifier's input as numbers and as the quantised form it is multiplied in. */
const quantising = new Set(['DynamicQuantizeLinear', 'QuantizeLinear', 'DequantizeLinear', 'Cast', 'Reshape', 'Flatten', 'Identity']); // prettier-ignore

/** What a product's first factor was before it was quantised. */
function featureIn(flow: Flow, factor: string): string | null {
  const usable = [flow.before(factor, quantising), factor].find((name) => {
    const shape = flow.shape(name);
    return (
      shape?.length === 2 && shape[0] === flow.batch && flow.known(name).type !== 2 && !flow.isConstant(name)
    );
  });
  return usable ?? null;
}

function featuresOf(flow: Flow, logits: string): string[] {
  const inputs = inputsOf(productsBefore(flow, logits) ?? []).map((input) => featureIn(flow, input));
  const whole = inputs.every((input) => input !== null);
  if (inputs.length > 1 || (inputs.length && whole)) return whole ? inputs : [];
  for (const node of flow.upstream(logits, ({ opType }) => passing.has(opType), 16)) {
    const factors = factorsOf(node);
    const feature = factors && featureIn(flow, factors[0]);
    if (feature) return [feature];
  }
  return [];
}

/** What `value` is a multiple of, and how many times. */
function multipleOf(flow: Flow, value: string): { of: string; times: number } {
  let times = 1;
  for (;;) {
    value = flow.before(value, keeping);
    const node = flow.maker(value);
    if (node?.opType !== 'Mul' && node?.opType !== 'Div') break;
    const fixed = node.input.findIndex((name) => flow.known(name).values?.length === 1);
    if (fixed < 0 || (fixed === 0 && node.opType === 'Div')) break;
    const factor = flow.known(node.input[fixed]!).values![0]!;
    if (!(factor > 0)) break;
    times *= node.opType === 'Mul' ? factor : 1 / factor;
    value = node.input[1 - fixed]!;
  }
  return { of: value, times };
}

/** A graph's number is of 32 bits, or of 16. */
const digits = (number: number) => Number(number.toPrecision(6));

/**
 * Logits and probabilities that the graph makes of them beside each other: the logits are the answer, with what makes
 * the probabilities. Where more lies between than a factor, it is what they are made of.
 * @param others what outputs of as many classes end in
 * @throws SaccadeError `unsupported-output` where there are such of two kinds
 */
function beside(
  flow: Flow,
  chosen: Ending,
  others: readonly Ending[],
): Pick<Head, 'logits' | 'activation' | 'temperature'> {
  const alone = { logits: chosen.logits, activation: chosen.activation, temperature: 1 };
  if (chosen.activation !== null) return alone;
  const own = multipleOf(flow, chosen.logits);
  const comesFromIt = (value: string, past?: string) =>
    multipleOf(flow, value).of === own.of ||
    flow.upstream(value, ({ opType }) => changing.has(opType) || opType === past, farthest).some(({ output }) => output[0] === own.of); // prettier-ignore
  const made = others.flatMap(({ activation, from }) => (activation && from && comesFromIt(from) ? [{ activation, from }] : [])); // prettier-ignore
  const [first, ...more] = made;
  // Probabilities each for itself that are clamped, or changed otherwise: nothing says it better than they do.
  const changed = others.find(({ activation, logits }) => activation === 'none-each' && comesFromIt(logits, 'Sigmoid')); // prettier-ignore
  if (!first) return changed ? { logits: changed.logits, activation: 'none-each', temperature: 1 } : alone;
  if (more.some(({ activation }) => activation !== first.activation))
    throw new SaccadeError('unsupported-output', `The graph makes probabilities of its logits in two ways, ${made.map(({ activation }) => activation).join(' and ')}, and nothing says which is meant. Export it with one of them.`); // prettier-ignore
  const probable = multipleOf(flow, first.from);
  return probable.of === own.of
    ? { logits: chosen.logits, activation: first.activation, temperature: digits(own.times / probable.times) }
    : { logits: first.from, activation: first.activation, temperature: 1 };
}

/**
 * @param labels how many classes the labels name; null: not known
 * @throws SaccadeError `no-logits`, `wrong-labels`, `unsupported-output`
 */
export function findHead(flow: Flow, labels: number | null): Head {
  const outputs = flow.graph.output.map(({ name }) => name);
  const answers = outputs.flatMap((output) => {
    const classes = classesOf(flow, output);
    return classes === null ? [] : [{ output, classes }];
  });
  const fitting = answers.filter(({ classes }) => labels === null || classes === labels);
  const endings = new Map(fitting.map(({ output }) => [output, endingOf(flow, output)]));
  const whole = fitting.filter(({ output }) => endings.get(output)!.decides === null);
  // Logits and their own probabilities are one answer; of two heads nobody says which is meant.
  const roots = new Set(whole.map(({ output }) => multipleOf(flow, endings.get(output)!.logits).of));
  const chosen = fitting.find(({ output }) => output === 'logits') ?? (roots.size < 2 ? (whole[0] ?? fitting[0]) : undefined); // prettier-ignore
  const side = (output: string) => flow.shape(output)?.slice(1).join(', ') ?? '?';
  const seen = outputs.map((output) => `${output} [batch, ${side(output)}]`).join('; ').slice(0, 400) || 'none'; // prettier-ignore
  if (!chosen && labels !== null && answers.length && !fitting.length)
    throw new OpenAnswers('wrong-labels', `There are ${labels} labels, so an output of shape [batch, ${labels}] was expected; found ${seen}. Give the labels this model was trained with.`, open(['labels'], {}, { classes: answers.length === 1 ? answers[0]!.classes : null })); // prettier-ignore
  if (!chosen)
    throw new SaccadeError('no-logits', `Expected one output, or one called "logits", of shape [batch, classes]; found ${seen}. Export a model for image classification.`); // prettier-ignore
  const own = endings.get(chosen.output)!;
  if (own.decides !== null)
    throw new SaccadeError('unsupported-output', `The graph ends in ${own.decides}, which tells one class and not how probable each is. Probabilities between 0 and 1, or logits, were expected. Export the model without what follows its last layer.`); // prettier-ignore
  const alike = whole.filter(({ classes }) => classes === chosen.classes);
  const ending = beside(flow, own, alike.map(({ output }) => endings.get(output)!)); // prettier-ignore
  return { ...chosen, ...ending, features: featuresOf(flow, ending.logits) };
}

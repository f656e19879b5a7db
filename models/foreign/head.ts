/** Which of a graph's values are the logits, and which vector of a photo the classifier reads. */
import { SaccadeError } from '../error.ts';
import { open, OpenAnswers } from '../formats/answers.ts';
import { type Ending, endingOf, keeping } from './ending.ts';
import { factorsOf, type Flow } from './flow.ts';

export interface Head {
  /** The graph's output that was chosen. */
  output: string;
  /** The value that holds the answer: the output, or what a last Softmax or Sigmoid takes. */
  logits: string;
  /** What makes probabilities of it. */
  activation: Ending['activation'];
  classes: number;
  /** [B, D], what the classifier reads; null where it can't be found. */
  feature: string | null;
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

function featureOf(flow: Flow, logits: string): string | null {
  for (const node of flow.upstream(logits, ({ opType }) => passing.has(opType), 16)) {
    const factors = factorsOf(node);
    const feature = factors && featureIn(flow, factors[0]);
    if (feature) return feature;
  }
  return null;
}

/**
 * @param labels how many classes the labels name; null: not known
 * @throws SaccadeError `no-logits`, `wrong-labels`
 */
export function findHead(flow: Flow, labels: number | null): Head {
  const outputs = flow.graph.output.map(({ name }) => name);
  const answers = outputs.flatMap((output) => {
    const classes = classesOf(flow, output);
    return classes === null ? [] : [{ output, classes }];
  });
  const fitting = answers.filter(({ classes }) => labels === null || classes === labels);
  // Logits and their own probabilities are one answer; of two heads nobody says which is meant.
  const [same, ...others] = new Set(
    fitting.map(({ output }) => flow.before(endingOf(flow, output).logits, keeping)),
  );
  const chosen =
    fitting.find(({ output }) => output === 'logits') ?? (same !== undefined && !others.length ? fitting[0] : undefined); // prettier-ignore
  const side = (output: string) => flow.shape(output)?.slice(1).join(', ') ?? '?';
  const seen = outputs.map((output) => `${output} [batch, ${side(output)}]`).join('; ').slice(0, 400) || 'none'; // prettier-ignore
  if (!chosen && labels !== null && answers.length && !fitting.length)
    throw new OpenAnswers('wrong-labels', `There are ${labels} labels, so an output of shape [batch, ${labels}] was expected; found ${seen}. Give the labels this model was trained with.`, open(['labels'], {}, { classes: answers.length === 1 ? answers[0]!.classes : null })); // prettier-ignore
  if (!chosen)
    throw new SaccadeError('no-logits', `Expected one output, or one called "logits", of shape [batch, classes]; found ${seen}. Export a model for image classification.`); // prettier-ignore
  const ending = endingOf(flow, chosen.output);
  return { ...chosen, ...ending, feature: featureOf(flow, ending.logits) };
}

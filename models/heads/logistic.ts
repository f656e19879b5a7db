/**
 * Logistic regression with an L2 penalty on the weights, none on the biases: the objective of scikit-learn's
 * `LogisticRegression`, Σ loss + l2/2 · ‖W‖², where its C is 1 / l2.
 *
 * n examples, F numbers an example, C labels. Parameters are one vector: W [C, F], then bias [C].
 */
import { minimise, type Minimum, type Objective } from './lbfgs.ts';

export interface Problem {
  /** [n, F] */
  x: Float32Array;
  /** F */
  length: number;
  /** C */
  labels: number;
  /**
   * `one`: multinomial, the index of each example's label [n];
   * `any`: one against the rest, 1 where an example has a label [n, C].
   */
  target: { answers: 'one'; index: Int32Array } | { answers: 'any'; has: Uint8Array };
}

/** logits [C] of row `at` (a multiple of F) of x; four labels at a time, so that each number is read once for four. */
export function logitsOfRow(
  x: Float32Array,
  at: number,
  parameters: Float64Array,
  { length, labels }: Pick<Problem, 'length' | 'labels'>,
  logits: Float64Array,
): void {
  const biases = labels * length;
  let label = 0;
  for (; label + 3 < labels; label += 4) {
    const first = label * length;
    let a = parameters[biases + label]!;
    let b = parameters[biases + label + 1]!;
    let c = parameters[biases + label + 2]!;
    let d = parameters[biases + label + 3]!;
    for (let i = 0; i < length; i++) {
      const value = x[at + i]!;
      const weight = first + i;
      a += value * parameters[weight]!;
      b += value * parameters[weight + length]!;
      c += value * parameters[weight + 2 * length]!;
      d += value * parameters[weight + 3 * length]!;
    }
    logits[label] = a;
    logits[label + 1] = b;
    logits[label + 2] = c;
    logits[label + 3] = d;
  }
  for (; label < labels; label++) {
    let sum = parameters[biases + label]!;
    for (let i = 0; i < length; i++) sum += x[at + i]! * parameters[label * length + i]!;
    logits[label] = sum;
  }
}

/** Overwrites logits with the residuals p − y and answers with the loss of one example. */
function residuals(logits: Float64Array, target: Problem['target'], example: number): number {
  const { length } = logits;
  if (target.answers === 'one') {
    const right = target.index[example]!;
    let most = -Infinity;
    for (let c = 0; c < length; c++) most = Math.max(most, logits[c]!);
    const own = logits[right]!;
    let sum = 0;
    for (let c = 0; c < length; c++) sum += logits[c] = Math.exp(logits[c]! - most);
    for (let c = 0; c < length; c++) logits[c]! /= sum;
    logits[right]! -= 1;
    return most + Math.log(sum) - own;
  }
  let loss = 0;
  for (let c = 0; c < length; c++) {
    const z = logits[c]!;
    const y = target.has[example * length + c]!;
    const small = Math.exp(-Math.abs(z));
    loss += Math.log1p(small) + Math.max(z, 0) - y * z;
    logits[c] = (z >= 0 ? 1 : small) / (1 + small) - y;
  }
  return loss;
}

function objectiveOf(problem: Problem, l2: number): Objective {
  const { x, length, labels, target } = problem;
  const count = x.length / length;
  const weights = labels * length;
  const logits = new Float64Array(labels);
  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let example = 0; example < count; example++) {
      const at = example * length;
      logitsOfRow(x, at, parameters, problem, logits);
      loss += residuals(logits, target, example);
      for (let label = 0; label < labels; label++) {
        const residual = logits[label]!;
        gradient[weights + label]! += residual;
        const first = label * length;
        for (let i = 0; i < length; i++) gradient[first + i]! += residual * x[at + i]!;
      }
    }
    let squares = 0;
    for (let i = 0; i < weights; i++) {
      squares += parameters[i]! * parameters[i]!;
      gradient[i]! += l2 * parameters[i]!;
    }
    return loss + (l2 / 2) * squares;
  };
}

/**
 * @param start parameters to begin with, of an earlier fit of the same labels; default: zeros
 * @param tolerance largest entry of the gradient at the end, per example
 */
export function fitLogistic(
  problem: Problem,
  l2: number,
  { start, tolerance = 1e-6 }: { start?: Float64Array; tolerance?: number } = {},
): Minimum {
  const { x, length, labels } = problem;
  return minimise(objectiveOf(problem, l2), start ?? new Float64Array(labels * (length + 1)), {
    tolerance: tolerance * Math.max(1, x.length / length),
    mostIterations: 1000,
  });
}

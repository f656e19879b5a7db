/**
 * Limited-memory BFGS (Nocedal & Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5) with the bisection line
 * search for the weak Wolfe conditions (Lewis & Overton 2013), which a convex function always satisfies somewhere.
 */

/** The value at `x`; writes the gradient into `gradient`, of the same length. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Ends when no entry of the gradient is larger. */
  tolerance: number;
  mostIterations: number;
  /** Pairs of steps and gradient differences that are remembered. */
  memory?: number;
}

export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
  /** Whether the tolerance was reached. */
  converged: boolean;
}

const sufficientDecrease = 1e-4;
const curvature = 0.9;
const mostSteps = 40;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** to += factor · from */
const addTo = (to: Float64Array, factor: number, from: Float64Array): void => {
  for (let i = 0; i < to.length; i++) to[i]! += factor * from[i]!;
};

const largest = (values: Float64Array): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
};

interface Pair {
  step: Float64Array;
  change: Float64Array;
  /** 1 / (step · change) */
  rho: number;
}

/** −H · gradient by the two-loop recursion. */
function direction(gradient: Float64Array, pairs: Pair[]): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, rho } = pairs[i]!;
    alphas[i] = rho * dot(step, q);
    addTo(q, -alphas[i]!, change);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.change, last.change));
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
  }
  for (const [i, { step, change, rho }] of pairs.entries()) addTo(q, alphas[i]! - rho * dot(change, q), step);
  return q;
}

/** The minimum of a smooth convex function, from `start`, which is left as it is. */
export function minimise(objective: Objective, start: Float64Array, options: MinimiseOptions): Minimum {
  const { tolerance, mostIterations, memory = 10 } = options;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const pairs: Pair[] = [];
  for (let iterations = 0; ; iterations++) {
    const converged = largest(gradient) <= tolerance;
    if (converged || iterations === mostIterations) return { x, value, iterations, converged };
    const way = direction(gradient, pairs);
    const slope = dot(gradient, way);
    let length = pairs.length ? 1 : 1 / Math.max(1, Math.sqrt(-slope));
    let low = 0;
    let high = Infinity;
    const next = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let nextValue = value;
    for (let tries = 0; tries < mostSteps; tries++) {
      next.set(x);
      addTo(next, length, way);
      nextValue = objective(next, nextGradient);
      // Written so that NaN counts as too far.
      if (!(nextValue <= value + sufficientDecrease * length * slope)) high = length;
      else if (dot(nextGradient, way) < curvature * slope) low = length;
      else break;
      length = high === Infinity ? 2 * low : (low + high) / 2;
    }
    // Nothing lower can be told apart from `value` in 64 bits: this is the minimum to rounding.
    if (!(nextValue < value)) return { x, value, iterations, converged: largest(gradient) <= tolerance };
    const step = next.map((entry, i) => entry - x[i]!);
    const change = nextGradient.map((entry, i) => entry - gradient[i]!);
    const along = dot(step, change);
    if (along > 0) pairs.push({ step, change, rho: 1 / along });
    if (pairs.length > memory) pairs.shift();
    x = next;
    gradient = nextGradient;
    value = nextValue;
  }
}

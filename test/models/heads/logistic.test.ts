import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimise } from '../../../models/heads/lbfgs.ts';
import { fitLogistic } from '../../../models/heads/logistic.ts';
import { clouds } from './data.ts';

/**
 * scikit-learn 1.2.1 on the same numbers, by
 *   LogisticRegression(C=1/l2, tol=1e-10, max_iter=10000, solver='lbfgs', multi_class='multinomial').fit(x, y)
 * and one such for each label (y == c) summed; the loss is Σ log loss + l2/2 · Σ coef_².
 */
const reference = [
  { l2: 0.1, one: 253.55536, any: 469.80041, coefficients: [-0.7107, 0.4899, -0.6889], bias: 0.4347 },
  { l2: 1, one: 269.21428, any: 489.44698, coefficients: [-0.61, 0.3628, -0.5522], bias: 0.3615 },
  { l2: 30, one: 388.5389, any: 645.57153, coefficients: [-0.1984, 0.0675, -0.1686], bias: 0.1298 },
];
const [count, length, labels] = [300, 24, 5];

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);

test('the loss equals that of scikit-learn to six digits, multinomial and one against the rest', () => {
  const { x, index } = clouds(count, length, labels, 0.3);
  near(
    x.reduce((a, b) => a + b, 0),
    22.655366,
    1e-5,
  ); // the same numbers as there
  const has = new Uint8Array(count * labels);
  for (const [i, label] of index.entries()) has[i * labels + label] = 1;
  for (const { l2, one, any, coefficients, bias } of reference) {
    const multinomial = fitLogistic({ x, length, labels, target: { answers: 'one', index } }, l2);
    near(multinomial.value / one, 1, 5e-7);
    for (const [i, value] of coefficients.entries()) near(multinomial.x[i]!, value, 5e-4);
    near(multinomial.x.at(-1)!, bias, 5e-4);
    const apart = fitLogistic({ x, length, labels, target: { answers: 'any', has } }, l2);
    near(apart.value / any, 1, 5e-7);
  }
});

test('starting from the solution ends there at once', () => {
  const { x, index } = clouds(count, length, labels, 0.3);
  const problem = { x, length, labels, target: { answers: 'one' as const, index } };
  const first = fitLogistic(problem, 1, { tolerance: 1e-4 });
  const again = fitLogistic(problem, 1, { tolerance: 1e-4, start: first.x });
  assert.ok(first.iterations > 5);
  assert.equal(again.iterations, 0);
});

test('a long narrow valley is walked to its end', () => {
  // Convex quadratic with curvatures from 1 to 1000.
  const curvatures = Float64Array.from({ length: 30 }, (_, i) => 10 ** ((3 * i) / 29));
  const { x, converged } = minimise(
    (at, gradient) => {
      let value = 0;
      for (const [i, c] of curvatures.entries()) {
        gradient[i] = c * (at[i]! - i);
        value += (c * (at[i]! - i) ** 2) / 2;
      }
      return value;
    },
    new Float64Array(30),
    { tolerance: 1e-6, mostIterations: 500 },
  );
  assert.ok(converged);
  for (const [i, value] of x.entries()) near(value, i, 1e-6);
});

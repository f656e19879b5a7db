import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget } from '../../../main/schedule/budget.ts';

test('a budget is never exceeded, is kept in order, and what wants more than there is gets all', async () => {
  const budget = new Budget(10);
  const order: number[] = [];
  let used = 0;
  let most = 0;
  const take = (amount: number) =>
    budget.with(amount, async () => {
      order.push(amount);
      used += Math.min(amount, 10);
      most = Math.max(most, used);
      await new Promise((resolve) => setImmediate(resolve));
      used -= Math.min(amount, 10);
      if (amount === 3) throw new Error('three');
    });
  const results = await Promise.allSettled([6, 3, 99, 1, 2].map(take));
  assert.deepEqual(order, [6, 3, 99, 1, 2]);
  assert.equal(most, 10);
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 1);
});

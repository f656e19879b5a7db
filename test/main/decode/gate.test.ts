import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../../../main/decode/gate.ts';

test('a gate lets so many in at once, urgent ones first, and goes on after a failure', async () => {
  const gate = new Gate(2);
  const order: string[] = [];
  let inside = 0;
  const enter = (name: string, urgent = false) =>
    gate.through(async () => {
      order.push(name);
      assert.ok(++inside <= 2);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      if (name === 'second') throw new Error(name);
    }, urgent);
  const results = await Promise.allSettled([
    enter('first'),
    enter('second'),
    enter('third'),
    enter('fourth'),
    enter('urgent', true),
  ]);
  assert.deepEqual(order, ['first', 'second', 'urgent', 'third', 'fourth']);
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 1);
  await enter('later');
  assert.equal(inside, 0);
});

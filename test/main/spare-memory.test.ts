/** Memory that is used again is never lent twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpareMemory } from '../../main/spare-memory.ts';

test('what is given back is lent again, to one at a time, and no more of it is kept than was said', () => {
  let made = 0;
  const spare = new SpareMemory((bytes) => {
    made++;
    return Buffer.alloc(bytes);
  }, 2);
  const [first, second, third] = [spare.borrow(10), spare.borrow(10), spare.borrow(20)];
  assert.notEqual(first, second);
  for (const each of [first, second, third]) spare.giveBack(each);
  assert.equal(made, 3);
  assert.equal(spare.borrow(20), third);
  assert.equal(spare.borrow(10), second, 'the first one was let go');
  assert.notEqual(spare.borrow(10), first);
  assert.equal(made, 4);
});

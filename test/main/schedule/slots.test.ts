import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Slots } from '../../../main/schedule/slots.ts';

test('slots let so many in at once, urgent ones first, and go on after a failure', async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  let inside = 0;
  const enter = (name: string, urgent = false) =>
    slots.run(
      async () => {
        order.push(name);
        assert.ok(++inside <= 2);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        if (name === 'second') throw new Error(name);
      },
      { urgent },
    );
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

test('the newest first, without what nobody waits for any more', async () => {
  const slots = new Slots(1, { newestFirst: true });
  const order: string[] = [];
  const gone = AbortSignal.abort(new Error('gone'));
  const results = await Promise.allSettled(
    ['first', 'second', 'aborted', 'last'].map((name) =>
      slots.run(async () => void order.push(name), { signal: name === 'aborted' ? gone : undefined }),
    ),
  );
  assert.deepEqual(order, ['first', 'last', 'second']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

test('blocking work lets what is asked meanwhile in before the next is chosen', async () => {
  const slots = new Slots(1, { blocking: true });
  const order: string[] = [];
  const first = slots.run(async () => {
    order.push('first');
    setImmediate(() => void slots.run(async () => void order.push('urgent'), { urgent: true }));
  });
  await Promise.all([first, slots.run(async () => void order.push('second'))]);
  assert.deepEqual(order, ['first', 'urgent', 'second']);
});

test('what is urgent finds a place where there is one to spare, and what waits gets none of it', async () => {
  const slots = new Slots(1, { spare: 1 });
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (name: string, urgent = false) =>
    slots.run(
      () => {
        order.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      },
      { urgent },
    );
  const all = [enter('first'), enter('second'), enter('urgent', true), enter('urgent too', true)];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  assert.deepEqual(order, ['first', 'urgent']);
  ends[1]!();
  await turn();
  assert.deepEqual(order, ['first', 'urgent', 'urgent too']);
  ends[2]!();
  await turn();
  assert.equal(order.length, 3, 'the place to spare is for what is urgent');
  ends[0]!();
  await turn();
  assert.deepEqual(order, ['first', 'urgent', 'urgent too', 'second']);
  ends[3]!();
  await Promise.all(all);
});

test('a person who waits is known of from the question on, and a moment longer', async () => {
  const slots = new Slots(1);
  assert.equal(slots.pressed, false);
  const asked = slots.urgently(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return slots.pressed;
  });
  assert.equal(slots.pressed, true);
  assert.equal(await asked, true);
  assert.equal(slots.pressed, true);
});

test('what can be done later waits as long as a person does, and a moment more', async () => {
  const slots = new Slots(1);
  await slots.calm(() => false); // nobody waits
  let answer!: () => void;
  const asked = slots.urgently(() => new Promise<void>((resolve) => (answer = resolve)));
  const done: string[] = [];
  const later = slots.calm(() => false).then(() => done.push('later'));
  let ended = false;
  const given = slots.calm(() => ended).then(() => done.push('given up'));
  await sleep(150);
  assert.equal(done.length, 0);
  ended = true;
  await given;
  answer();
  await asked;
  done.push('answered');
  await later;
  assert.deepEqual(done, ['given up', 'answered', 'later']);
});

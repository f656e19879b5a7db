import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, caller } from '../../../main/rpc/calls.ts';
import type { CallContext } from '../../../main/rpc/calls.ts';
import { SaccadeError } from '../../../models/error.ts';
import { portPair } from './pair.ts';

interface Verbs {
  double(request: Float32Array): Float32Array;
  fail(request: null): never;
  wait(request: null): string;
  urgent(request: null): boolean;
  function(request: null): unknown;
  missing(request: null): null;
}

function connected() {
  const [near, far, shut] = portPair();
  const aborted: string[] = [];
  const { emit } = answer(far, {
    double: (values: Float32Array) => values.map((value) => value * 2),
    fail() {
      throw new SaccadeError('no-such-thing', 'Expected a thing, found none.');
    },
    async wait(_: null, { signal }: CallContext) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push('wait');
    },
    urgent: (_: null, context: CallContext) => context.urgent,
    function: () => () => {},
  });
  return { calls: caller<Verbs>(near), emit, shut, aborted };
}

test('an answer comes back with its typed array', async () => {
  const { calls } = connected();
  assert.deepEqual(await calls.call('double', new Float32Array([1, 2.5])), new Float32Array([2, 5]));
});

test('a failure of the other side is thrown here with its code and sentence', async () => {
  const { calls } = connected();
  await assert.rejects(calls.call('fail', null), {
    name: 'SaccadeError',
    code: 'no-such-thing',
    message: 'Expected a thing, found none.',
  });
});

test('an unknown verb and an answer that cannot be cloned are failures, not silence', async () => {
  const { calls } = connected();
  await assert.rejects(calls.call('missing', null), { code: 'unknown-verb' });
  await assert.rejects(calls.call('function', null), { message: /could not be cloned/ });
});

test('a call that takes too long is given up and aborted on the other side', async () => {
  const { calls, aborted } = connected();
  await assert.rejects(calls.call('wait', null, { timeoutMs: 5 }), { code: 'timed-out' });
  await calls.call('urgent', null); // comes behind it
  assert.deepEqual(aborted, ['wait']);
});

test('a cancelled call ends at once and is aborted on the other side', async () => {
  const { calls, aborted } = connected();
  const controller = new AbortController();
  const call = calls.call('wait', null, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { code: 'cancelled' });
  await assert.rejects(calls.call('wait', null, { signal: controller.signal }), { code: 'cancelled' });
  await calls.call('urgent', null); // comes behind it
  assert.deepEqual(aborted, ['wait']);
});

test('when the other side ends, calls in flight and calls after it fail with process-ended', async () => {
  const { calls, shut, aborted } = connected();
  const call = calls.call('wait', null);
  setImmediate(() => setImmediate(() => shut('was ended by SIGKILL')));
  await assert.rejects(call, { code: 'process-ended', message: /SIGKILL/ });
  await assert.rejects(calls.call('double', new Float32Array(1)), { code: 'process-ended' });
  assert.equal(await calls.closed, 'was ended by SIGKILL');
  assert.deepEqual(aborted, ['wait']);
});

test('events reach listeners until they stop listening, and urgency reaches the handler', async () => {
  const { calls, emit } = connected();
  const heard: unknown[] = [];
  const stop = calls.onEvent((name, payload) => heard.push([name, payload]));
  // An answer comes behind whatever was sent before it.
  emit('tick', 1);
  assert.equal(await calls.call('urgent', null, { urgent: true }), true);
  stop();
  emit('tick', 2);
  assert.equal(await calls.call('urgent', null), false);
  assert.deepEqual(heard, [['tick', 1]]);
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { answer } from '../../../main/rpc/calls.ts';
import { startThread } from '../../../main/rpc/thread.ts';

export interface Tried {
  hand(bytes: number): Uint8Array;
  left(request: null): number;
  back(question: string): string;
  write(memory: SharedArrayBuffer): null;
  fail(request: null): null;
}
export interface Asked {
  question(question: string): string;
}

const here = new URL('./fixtures/leaves.ts', import.meta.url);

function started(t: TestContext) {
  const thread = startThread<Tried>(here.href, 'try-worker');
  t.after(async () => {
    thread.close();
    await thread.gone;
  });
  return thread;
}

test('memory of an answer is handed over, not copied', async (t) => {
  const thread = started(t);
  assert.deepEqual(await thread.call('hand', 3), new Uint8Array([7, 7, 7]));
  assert.equal(await thread.call('left', null), 0);
});

test('a thread asks back over the same port', async (t) => {
  const thread = started(t);
  answer(thread.port, { question: (question: string) => `${question} indeed` });
  assert.equal(await thread.call('back', 'why'), 'why indeed');
});

test('a cancelled call that outlasts rejects only when nobody writes any more', async (t) => {
  const thread = started(t);
  const memory = new Int32Array(new SharedArrayBuffer(4));
  for (const outlast of [true, false]) {
    memory[0] = 0;
    const controller = new AbortController();
    const { signal } = controller;
    const call = thread.call('write', memory.buffer, { signal, outlast });
    await Atomics.waitAsync(memory, 0, 0).value;
    controller.abort();
    await assert.rejects(call, { code: 'cancelled' });
    assert.equal(Atomics.load(memory, 0), outlast ? 2 : 1);
  }
});

test('a thread that fails fails what is asked of it, then and later', async () => {
  const thread = startThread<Tried>(here.href, 'try-worker');
  const expected = { code: 'process-ended', message: /The thread that should answer failed: a defect/ };
  await assert.rejects(thread.call('fail', null), expected);
  await assert.rejects(thread.call('left', null), expected);
  await thread.gone;
});

test('a process does not wait for a thread that is idle', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(here)]);
  assert.equal(stdout, '3');
});

import './electron-stand-in/register.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunStatus } from '../../../main/contract/entities/run.ts';

const { noticeOf, taskbar } = await import('../../../main/shell/progress.ts');
const { setLanguage } = await import('../../../main/shell/words.ts');

const run: RunStatus = {
  id: 1,
  state: 'running',
  model: 'starter',
  placement: null,
  total: 200,
  done: 50,
  known: 0,
  failed: 2,
  photosPerSecond: null,
  secondsLeft: null,
  startedMs: 1000,
  bottleneck: null,
  error: null,
};

test('the taskbar shows how far a run is, that it waits, and nothing once it is over', () => {
  assert.deepEqual(taskbar(run), { progress: 0.25, mode: 'normal' });
  assert.deepEqual(taskbar({ ...run, total: 0, done: 0, state: 'preparing' }), {
    progress: 0,
    mode: 'normal',
  });
  assert.deepEqual(taskbar({ ...run, state: 'paused' }), { progress: 0.25, mode: 'paused' });
  for (const state of ['finished', 'cancelled', 'stopped'] as const)
    assert.deepEqual(taskbar({ ...run, state }), { progress: -1, mode: 'none' });
});

test('only the end of a long run that nobody watches is worth a notification', () => {
  const hour = 3_600_000;
  const finished: RunStatus = { ...run, state: 'finished', done: 1200, total: 1200 };
  setLanguage('en');
  assert.deepEqual(noticeOf(finished, hour, false), {
    title: 'Photos classified',
    body: '1,198 photos, 2 failed',
  });
  const error = { code: 'crashed', message: 'Three crashes.' };
  assert.equal(noticeOf({ ...run, state: 'stopped', error }, hour, false)?.body, 'Three crashes.');
  assert.equal(noticeOf(finished, hour, true), null, 'watched');
  assert.equal(noticeOf(finished, 2000, false), null, 'short');
  assert.equal(noticeOf({ ...finished, state: 'cancelled' }, hour, false), null);
  assert.equal(noticeOf(run, hour, false), null, 'still running');
  setLanguage('zh-CN');
  assert.equal(noticeOf(finished, hour, false)?.title, '照片分类完成');
});

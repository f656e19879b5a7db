import assert from 'node:assert/strict';
import test from 'node:test';
import { classifyPaths } from '../../../main/cli/job.ts';
import type { ClassifiedPath, JobProgress } from '../../../main/contract/entities/path-job.ts';
import type { Library } from '../../../main/rpc/library.ts';

const progress: JobProgress = {
  state: 'running',
  total: 5,
  scanned: true,
  done: 0,
  known: 0,
  failed: 0,
  photosPerSecond: null,
  secondsLeft: null,
  placement: null,
  bottleneck: null,
  error: null,
  leftOut: [],
};
const items: ClassifiedPath[] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
  path: `/${name}.jpg`,
  status: 'error',
  error: { code: 'empty-file', message: 'It is empty.' },
}));
const ended = { ok: false as const, error: { code: 'process-ended', message: 'It ended.' } };

/** Hands out two items a question; the first `crashes` jobs end after their first answer. */
function library(crashes: number, last: Partial<JobProgress> = {}) {
  const asked: { verb: string; request: Record<string, unknown> }[] = [];
  let job = 0;
  let at = 0;
  const ask = async (verb: string, request: Record<string, unknown>) => {
    asked.push({ verb, request });
    if (verb === 'internal.classify') {
      at = 0;
      return { ok: true, value: { jobId: ++job, model: 'starter' } };
    }
    if (verb !== 'internal.results') return { ok: true, value: null };
    if (at > 0 && job <= crashes) return ended;
    const page = items.slice(at, (at += 2));
    const next = at < items.length;
    return {
      ok: true,
      value: { items: page, next, progress: next ? progress : { ...progress, state: 'finished', ...last } },
    };
  };
  return { asked, library: { ask } as unknown as Library };
}

const options = { paths: ['x'], recursive: true, topK: 1, map: null, retryFailed: true };

async function run(from: ReturnType<typeof library>, signal = new AbortController().signal) {
  const seen: string[] = [];
  const end = await classifyPaths(
    from.library,
    options,
    signal,
    (file) => file,
    async ({ path }) => void seen.push(path),
    () => {},
  );
  return { seen, end };
}

test('after a crash of the library every photo still comes once, in order, and failures are retried once', async () => {
  const from = library(2);
  const { seen, end } = await run(from);
  assert.deepEqual(seen, ['/a.jpg', '/b.jpg', '/c.jpg', '/d.jpg', '/e.jpg']);
  assert.equal(end?.state, 'finished');
  const started = from.asked.filter(({ verb }) => verb === 'internal.classify');
  assert.deepEqual(
    started.map(({ request }) => request['retryFailed']),
    [true, false, false],
  );
});

test('a library that ends before the job began, or between two questions, is asked again', async () => {
  for (const [verb, code] of [
    ['internal.classify', 'process-ended'],
    ['internal.results', 'no-job'],
  ]) {
    const from = library(0);
    let failures = 2;
    const ask = async (asked: string, request: Record<string, unknown>) => {
      if (asked === verb && failures-- > 0) return { ok: false, error: { code, message: 'It ended.' } };
      return (from.library.ask as (asked: string, request: unknown) => Promise<unknown>)(asked, request);
    };
    const { seen } = await run({ ...from, library: { ask } as unknown as Library });
    assert.deepEqual(seen, ['/a.jpg', '/b.jpg', '/c.jpg', '/d.jpg', '/e.jpg'], verb);
  }
});

test('a library that keeps ending is given up with its reason', async () => {
  await assert.rejects(run(library(100)), { code: 'process-ended' });
});

test('what stopped the job is thrown', async () => {
  const error = { code: 'provider-failed', message: 'The driver is gone.' };
  await assert.rejects(run(library(0, { state: 'stopped', error })), { code: 'provider-failed' });
});

test('an interruption stops the job and is no error', async () => {
  const from = library(0, { state: 'stopped', error: { code: 'cancelled', message: '' } });
  const { seen } = await run(from, AbortSignal.abort());
  assert.equal(seen.length, 5, 'what was done by then is handed out');
  assert.ok(from.asked.some(({ verb }) => verb === 'internal.stop'));
});

test('a signal that reached the library first is an interruption, not a failure', async () => {
  for (const code of ['not-open', 'process-ended', 'closed', 'no-job'])
    for (const first of ['internal.classify', 'internal.results']) {
      const interrupted = new AbortController();
      const asked: string[] = [];
      const ask = async (verb: string) => {
        asked.push(verb);
        if (verb !== first) return { ok: true, value: { jobId: 1 } };
        interrupted.abort();
        return { ok: false, error: { code, message: '' } };
      };
      const from = { asked: [], library: { ask } as unknown as Library };
      assert.deepEqual(await run(from, interrupted.signal), { seen: [], end: null });
      assert.equal(asked.filter((verb) => verb === 'internal.classify').length, 1, 'it is not started again');
    }
});

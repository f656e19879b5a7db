/** What the sheet "Export and share" shows, whatever comes first: events, or the answer that it began. */
import { expect, test } from 'vitest';
import type { WritingStatus } from '../../main/contract/entities/writing.ts';
import type { Request } from '../../main/contract/verbs.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { Sharing } from '../../renderer/sharing/sharing.svelte.ts';

const status = (
  state: WritingStatus['state'],
  dryRun: boolean,
  asker: string | null = null,
): WritingStatus => ({
  ...{ kind: 'keywords', asker, dryRun, state, done: 1, total: 1, changed: 1, failed: 0 },
  ...{ items: [], canUndo: false, error: null },
});
const selection = { ids: [1] };

function opened(dryRun: boolean, before: readonly WritingStatus['state'][]) {
  const ended: [WritingStatus['state'], own: boolean][] = [];
  let asker = '';
  const told = (state: WritingStatus['state'], dry = dryRun) => sharing.progressed(status(state, dry, asker));
  const bridge = {
    ask: (_: string, request: Request<'writing.start'>) => {
      asker = request.asker!;
      for (const state of before) told(state);
      return Promise.resolve({ ok: true, value: status('running', dryRun, asker) });
    },
  } as unknown as Bridge;
  const sharing: Sharing = new Sharing(bridge, () => {}, ({ state }, own) => ended.push([state, own])); // prettier-ignore
  sharing.kind = 'keywords';
  return { sharing, ended, told };
}

test('an answer that comes after the end does not bring the beginning back', async () => {
  const tried = opened(true, ['running', 'finished']);
  await tried.sharing.try(selection);
  expect(tried.sharing.preview?.state).toBe('finished');
  const went = opened(false, ['running', 'finished']);
  await went.sharing.go(selection);
  expect([went.sharing.running, went.ended]).toEqual([false, [['finished', true]]]);
});

test('an answer that comes first is shown', async () => {
  const { sharing, ended, told } = opened(false, []);
  await sharing.go(selection);
  expect(sharing.running).toBe(true);
  told('finished');
  expect([sharing.running, ended]).toEqual([false, [['finished', true]]]);
});

test('what another window tries is not shown as tried here, and what it writes is told as its own', async () => {
  const { sharing, ended, told } = opened(true, []);
  await sharing.try(selection);
  sharing.progressed({ ...status('finished', true, 'another'), changed: 7 });
  expect([sharing.preview?.state, sharing.preview?.changed]).toEqual(['running', 1]);
  told('finished');
  expect(sharing.preview?.state).toBe('finished');
  for (const state of ['running', 'finished'] as const) sharing.progressed(status(state, false, 'another'));
  expect(ended).toEqual([['finished', false]]);
  // What is short has ended before anything else is told of it.
  sharing.progressed(status('finished', false, 'another'));
  expect(ended).toHaveLength(2);
});

test('what another window writes is not shown as written here, and what this one began is its own once it is loaded again', async () => {
  const { sharing, told } = opened(false, []);
  sharing.progressed(status('running', false, 'another'));
  expect([sharing.running, sharing.elsewhere]).toEqual([true, true]);
  sharing.progressed(status('finished', false, 'another'));
  await sharing.go(selection);
  told('running');
  expect([sharing.running, sharing.elsewhere]).toEqual([true, false]);
  const loadedAgain = opened(false, []).sharing;
  loadedAgain.progressed(sharing.going!);
  expect([loadedAgain.running, loadedAgain.elsewhere]).toEqual([true, false]);
});

test('what the command line can choose of tables and data sets, the sheet can', () => {
  const { sharing } = opened(true, []);
  sharing.options.folder = '/out';
  const target = (kind: typeof sharing.kind) => {
    sharing.kind = kind;
    const { task } = sharing;
    return task?.kind === 'export' ? { ...task.target, ends: task.path.replace(/^.*\d-/, '') } : null;
  };
  expect(target('parquet')).toEqual({ format: 'parquet', layout: 'file', ends: expect.stringMatching(/\.parquet$/) }); // prettier-ignore
  sharing.options.with = ['maps'];
  sharing.options.partition = 'year';
  expect(target('parquet')).toEqual({ format: 'parquet', layout: 'folder', with: ['maps'], partitionBy: 'year', ends: 'parquet' }); // prettier-ignore
  sharing.options.whose = 'person';
  sharing.options.place = 'symlink';
  expect(target('coco')).toEqual({ format: 'coco', labels: 'person', ends: 'coco.json' });
  expect(target('imagefolder')).toEqual({ format: 'imagefolder', labels: 'person', place: 'symlink', ends: 'imagefolder' }); // prettier-ignore
});

test('a threshold that is no percentage is said to be none, and nothing is written by another one', () => {
  const { sharing } = opened(true, []);
  const given = (threshold: string) => {
    sharing.options.threshold = threshold;
    const { task } = sharing;
    return sharing.ready ? task?.kind === 'keywords' && task.labels.minProbability : null;
  };
  expect([given(''), given('70'), given(' 70 % '), given('12,5')]).toEqual([undefined, 0.7, 0.7, 0.125]);
  expect([given('seventy'), given('170'), given('-1'), given('1e')]).toEqual([null, null, null, null]);
  // Where no threshold is asked for, what was typed before does no harm.
  sharing.options.by = 'person';
  expect(sharing.ready).toBe(true);
  sharing.options.by = 'any';
  sharing.kind = 'csv';
  expect(sharing.ready).toBe(true);
});

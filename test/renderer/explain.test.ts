import { beforeEach, expect, test, vi } from 'vitest';
import { openInspector } from './open-inspector.ts';

beforeEach(() => localStorage.clear());

test('another class is explained with a map of its own, and the next photo starts with its own class', async () => {
  const { host, inspector } = await openInspector();
  const first = inspector.inspection!.contribution!.classIndex;
  const before = inspector.overlay.map!.values;
  const other = inspector.inspection!.predictions[1]!.index;
  await inspector.explain(other);
  expect(other).not.toBe(first);
  expect(inspector.inspection!.contribution!.classIndex).toBe(other);
  expect(inspector.overlay.map!.values).not.toEqual(before);
  await inspector.open(1);
  const asked = host.asked.filter(({ verb }) => verb === 'inspect.photo').map(({ request }) => request);
  expect(asked.map((request) => (request as { classIndex: number | null }).classIndex)).toEqual([
    null,
    other,
    null,
  ]);
});

test('a label of another set is explained, tried and measured by that set, until the next photo', async () => {
  const { host, inspector } = await openInspector();
  await inspector.explainOf(7, 1);
  inspector.trial.drawTo({ row: 0, column: 0 });
  inspector.trial.endStroke();
  await vi.waitFor(() => expect(inspector.trial.stale).toBe(false));
  inspector.measuringMap.wanted = 16;
  await inspector.measuringMap.start();
  await inspector.curves.measure(4);
  await inspector.trial.keepSmallest();
  const headsAsked = (verb: string) =>
    host.asked.filter((one) => one.verb === verb).map(({ request }) => (request as { headId?: number | null }).headId); // prettier-ignore
  for (const verb of ['inspect.ablate', 'inspect.measureMap', 'inspect.faithfulness', 'inspect.smallestPart'])
    expect([verb, new Set(headsAsked(verb))]).toEqual([verb, new Set([7])]);
  // What another set's label measured is not this one's, though the index be the same.
  await inspector.explainOf(null, 1);
  expect(inspector.measuringMap.passes).toBe(0);
  await inspector.explainOf(undefined, null);
  await inspector.explainOf(7, 1);
  await inspector.open(1);
  expect(headsAsked('inspect.photo')).toEqual([undefined, 7, null, undefined, 7, undefined]);
});

test('of two classes asked for quickly the later one is shown', async () => {
  const { inspector } = await openInspector();
  const [, second, third] = inspector.inspection!.predictions.map(({ index }) => index);
  await Promise.all([inspector.explain(second!), inspector.explain(third!)]);
  expect(inspector.inspection!.contribution!.classIndex).toBe(third);
  expect(inspector.busy).toBe(false);
});

test('faithfulness is measured for every kind of map and at random, and forgotten with the photo', async () => {
  const { host, inspector } = await openInspector();
  const measuring = inspector.curves.measure(8);
  expect(inspector.curves.running).toBe(true);
  await measuring;
  expect(inspector.curves.running).toBe(false);
  expect(inspector.curves.measured?.curves.map(({ method }) => method)).toEqual([
    ...inspector.overlay.methods,
    'random',
  ]);
  expect(inspector.curves.measured?.curves[0]?.deletion).toHaveLength(9);
  await inspector.open(1);
  expect(inspector.curves.measured).toBeNull();
  const late = inspector.curves.measure(8);
  await inspector.open(2);
  await late;
  expect([inspector.curves.measured, inspector.curves.running]).toEqual([null, false]);
  expect(host.asked.filter(({ verb }) => verb === 'inspect.faithfulness')).toHaveLength(2);
});

test('faithfulness of a class that is no longer explained is not shown for the one that is', async () => {
  const { inspector } = await openInspector();
  const late = inspector.curves.measure(8);
  await Promise.all([inspector.explain(inspector.inspection!.predictions[1]!.index), late]);
  expect([inspector.curves.measured, inspector.curves.running]).toEqual([null, false]);
});

test('a measurement that fails says so, and another try clears it', async () => {
  const { host, inspector } = await openInspector();
  host.failing.set('inspect.faithfulness', { code: 'process-ended', message: 'killed' });
  await inspector.curves.measure(8);
  expect(inspector.curves.failure?.code).toBe('process-ended');
  host.failing.clear();
  await inspector.curves.measure(8);
  expect([inspector.curves.failure, inspector.curves.measured !== null]).toEqual([null, true]);
});

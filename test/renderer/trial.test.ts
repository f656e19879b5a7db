import { beforeEach, expect, test, vi } from 'vitest';
import { between, brushed, outlineOf, strongest } from '../../renderer/inspector/brush.ts';
import { agreement } from '../../renderer/inspector/map-choice.ts';
import { commandOf } from '../../renderer/state/keys.ts';
import { openInspector } from './open-inspector.ts';

beforeEach(() => localStorage.clear());

async function opened(delay = 0) {
  const { host, inspector } = await openInspector({ delay });
  const asked = () => host.asked.filter(({ verb }) => verb === 'inspect.ablate');
  return { inspector, trial: inspector.trial, asked };
}

test('while one draws only the latest question is asked next, and no old answer looks new', async () => {
  const { trial, asked } = await opened();
  for (let column = 0; column < 10; column++) trial.drawTo({ row: 4, column });
  trial.endStroke();
  expect(trial.without.size).toBe(10);
  expect(trial.stale).toBe(true);
  await vi.waitFor(() => expect(trial.stale).toBe(false));
  expect(asked().length).toBeLessThan(4);
  expect((asked().at(-1)!.request as { without: number[] }).without).toHaveLength(10);
  expect(trial.answer!.predictions[0]!.probability).toBeCloseTo(0.9 * (1 - 10 / 196));
  trial.undo();
  expect([trial.without.size, trial.active, trial.answer]).toEqual([0, false, null]);
  trial.redo();
  expect(trial.without.size).toBe(10);
});

test('acts can each be undone: strongest, invert, all back, smallest part', async () => {
  const { trial, inspector } = await opened();
  trial.eraseStrongest();
  const evidence = inspector.overlay.map!.values;
  const weakest = Math.min(...[...trial.without].map((patch) => evidence[patch]!));
  const left = [...evidence.keys()].filter((patch) => !trial.without.has(patch));
  expect(Math.max(...left.map((patch) => evidence[patch]!))).toBeLessThanOrEqual(weakest);
  trial.invert();
  expect(trial.without.size).toBe(186);
  trial.clear();
  expect(trial.active).toBe(false);
  await trial.keepSmallest();
  expect([trial.without.size, trial.smallest?.kept]).toEqual([194, [3, 50]]);
  for (const size of [0, 186, 10, 0]) {
    trial.undo();
    expect(trial.without.size).toBe(size);
  }
  expect(trial.canUndo).toBe(false);
});

test('only what is brushed is kept: the first stroke takes all else away, and Alt erases', async () => {
  const { trial } = await opened();
  trial.brush = 'only';
  trial.drawTo({ row: 2, column: 3 });
  trial.drawTo({ row: 2, column: 5 });
  trial.endStroke();
  expect(trial.without.size).toBe(196 - 3);
  trial.drawTo({ row: 3, column: 3 });
  trial.endStroke();
  expect(trial.without.size).toBe(196 - 4);
  trial.drawTo({ row: 2, column: 3 }, true);
  trial.endStroke();
  expect(trial.without.size).toBe(196 - 3);
  trial.undo();
  trial.undo();
  trial.undo();
  expect(trial.active).toBe(false);
  trial.toggle({ row: 0, column: 0 });
  expect([trial.without.size, trial.without.has(0)]).toEqual([195, false]);
  trial.toggle({ row: 0, column: 1 });
  expect(trial.without.size).toBe(194);
});

test('the next photo begins whole, and what was asked of the one before is not shown of it', async () => {
  const { trial, inspector } = await opened();
  trial.toggleHeads(2, [0, 1]);
  trial.toggle({ row: 0, column: 0 });
  expect([trial.headsOff.size, trial.without.size]).toEqual([2, 1]);
  await inspector.open(1);
  expect([trial.active, trial.answer, trial.canUndo]).toEqual([false, null, false]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(trial.answer).toBeNull();
});

test('a measured map is drawn as it grows, stopped and gone on with, and says how quick maps agree', async () => {
  const { inspector } = await opened(10);
  const { measuringMap } = inspector;
  measuringMap.wanted = 192;
  const measuring = measuringMap.start();
  await vi.waitFor(() => expect(measuringMap.map).not.toBeNull());
  measuringMap.stop();
  await measuring;
  const stopped = measuringMap.passes;
  expect(stopped).toBeLessThan(192);
  await measuringMap.start();
  expect(measuringMap.passes).toBe(192);
  inspector.overlay.draw({ method: 'measured' });
  const { values, signed } = inspector.overlay.map!;
  expect(signed).toBe(true);
  expect(values.indexOf(Math.max(...values))).toBe(7);
  expect(values[7]).toBeCloseTo(1);
  expect(measuringMap.error).toBeGreaterThan(0);
  expect(
    agreement(inspector.inspection!, inspector.overlay.measured!.values).map(({ method }) => method),
  ).toEqual(['class', 'cls', 'rollout']);
  expect(inspector.overlay.methods).toEqual(['class', 'cls', 'rollout', 'measured', 'thorough']);
  await inspector.explain(inspector.inspection!.predictions[1]!.index);
  expect(inspector.overlay.methods).not.toContain('measured');
});

test('a patch is asked where it looks, by pointer or by arrows, and [CLS] comes back', async () => {
  const { inspector } = await opened();
  inspector.tools.take('patch');
  await vi.waitFor(() => expect(inspector.looking.attended).not.toBeNull());
  expect(inspector.overlay.method).toBe('cls');
  expect(inspector.overlay.map!.values.indexOf(Math.max(...inspector.overlay.map!.values))).toBe(7 * 14 + 7);
  inspector.tools.moveCursor(1, 0);
  inspector.tools.moveCursor(0, -1);
  await vi.waitFor(() =>
    expect(inspector.overlay.map!.values.indexOf(Math.max(...inspector.overlay.map!.values))).toBe(
      6 * 14 + 8,
    ),
  );
  inspector.looking.reset();
  expect(inspector.looking.attended).toBeNull();
});

test('brushes stay inside the grid, quick strokes leave no gaps, and rows become single rectangles', () => {
  const grid = { rows: 3, columns: 4 };
  expect(brushed({ row: 0, column: 0 }, 3, grid)).toEqual([0, 1, 4, 5]);
  expect(brushed({ row: 1, column: 2 }, 1, grid)).toEqual([6]);
  expect(between({ row: 0, column: 0 }, { row: 1, column: 3 })).toHaveLength(4);
  expect(outlineOf(new Set([0, 1, 2, 7]), grid).match(/M/g)).toHaveLength(2);
  expect(strongest(Float32Array.of(1, 5, 3, 5), new Set([1]), 2)).toEqual([3, 2]);
});

test('with a tool in hand arrows, Space, Escape and Ctrl+Z are the tool’s', () => {
  const press = (key: string, more: object = {}) => ({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more }); // prettier-ignore
  const of = (key: string, tool: 'eraser' | 'patch' | null, more: object = {}) =>
    commandOf(press(key, more), 'inspector', 'nothing', false, tool);
  expect(of('ArrowLeft', 'eraser')).toEqual({ do: 'cursor', x: -1, y: 0 });
  expect(of('ArrowLeft', null)).toEqual({ do: 'photo', by: -1 });
  expect(of(' ', 'patch')).toEqual({ do: 'mark' });
  expect(of('Escape', 'eraser')).toEqual({ do: 'tool', tool: null });
  expect(of('z', 'eraser', { ctrlKey: true })).toEqual({ do: 'erase-undo' });
  expect(of('z', 'patch', { ctrlKey: true })).toEqual({ do: 'undo' });
  expect(of('i', 'patch')).toBeNull();
  expect(of('i', 'eraser')).toEqual({ do: 'erase', what: 'invert' });
});

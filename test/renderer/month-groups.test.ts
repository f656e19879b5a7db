import { expect, test } from 'vitest';
import { groupsInView } from '../../renderer/library/month-groups.ts';
import { layOut, tilePlace } from '../../renderer/library/virtual-scroll.ts';

const measure = { width: 1000, height: 800, tile: 168, gap: 12, caption: 24, heading: 36 };
const places = (counts: number[], total = counts.reduce((a, b) => a + b, 0)) => {
  const layout = layOut({ ...measure, total, parts: counts });
  const groups = groupsInView(layout, counts, { first: 0, end: total });
  return { layout, groups };
};

test('months of few photos share a row, each under its own heading; one that does not fit begins the next', () => {
  const { layout, groups } = places([1, 1, 2, 1, 2, 9, 1, 1]);
  expect(layout.columns).toBe(5);
  expect(groups.map(({ part, column, count }) => [part, column, count])).toEqual([
    [0, 0, 1],
    [1, 1, 1],
    [2, 2, 2],
    [3, 4, 1],
    [4, 0, 2],
    [5, 0, 9],
    [6, 0, 1],
    [7, 1, 1],
  ]);
  expect(layout.bands).toHaveLength(4);
  for (const { start, column, top } of groups) {
    expect(tilePlace(layout, start).column).toBe(column);
    expect(tilePlace(layout, start).top).toBe(top + 36);
  }
  expect(groups.flatMap(({ positions }) => positions)).toEqual(Array.from({ length: 18 }, (_, i) => i));
});

test('only what is in view is drawn, and months with more photos than were counted keep them', () => {
  const { layout } = places([2, 2, 30]);
  const seen = groupsInView(layout, [2, 2, 30], { first: 3, end: 9 });
  expect(seen.map(({ part, positions }) => [part, positions])).toEqual([
    [0, []],
    [1, [3]],
    [2, [4, 5, 6, 7, 8]],
  ]);
  const grown = places([2, 2], 7);
  expect(grown.groups.map(({ count }) => count)).toEqual([2, 5]);
  const shrunk = places([2, 2], 3);
  expect(shrunk.groups.map(({ count }) => count)).toEqual([2, 1]);
});

test('a list without months is one part without a heading', () => {
  const layout = layOut({ ...measure, total: 12 });
  const [only, ...others] = groupsInView(layout, [], { first: 0, end: 12 });
  expect([only?.part, only?.positions.length, others]).toEqual([null, 12, []]);
});

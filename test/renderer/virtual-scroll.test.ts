import { describe, expect, test } from 'vitest';
import {
  layOut,
  bandAt,
  placeAt,
  positionAt,
  reveal,
  scrolled,
  tallest,
  tilePlace,
  visible,
} from '../../renderer/library/virtual-scroll.ts';

const measure = { width: 1000, height: 800, tile: 168, gap: 12, caption: 24, total: 100_000 };

test('columns fill the width and tiles are never smaller than asked for', () => {
  const layout = layOut(measure);
  expect(layout.columns).toBe(5);
  expect(layout.tile).toBeGreaterThanOrEqual(168);
  expect(layout.columns * (layout.tile + 12) - 12).toBeLessThanOrEqual(1000);
});

test('a window narrower than a tile still has one column', () => {
  expect(layOut({ ...measure, width: 60 })).toMatchObject({ columns: 1, tile: 60 });
});

test('as many tiles are drawn at 100,000 photos as at 1,000', () => {
  const count = (total: number) => {
    const { first, end } = visible(layOut({ ...measure, total }), 20_000, total, 2);
    return end - first;
  };
  expect(count(100_000)).toBe(count(1_000_000));
  expect(count(100_000)).toBeLessThan(60);
});

test('the last row may be short, and an empty list draws nothing', () => {
  const layout = layOut({ ...measure, total: 7 });
  expect(visible(layout, 0, 7, 2)).toEqual({ first: 0, end: 7 });
  expect(visible(layOut({ ...measure, total: 0 }), 0, 0, 2)).toEqual({ first: 0, end: 0 });
});

test('a short list scrolls one to one', () => {
  const layout = layOut({ ...measure, total: 1000 });
  expect(scrolled(layout, { scrollTop: 0, listTop: 0 }, 5000).listTop).toBe(5000);
});

describe('a list taller than browsers allow', () => {
  const layout = layOut({ ...measure, total: 2_000_000 });
  const end = layout.fullHeight - layout.viewport;

  test('its element is clamped', () => {
    expect(layout.fullHeight).toBeGreaterThan(tallest);
    expect(layout.areaHeight).toBe(tallest);
  });
  test('a small step moves by as many pixels as the scrollbar', () => {
    const start = placeAt(layout, 1_000_000);
    expect(scrolled(layout, start, start.scrollTop + 100).listTop).toBeCloseTo(1_000_100);
  });
  test('a long step moves by proportion, and the ends meet', () => {
    const start = placeAt(layout, 0);
    const area = layout.areaHeight - layout.viewport;
    expect(scrolled(layout, start, area / 2).listTop).toBeCloseTo(end / 2);
    expect(scrolled(layout, start, area).listTop).toBe(end);
    expect(scrolled(layout, placeAt(layout, 500), 0).listTop).toBe(0);
  });
  test('the scrollbar is brought back to where the list is', () => {
    const place = placeAt(layout, end / 4);
    expect(place.scrollTop).toBeCloseTo((layout.areaHeight - layout.viewport) / 4);
  });
});

test('revealing moves as little as it can', () => {
  const layout = layOut(measure);
  const top = layout.rowHeight * 10;
  expect(reveal(layout, top, 10 * layout.columns)).toBe(top);
  expect(reveal(layout, top, 0)).toBe(0);
  expect(reveal(layout, 0, 10 * layout.columns)).toBe(11 * layout.rowHeight - layout.viewport);
});

describe('parts with headings', () => {
  const total = 30;
  const layout = layOut({ ...measure, total, parts: [7, 1, 22], heading: 36 });
  const { columns, rowHeight, bands } = layout;

  test('each begins a row of its own under its heading', () => {
    expect(columns).toBe(5);
    expect(bands.map(({ start, end }) => [start, end])).toEqual([[0, 7], [7, 8], [8, 30]]); // prettier-ignore
    expect(bands.map(({ top }) => top)).toEqual([0, 36 + 2 * rowHeight, 72 + 3 * rowHeight]);
    expect(tilePlace(layout, 6)).toEqual({ column: 1, top: 36 + rowHeight });
    expect(tilePlace(layout, 8)).toEqual({ column: 0, top: 108 + 3 * rowHeight });
    expect(layout.fullHeight).toBe(108 + 8 * rowHeight);
  });
  test('what is in view is drawn, wherever one is', () => {
    for (let top = 0; top <= layout.fullHeight - layout.viewport; top += 7) {
      const { first, end } = visible(layout, top, total, 0);
      for (let position = 0; position < total; position++) {
        const tile = tilePlace(layout, position);
        const seen = tile.top < top + layout.viewport && tile.top + rowHeight > top;
        if (seen) expect(position >= first && position < end, `${position} at ${top}`).toBe(true);
      }
    }
    expect(bandAt(layout, bands[2]!.top)).toBe(2);
    expect(positionAt(layout, bands[2]!.top)).toBe(8);
  });
  test('the first row of a part is revealed with its heading', () => {
    expect(reveal(layout, layout.fullHeight, 8)).toBe(bands[2]!.top);
    expect(reveal(layout, layout.fullHeight, 14)).toBe(bands[2]!.top + 36 + rowHeight);
  });
  test('parts that were counted at another moment give and take', () => {
    const of = (parts: number[]) => layOut({ ...measure, total, parts, heading: 36 }).bands.map(({ start, end }) => [start, end]); // prettier-ignore
    expect(of([7, 1])).toEqual([[0, 7], [7, 30]]); // prettier-ignore
    expect(of([20, 20, 5])).toEqual([[0, 20], [20, 30]]); // prettier-ignore
    expect(of([])).toEqual([[0, 30]]);
  });
});

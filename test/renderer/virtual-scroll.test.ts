import { describe, expect, test } from 'vitest';
import {
  layOut,
  placeAt,
  reveal,
  scrolled,
  tallest,
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

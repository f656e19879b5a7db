import { expect, test } from 'vitest';
import { moved } from '../../renderer/library/grid-moves.ts';
import type { GridMove } from '../../renderer/library/grid-moves.ts';
import { mostPicked, PickedPhotos } from '../../renderer/library/selection.svelte.ts';

test('nothing picked means everything the filter finds', () => {
  const picked = new PickedPhotos();
  expect(picked.isEmpty).toBe(true);
  expect(picked.orAll({ folderId: 3 })).toEqual({ filter: { folderId: 3 }, except: [] });
});

test('toggling picks and lets go', () => {
  const picked = new PickedPhotos();
  picked.toggle(1);
  picked.toggle(2);
  picked.toggle(1);
  expect(picked.orAll({})).toEqual({ ids: [2] });
  expect(picked.single).toBe(2);
});

test('select all is a filter but for some, whatever the length of the list', () => {
  const picked = new PickedPhotos();
  picked.all({ status: ['ok'] });
  picked.toggle(7);
  expect(picked.has(7)).toBe(false);
  expect(picked.has(123_456)).toBe(true);
  expect(picked.count(100_000)).toBe(99_999);
  expect(picked.orAll({})).toEqual({ filter: { status: ['ok'] }, except: [7] });
  expect(picked.single).toBeNull();
});

test('more photos than the contract takes are refused', () => {
  const picked = new PickedPhotos();
  expect(picked.replace(Array.from({ length: mostPicked + 1 }, (_, i) => i + 1))).toBe(false);
  expect(picked.isEmpty).toBe(true);
});

test('a range starts where the last single move ended', () => {
  const picked = new PickedPhotos();
  picked.moveTo(4);
  picked.moveTo(6, true);
  picked.moveTo(9, true);
  expect([picked.anchor, picked.focus]).toEqual([4, 9]);
});

test('keys move through parts that begin rows of their own', () => {
  // 0 1 2 3 / 4 5 · 6 · 7 8 9 10 / 11
  const bands = [{ start: 0, end: 6 }, { start: 6, end: 7 }, { start: 7, end: 12 }]; // prettier-ignore
  const shape = { columns: 4, rows: 2, bands };
  const go = (from: number, by: GridMove) => moved(from, by, shape, 12);
  expect([go(1, 'down'), go(5, 'down'), go(6, 'down'), go(3, 'down')]).toEqual([5, 6, 7, 5]);
  expect([go(8, 'down'), go(11, 'down'), go(11, 'up'), go(9, 'up'), go(6, 'up')]).toEqual([11, 11, 7, 6, 4]);
  expect([go(1, 'page-down'), go(10, 'page-up'), go(11, 'page-down'), go(6, 'right')]).toEqual([6, 4, 11, 7]);
});

test('keys move through a grid and stop at its edges', () => {
  const shape = { columns: 4, rows: 3 };
  expect(moved(null, 'right', shape, 10)).toBe(0);
  expect(moved(5, 'down', shape, 10)).toBe(9);
  expect(moved(9, 'down', shape, 10)).toBe(9);
  expect(moved(6, 'down', shape, 10)).toBe(9);
  expect(moved(2, 'up', shape, 10)).toBe(2);
  expect(moved(0, 'left', shape, 10)).toBe(0);
  expect(moved(1, 'page-down', shape, 100)).toBe(13);
  expect(moved(1, 'end', shape, 100)).toBe(99);
  expect(moved(1, 'right', shape, 0)).toBeNull();
});

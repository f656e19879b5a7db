import { expect, test } from 'vitest';
import { seenRegion } from '../../models/overlay/geometry.ts';
import {
  fit,
  fitted,
  held,
  patchAt,
  photoBox,
  seenBox,
  seenInTile,
  zoomAt,
} from '../../renderer/components/stage.ts';

const crop = { resize: { mode: 'shortest-edge', size: 256 }, crop: { height: 224, width: 224 } } as const;
const squash = { resize: { mode: 'exact', height: 224, width: 224 }, crop: null } as const;
const whole = { resize: { mode: 'shortest-edge', size: 224 }, crop: { height: 224, width: 224 } } as const;

test('a photo fits the stage without being cut or blown up', () => {
  const stage = { width: 1000, height: 800 };
  expect(fit({ width: 4000, height: 3000 }, stage, 16)).toEqual({ width: 968, height: 726 });
  expect(fit({ width: 10, height: 10 }, stage, 16)).toEqual({ width: 40, height: 40 });
});

test('the overlay covers on the screen what the model saw of the photo', () => {
  const photo = { width: 4000, height: 3000 };
  const box = { x: 0, y: 0, width: 800, height: 600 };
  const seen = seenBox(photo, seenRegion(photo, crop), box);
  // 224 of 256 pixels of the shorter side; half a resized pixel is one on the screen.
  expect(Math.abs(seen.width - 525)).toBeLessThan(1.2);
  expect(Math.abs(seen.height - 525)).toBeLessThan(1.2);
  expect(Math.abs(seen.x + seen.width / 2 - 400)).toBeLessThan(1.2);
  expect(seenBox(photo, seenRegion(photo, squash), box)).toEqual({ x: 0, y: 0, width: 800, height: 600 });
});

test('a square tile that the photo covers shows exactly the middle crop', () => {
  for (const photo of [
    { width: 4000, height: 3000 },
    { width: 300, height: 400 },
  ]) {
    const seen = seenInTile(photo, seenRegion(photo, whole), 168);
    for (const [value, expected] of [
      [seen.x, 0],
      [seen.y, 0],
      [seen.width, 168],
      [seen.height, 168],
    ] as const)
      expect(Math.abs(value - expected)).toBeLessThan(1);
  }
});

test('zooming keeps the point under the pointer where it is', () => {
  const stage = { width: 1000, height: 800 };
  const fits = { width: 960, height: 720 };
  const at = { x: 250, y: 300 };
  const inPhoto = (view: Parameters<typeof photoBox>[2]) => {
    const box = photoBox(fits, stage, view);
    return [(at.x - box.x) / box.width, (at.y - box.y) / box.height];
  };
  const before = inPhoto(fitted);
  inPhoto(zoomAt(fitted, 3, at, stage)).forEach((value, i) => expect(value).toBeCloseTo(before[i]!));
});

test('zoom has ends, and a fitting photo stays in the middle', () => {
  const stage = { width: 1000, height: 800 };
  expect(zoomAt(fitted, 0.1, { x: 0, y: 0 }, stage).zoom).toBe(1);
  expect(zoomAt(fitted, 1000, { x: 0, y: 0 }, stage).zoom).toBe(32);
  expect(held({ zoom: 1, x: 300, y: -90 }, { width: 900, height: 700 }, stage)).toMatchObject({ zoom: 1 });
  expect(Math.abs(held({ zoom: 1, x: 300, y: -90 }, { width: 900, height: 700 }, stage).x)).toBe(0);
  expect(held({ zoom: 2, x: 9999, y: 0 }, { width: 900, height: 700 }, stage).x).toBe(400);
});

test('the patch under the pointer, and none outside of what the model saw', () => {
  const seen = { x: 100, y: 0, width: 280, height: 280 };
  const grid = { rows: 14, columns: 14 };
  expect(patchAt({ x: 100, y: 0 }, seen, grid)).toEqual({ row: 0, column: 0 });
  expect(patchAt({ x: 379, y: 279 }, seen, grid)).toEqual({ row: 13, column: 13 });
  expect(patchAt({ x: 90, y: 10 }, seen, grid)).toBeNull();
  expect(patchAt({ x: 380, y: 10 }, seen, grid)).toBeNull();
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { seenRegion, type Region } from '../../../models/overlay/geometry.ts';
import type { Preprocessing } from '../../../models/manifest.ts';

type Steps = Pick<Preprocessing, 'resize' | 'crop'>;
const crop = (side: number) => ({ height: side, width: side });

const cases: [name: string, photo: [number, number], steps: Steps, seen: [number, number, number, number]][] =
  [
    [
      'exact resize sees everything',
      [451, 300],
      { resize: { mode: 'exact', height: 224, width: 224 }, crop: null },
      [0, 0, 451, 300],
    ],
    [
      'shortest edge with a crop of the same size loses the ends of a wide photo',
      [400, 200],
      { resize: { mode: 'shortest-edge', size: 100 }, crop: crop(100) },
      [100, 0, 200, 200],
    ],
    [
      'and of a high one',
      [200, 400],
      { resize: { mode: 'shortest-edge', size: 100 }, crop: crop(100) },
      [0, 100, 200, 200],
    ],
    [
      'a smaller crop loses a rim on every side',
      [500, 500],
      { resize: { mode: 'shortest-edge', size: 250 }, crop: crop(200) },
      [50, 50, 400, 400],
    ],
    [
      'a crop need not be square',
      [600, 300],
      { resize: { mode: 'shortest-edge', size: 150 }, crop: { height: 100, width: 200 } },
      [100, 50, 400, 200],
    ],
    [
      'longest edge is padded: the region reaches beyond the photo',
      [400, 200],
      { resize: { mode: 'longest-edge', size: 100 }, crop: null },
      [0, -100, 400, 400],
    ],
    [
      'half a pixel is rounded to even, as torchvision does',
      [303, 100],
      { resize: { mode: 'shortest-edge', size: 100 }, crop: crop(100) },
      [102, 0, 100, 100],
    ],
  ];

for (const [name, [width, height], steps, [x, y, w, h]] of cases)
  test(name, () => {
    const seen = seenRegion({ width, height }, steps);
    const expected: Region = { x, y, width: w, height: h };
    for (const key of ['x', 'y', 'width', 'height'] as const)
      assert.ok(Math.abs(seen[key] - expected[key]) < 1e-9, `${key} is ${seen[key]}, not ${expected[key]}`);
  });

test('sides are scaled back separately, since the longer one was rounded down', () => {
  // 451 × 300 → 372 × 248 (372.83 rounded down) → 224 × 224 at 74, 12.
  const seen = seenRegion(
    { width: 451, height: 300 },
    { resize: { mode: 'shortest-edge', size: 248 }, crop: crop(224) },
  );
  assert.ok(Math.abs(seen.x - (74 * 451) / 372) < 1e-9 && Math.abs(seen.width - (224 * 451) / 372) < 1e-9);
  assert.ok(Math.abs(seen.y - (12 * 300) / 248) < 1e-9 && Math.abs(seen.height - (224 * 300) / 248) < 1e-9);
});

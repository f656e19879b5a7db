import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapCorrelation } from '../../models/looks/compare.ts';
import { cropOf } from '../../models/looks/crop.ts';
import { cutSides, patchesIn, places, rim } from '../../models/looks/places.ts';
import { medianOf, sharesOf, spreadOut } from '../../models/looks/shares.ts';
import { strongest } from '../../models/looks/strongest.ts';
import { unusualOf } from '../../models/looks/unusual.ts';
import { type LookedAt, othersOf, whereOf } from '../../models/looks/where.ts';
import { seeded } from '../../models/random.ts';

const grid = { rows: 14, columns: 14 };
const patches = 196;
const near = (a: number, b: number, what: string) => assert.ok(Math.abs(a - b) < 1e-9, `${what}: ${a}, ${b}`);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Evidence of a thing in the middle, a little elsewhere in each photo, over weak evidence everywhere. */
function photoOf(seed: number, mark: number[] = [], of = 1): Float32Array {
  const random = seeded(seed);
  const values = Float32Array.from({ length: patches }, () => 0.02 * (random() - 0.4));
  const [top, left] = [4 + Math.floor(random() * 4), 4 + Math.floor(random() * 4)];
  for (let row = top; row < top + 3; row++)
    for (let column = left; column < left + 3; column++) values[row * 14 + column]! += 0.1 * random();
  for (const patch of mark) values[patch]! += of;
  return values;
}
const seen = (values: Float32Array): LookedAt => ({
  values,
  seen: { x: 0, y: 0, width: 224, height: 224 },
  photo: { width: 224, height: 224 },
  special: null,
  logit: null,
});

test('shares sum to one, and stay so when they are spread over neighbours', () => {
  near(sum(sharesOf([1, -5, 3])!), 1, 'shares');
  assert.deepEqual([...sharesOf([1, -5, 3], 2)!], [0.1, 0, 0.9]);
  assert.equal(sharesOf([-1, 0]), null);
  const spread = spreadOut(sharesOf(photoOf(1))!, grid);
  near(sum(spread), 1, 'spread');
  const corner = spreadOut(Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0), { rows: 3, columns: 3 });
  assert.deepEqual([...corner], [0.25, 0.25, 0, 0.25, 0.25, 0, 0, 0, 0]);
  assert.deepEqual([...medianOf([[1], [5], [2], [3]], 1)], [2.5]);
});

test('places are parts of the grid, corners and edges apart from each other', () => {
  for (const shape of [grid, { rows: 8, columns: 8 }, { rows: 3, columns: 20 }, { rows: 1, columns: 1 }]) {
    const met = new Map<number, string>();
    for (const place of places) {
      const at = patchesIn(place, shape);
      if (place === 'outside' || shape.rows < 3) continue;
      assert.ok(at.length > 0 || shape.rows < 7, place);
      for (const i of at) {
        assert.equal(met.get(i), undefined, `${place} and ${met.get(i)}`);
        met.set(i, place);
      }
    }
  }
  assert.deepEqual(patchesIn('bottom-right', grid), [165, 166, 167, 179, 180, 181, 193, 194, 195].map((i) => i)); // prettier-ignore
  const region = { x: 50, y: 0, width: 200, height: 200 };
  assert.deepEqual(cutSides(region, { width: 300, height: 200 }), ['right', 'left']);
  assert.deepEqual(rim(['left'], { rows: 2, columns: 3 }), [0, 3]);
});

test('a mark in a corner is odd, the same evidence without it is not', () => {
  const others = othersOf(Array.from({ length: 60 }, (_, i) => ({ label: i % 3, values: photoOf(500 + i) })));
  assert.equal(others.means.length, 3);
  const plain = Array.from({ length: 40 }, (_, i) => seen(photoOf(i)));
  const without = whereOf(plain, grid, others);
  assert.deepEqual(without.findings.filter(({ odd }) => odd), []); // prettier-ignore
  assert.ok(without.likeOthers! > 0.2);
  const half = plain.map((each, i) => (i % 2 ? each : seen(photoOf(i, [193, 194], 0.5))));
  const { findings, photos, mean } = whereOf(half, grid, others);
  assert.equal(photos, 40);
  assert.equal(findings[0]!.kind, 'bottom-right');
  assert.equal(findings[0]!.odd, true);
  const at = patchesIn('bottom-right', grid);
  const shares = half.map(({ values }) => at.reduce((total, i) => total + sharesOf(values)![i]!, 0));
  near(findings[0]!.share, sum(shares) / 40, 'share');
  assert.equal(findings[0]!.mostly, shares.filter((share) => share > 0.5).length);
  near(mean[193]!, Math.fround(sum(half.map(({ values }) => values[193]!)) / 40), 'mean');
});

test('what was cropped off counts for photos that were cropped, and special tokens where they are known', () => {
  const photos = Array.from({ length: 14 }, (_, i) => {
    const values = photoOf(i);
    if (i < 10) for (let row = 0; row < 14; row++) values[row * 14]! += 0.5;
    return { ...seen(values), seen: { x: i < 10 ? 60 : 0, y: 0, width: 224, height: 224 }, photo: { width: i < 10 ? 344 : 224, height: 224 }, special: 3, logit: 6 }; // prettier-ignore
  });
  const { findings } = whereOf(photos, grid, othersOf([]));
  const cropped = findings.find(({ kind }) => kind === 'cropped')!;
  assert.equal(cropped.photos, 10);
  assert.equal(cropped.usual, null);
  assert.equal(cropped.odd, true);
  const special = findings.find(({ kind }) => kind === 'special')!;
  near(special.share, 0.5, 'special');
  assert.equal(special.odd, true);
});

test('photos that rest on a corner come first, also where half of the label has the mark', () => {
  const others = othersOf(Array.from({ length: 60 }, (_, i) => ({ label: i % 3, values: photoOf(500 + i) })));
  const maps = Array.from({ length: 40 }, (_, i) => photoOf(i, i % 2 ? [] : [0, 1, 14], 0.2));
  const order = unusualOf([...maps, new Float32Array(patches)], grid, others);
  assert.equal(order.length, 40, 'one has no evidence');
  assert.ok(order.slice(0, 20).every(({ at }) => at % 2 === 0));
  assert.ok(order.every(({ share }) => share >= 0 && share <= 1));
  const shares = order.map(({ share }) => share);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => b - a),
  );
});

test('the strongest patches are peaks, two a photo, for and against', () => {
  const small = { rows: 2, columns: 4 };
  const maps = [
    [9, 8, 0, 7, 0, 0, 0, 6],
    [-1, 0, 0, 5, 0, 0, -3, 0],
  ];
  assert.deepEqual(strongest(maps, small, 1, 10), [
    { at: 0, patch: 0, value: 9 },
    { at: 0, patch: 3, value: 7 },
    { at: 1, patch: 3, value: 5 },
  ]);
  assert.deepEqual(strongest(maps, small, -1, 10), [
    { at: 1, patch: 6, value: -3 },
    { at: 1, patch: 0, value: -1 },
  ]);
  assert.equal(strongest(maps, small, 1, 2).length, 2);
});

test('a strong patch lies in the photo where the model saw it, and has its part of the logit', () => {
  const region = { x: 10, y: 20, width: 80, height: 40 };
  const crop = cropOf({ at: 0, patch: 5, value: 2 }, { rows: 2, columns: 4 }, region, 8);
  assert.deepEqual(crop, { row: 1, column: 1, value: 2, share: 0.25, region: { x: 30, y: 40, width: 20, height: 20 } }); // prettier-ignore
  for (const logit of [null, 0, -3])
    assert.equal(cropOf({ at: 0, patch: 5, value: 2 }, { rows: 2, columns: 4 }, region, logit).share, null);
});

test('maps of other grids and crops are compared over what both saw', () => {
  const seenBy = (x: number, width: number) => ({ x, y: 0, width, height: 100 });
  const ramp = (columns: number) => Array.from({ length: 4 * columns }, (_, i) => i % columns);
  const one = { rows: 4, columns: 4, values: ramp(4), seen: seenBy(0, 100) };
  near(mapCorrelation(one, one), 1, 'itself');
  const finer = { rows: 4, columns: 8, values: ramp(8), seen: seenBy(0, 100) };
  assert.ok(mapCorrelation(one, finer) > 0.97);
  const turned = { ...finer, values: ramp(8).map((value) => -value) };
  assert.ok(mapCorrelation(one, turned) < -0.97);
  assert.ok(Number.isNaN(mapCorrelation(one, { ...one, seen: seenBy(200, 100) })));
});

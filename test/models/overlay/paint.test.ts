import assert from 'node:assert/strict';
import test from 'node:test';
import { colourMap } from '../../../models/overlay/colours.ts';
import {
  alphas,
  desaturate,
  paintMap,
  resample,
  saturationUnder,
  type PaintOptions,
} from '../../../models/overlay/paint.ts';

const base: PaintOptions = {
  values: Float32Array.of(0, 1, 2, 3),
  rows: 2,
  columns: 2,
  width: 4,
  height: 4,
  range: [0, 3],
  colours: 'grey',
  opacity: 0.6,
  interpolation: 'nearest',
  contour: false,
};
const colour = (value: number) => [...colourMap('grey').subarray(value * 3, value * 3 + 3)];

test('nearest paints every patch as a rectangle of its own colour', () => {
  const pixels = paintMap(base);
  assert.equal(pixels.length, 4 * 4 * 4);
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 4; x++) {
      const value = Math.floor(y / 2) * 2 + Math.floor(x / 2);
      assert.deepEqual(
        [...pixels.subarray((y * 4 + x) * 4, (y * 4 + x) * 4 + 4)],
        [...colour(value * 85), alphas('grey', 0.6)[value * 85]],
      );
    }
});

test('patches need not be square nor whole pixels', () => {
  const pixels = resample({
    ...base,
    values: Float32Array.of(7, 8, 9),
    rows: 1,
    columns: 3,
    width: 7,
    height: 2,
  });
  assert.deepEqual([...pixels], [7, 7, 8, 8, 8, 9, 9, 7, 7, 8, 8, 8, 9, 9]);
});

test('bicubic is the Catmull-Rom curve between patch centres, never beyond the two beside a pixel', () => {
  // Four pixels a patch: centres of pixels lie 1/8, 3/8 … patch off the patch centres.
  const pixels = resample({
    ...base,
    values: Float32Array.of(0, 0, 1, 0, 0),
    rows: 1,
    columns: 5,
    width: 20,
    height: 1,
    interpolation: 'bicubic',
  });
  const kernel = (d: number) => {
    const x = Math.abs(d);
    return x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
  };
  for (let x = 0; x < 20; x++)
    assert.ok(Math.abs(pixels[x]! - Math.max(0, kernel((x + 0.5) / 4 - 0.5 - 2))) < 1e-6, `pixel ${x}`);
});

test('bicubic draws nothing against a label of which every patch speaks for it', () => {
  const values = new Float32Array(49).map((_, i) => ([16, 24, 40].includes(i) ? 1 : 0.001));
  const pixels = resample({ ...base, values, rows: 7, columns: 7, width: 70, height: 70, interpolation: 'bicubic' }); // prettier-ignore
  assert.ok(Math.min(...pixels) >= Math.fround(0.001));
  assert.ok(Math.max(...pixels) <= 1);
});

test('bicubic keeps an even map even, edges included', () => {
  const values = new Float32Array(6).fill(0.25);
  for (const value of resample({
    ...base,
    values,
    rows: 2,
    columns: 3,
    width: 11,
    height: 7,
    interpolation: 'bicubic',
  }))
    assert.ok(Math.abs(value - 0.25) < 1e-6);
});

test('rows run down and columns across', () => {
  const values = Float32Array.from({ length: 12 }, (_, i) => i);
  const pixels = resample({ ...base, values, rows: 4, columns: 3, width: 3, height: 4 });
  assert.deepEqual([...pixels], [...values]);
});

test('values beyond the range take the end colours', () => {
  const pixels = paintMap({ ...base, range: [1, 2] });
  assert.deepEqual([...pixels.subarray(0, 3)], colour(0));
  assert.deepEqual([...pixels.subarray(60, 63)], colour(255));
});

test('the middle of a symmetric range takes the middle colour', () => {
  const pixels = paintMap({
    ...base,
    values: Float32Array.of(0, -1, 1, 0),
    range: [-1, 1],
    colours: 'blue-orange',
  });
  const middle = [...colourMap('blue-orange').subarray(128 * 3, 128 * 3 + 3)];
  assert.deepEqual([...pixels.subarray(0, 3)], middle);
});

test('attention leaves the photo where there is none, evidence sets it back evenly; at opacity 1 the map alone is seen', () => {
  for (const [name, nothing, least] of [
    ['ember', [0], 0],
    ['blue-orange', [127, 128], 107],
  ] as const) {
    const alpha = alphas(name, 0.6);
    for (const at of nothing) assert.equal(alpha[at], least);
    assert.equal(alpha[255], 153);
    for (let at = nothing[0] + 1; at < 256; at++) assert.ok(alpha[at]! >= alpha[at - 1]!, `${name} ${at}`);
    assert.ok(alphas(name, 1).every((value) => value === 255));
    assert.ok(alphas(name, 0).every((value) => value === 0));
  }
  assert.deepEqual(alphas('blue-orange', 0.6), alphas('blue-orange', 0.6).toReversed());
});

test('the photo under evidence is as grey as a browser makes it, and under attention as it was', () => {
  const rgb = Uint8Array.of(200, 100, 50);
  const share = saturationUnder('blue-orange', 0.35);
  assert.equal(share, 0.5);
  desaturate(rgb, 0, share);
  // saturate(0.5) of that colour: luminance 0.213 · 200 + 0.715 · 100 + 0.072 · 50 = 117.7
  assert.deepEqual([...rgb], [159, 109, 84]);
  assert.deepEqual([saturationUnder('ember', 0.6), saturationUnder('blue-orange', 0), saturationUnder('blue-orange', 1)], [1, 1, 0]); // prettier-ignore
});

test('the contour runs round the largest fifth, white inside and black outside', () => {
  const values = new Float32Array(25).fill(1, 20);
  const pixels = paintMap({
    ...base,
    values,
    rows: 5,
    columns: 5,
    width: 50,
    height: 50,
    range: [0, 1],
    contour: true,
  });
  const at = (x: number, y: number) => [...pixels.subarray((y * 50 + x) * 4, (y * 50 + x) * 4 + 4)];
  for (const x of [0, 25, 49]) {
    assert.deepEqual(at(x, 38), [...colour(0), 0]);
    assert.deepEqual(at(x, 39), [0, 0, 0, 255]);
    assert.deepEqual(at(x, 40), [255, 255, 255, 255]);
    assert.deepEqual(at(x, 41), [...colour(255), 153]);
  }
});

test('a single patch above many equal ones has its contour', () => {
  const values = new Float32Array(25);
  values[12] = 1;
  const pixels = paintMap({ ...base, values, rows: 5, columns: 5, width: 25, height: 25, contour: true });
  assert.deepEqual([...pixels.subarray((10 * 25 + 10) * 4, (10 * 25 + 10) * 4 + 3)], [255, 255, 255]);
  assert.deepEqual([...pixels.subarray((9 * 25 + 10) * 4, (9 * 25 + 10) * 4 + 3)], [0, 0, 0]);
});

for (const [name, change] of Object.entries({
  NaN: { values: Float32Array.of(0, NaN, 1, 2) },
  'all zero': { values: new Float32Array(4) },
  'one patch': { values: Float32Array.of(1), rows: 1, columns: 1 },
  'a grid that does not fit': { rows: 3 },
}))
  test(`${name} is refused instead of painted`, () => {
    assert.throws(() => paintMap({ ...base, ...change }), { code: 'map-not-drawable' });
  });

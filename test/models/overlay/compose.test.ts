import assert from 'node:assert/strict';
import test from 'node:test';
import { colourMap } from '../../../models/overlay/colours.ts';
import { compose, formatValue, type ComposeOptions } from '../../../models/overlay/compose.ts';
import { contactColumns, fitInside, sheetLayout } from '../../../models/overlay/sheets.ts';

const width = 8;
const height = 4;
const options: ComposeOptions = {
  photo: new Uint8Array(width * height * 3).fill(100),
  width,
  height,
  seen: { x: 2, y: 0, width: 4, height: 4 },
  map: {
    values: Float32Array.of(0, 1, 0, 0),
    rows: 2,
    columns: 2,
    range: [0, 1],
    colours: 'ember',
    opacity: 0.5,
    interpolation: 'nearest',
    contour: false,
  },
  scaleBar: false,
};
const pixel = (rgb: Uint8Array, x: number, y: number) => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
/** At half opacity the strongest colour covers half the photo, the weakest nothing. */
const untouched = [100, 100, 100];
const strongest = [...colourMap('ember').subarray(765)].map((c) =>
  Math.round(100 * (127 / 255) + c * (128 / 255)),
);

test('the map lies on what the model saw; the rest is dark, behind a white line', () => {
  const rgb = compose(options);
  for (let y = 0; y < height; y++) {
    for (const x of [0, 7]) assert.deepEqual(pixel(rgb, x, y), [50, 50, 50]);
    for (const x of [1, 6]) assert.deepEqual(pixel(rgb, x, y), [255, 255, 255]);
    for (const x of [2, 3]) assert.deepEqual(pixel(rgb, x, y), untouched);
    for (const x of [4, 5]) assert.deepEqual(pixel(rgb, x, y), y < 2 ? strongest : untouched);
  }
  assert.deepEqual(new Set(options.photo), new Set([100]), 'the photo itself is not painted on');
});

test('of a region that reaches beyond the photo only the part on it is drawn', () => {
  const rgb = compose({ ...options, seen: { x: 0, y: -2, width: 8, height: 8 } });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      assert.deepEqual(pixel(rgb, x, y), x >= 4 && y < 2 ? strongest : untouched, `pixel ${x}, ${y}`);
});

test('a photo that the model saw whole has no margin', () => {
  const rgb = compose({ ...options, seen: { x: 0, y: 0, width, height } });
  assert.deepEqual(pixel(rgb, 0, 0), untouched);
  assert.deepEqual(pixel(rgb, 7, 0), strongest);
});

test('the scale bar shows first and last colour, and tiny photos go without', () => {
  const large = { ...options, photo: new Uint8Array(320 * 320 * 3), width: 320, height: 320 };
  const seen = { x: 0, y: 0, width: 320, height: 320 };
  const rgb = compose({ ...large, seen, scaleBar: true });
  const at = (x: number, y: number) => [...rgb.subarray((y * 320 + x) * 3, (y * 320 + x) * 3 + 3)];
  const top = 320 - (8 + 10 + 10) + 5;
  assert.deepEqual(at(5, top), [...colourMap('ember').subarray(0, 3)]);
  assert.deepEqual(at(5 + 99, top), [...colourMap('ember').subarray(765)]);
  assert.deepEqual(compose({ ...options, scaleBar: true }), compose(options));
});

test('numbers of the scale are short', () => {
  assert.deepEqual([0, 0.0021612, -0.32700001, 123.4567, 0.00001234].map(formatValue), [
    '0',
    '0.00216',
    '-0.327',
    '123',
    '1.2e-5',
  ]);
});

test('the cells of a sheet do not overlap and lie inside it', () => {
  const sheet = sheetLayout({
    count: 5,
    columns: 3,
    cell: { width: 100, height: 80 },
    caption: 20,
    gap: 10,
    margin: 15,
    header: 30,
  });
  assert.deepEqual(sheet, {
    width: 350,
    height: 270,
    cells: [
      { x: 15, y: 45 },
      { x: 125, y: 45 },
      { x: 235, y: 45 },
      { x: 15, y: 155 },
      { x: 125, y: 155 },
    ],
  });
  assert.deepEqual(
    [1, 4, 5, 1000].map((count) => contactColumns(count)),
    [1, 2, 3, 10],
  );
  assert.deepEqual(fitInside({ width: 400, height: 200 }, { width: 100, height: 100 }), {
    x: 0,
    y: 25,
    width: 100,
    height: 50,
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import type { Inspection } from '../../../main/contract/entities/inspection.ts';
import { headsSheet } from '../../../main/report/heads.ts';
import { defaultDrawing } from '../../../main/report/maps.ts';
import { colourMap } from '../../../models/overlay/colours.ts';
import { temporaryFolder } from '../../temporary.ts';

const folder = temporaryFolder({ after }, 'heads');

/** Red on the left, blue on the right; the model saw the middle half. */
const photo = join(folder, 'photo.png');
const blue = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#00f' } })
  .png()
  .toBuffer();
await sharp({ create: { width: 400, height: 200, channels: 3, background: '#f00' } })
  .composite([{ input: blue, left: 200, top: 0 }])
  .png()
  .toFile(photo);

const attention = new Float32Array(2 * 2 * 4);
attention.set([1, 0, 0, 0], 0);
attention.set([0, 0, 0, 1], 4);
attention.set([0, 1, 0, 0], 12); // of the second layer the first head is zero
const inspection = {
  model: 'two-by-two',
  photo: { width: 400, height: 200 },
  seen: { x: 100, y: 0, width: 200, height: 200 },
  grid: { rows: 2, columns: 2, patchSize: 8 },
  layers: 2,
  heads: 2,
  clsAttention: attention,
  rollout: null,
  contribution: null,
  absent: {},
} as unknown as Inspection;

const side = 112;
const across = (column: number) => 16 + column * (side + 6);
const down = (row: number) => 16 + 30 + row * (side + 18 + 6);

test('every head has its cell, with its own patch bright over what the model saw, and the photo elsewhere', async () => {
  const choice = { ...defaultDrawing, interpolation: 'nearest' as const, opacity: 0.5 };
  const png = await headsSheet(photo, inspection, choice);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [across(3) - 6 + 16, down(2) - 6 + 16]);
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  const map = colourMap('ember');
  const strongest = map.subarray(765);
  const expect = (
    column: number,
    row: number,
    patch: number,
    photoColour: number[],
    shown: 'photo' | 'bright',
  ) => {
    const x = across(column) + (patch % 2) * 56 + 28;
    const y = down(row) + Math.floor(patch / 2) * 56 + 28;
    at(x, y).forEach((value, i) => {
      const expected = shown === 'bright' ? (photoColour[i]! + strongest[i]!) / 2 : photoColour[i]!;
      assert.ok(Math.abs(value - expected) < 4, `cell ${column}, ${row}, patch ${patch}: ${at(x, y)}`);
    });
  };
  const [red, blueColour] = [
    [255, 0, 0],
    [0, 0, 255],
  ];
  expect(0, 0, 0, red!, 'bright');
  expect(0, 0, 3, blueColour!, 'photo');
  expect(1, 0, 3, blueColour!, 'bright');
  expect(1, 0, 0, red!, 'photo');
  expect(1, 1, 1, blueColour!, 'bright');
  expect(2, 0, 0, red!, 'bright');
  expect(2, 0, 3, blueColour!, 'bright');
});

test('a head that is zero everywhere shows the photo and no colours', async () => {
  const png = await headsSheet(photo, inspection, { ...defaultDrawing, opacity: 1 });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const i = ((down(1) + 20) * info.width + across(0) + 20) * 3;
  assert.deepEqual([...data.subarray(i, i + 3)], [255, 0, 0]);
});

test('a model without attention says so', async () => {
  const absent = { cls: 'It is a convolutional network.' };
  await assert.rejects(headsSheet(photo, { ...inspection, clsAttention: null, absent }, defaultDrawing), {
    code: 'map-absent',
    message: absent.cls,
  });
});

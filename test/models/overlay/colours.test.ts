import assert from 'node:assert/strict';
import test from 'node:test';
import {
  colourMap,
  defaultDiverging,
  defaultSequential,
  divergingNames,
  isDiverging,
  sequentialNames,
  type ColourMapName,
} from '../../../models/overlay/colours.ts';
import { oklabToSrgb, srgbToOklab, type Triple } from '../../../models/overlay/oklab.ts';

const rgb = (map: Uint8Array, i: number): Triple => [
  map[i * 3]! / 255,
  map[i * 3 + 1]! / 255,
  map[i * 3 + 2]! / 255,
];
const labs = (name: ColourMapName) =>
  Array.from({ length: 256 }, (_, i) => srgbToOklab(rgb(colourMap(name), i)));
const apart = (p: Triple, q: Triple) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);

/** Linear RGB as seen with no red- or no green-sensitive cones: Machado, Oliveira, Fernandes 2009, severity 1. */
const deficiencies = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
};
function seenWith(matrix: number[], colour: Triple): Triple {
  const linear = colour.map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
  const row = (k: number) =>
    matrix[k]! * linear[0]! + matrix[k + 1]! * linear[1]! + matrix[k + 2]! * linear[2]!;
  const gamma = (x: number) =>
    Math.min(1, Math.max(0, x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  return srgbToOklab([gamma(row(0)), gamma(row(3)), gamma(row(6))]);
}

test('OKLab of sRGB red is the published one, and comes back', () => {
  const lab = srgbToOklab([1, 0, 0]);
  [0.62796, 0.22486, 0.12585].forEach((expected, i) => assert.ok(Math.abs(lab[i]! - expected) < 1e-4));
  oklabToSrgb(lab).forEach((part, i) => assert.ok(Math.abs(part - (i === 0 ? 1 : 0)) < 1e-4));
});

test('every map has 256 colours, and the defaults are among them', () => {
  for (const name of [...sequentialNames, ...divergingNames]) assert.equal(colourMap(name).length, 768);
  assert.ok(sequentialNames.includes(defaultSequential) && divergingNames.includes(defaultDiverging));
  assert.ok(isDiverging(defaultDiverging) && !isDiverging(defaultSequential));
});

for (const name of sequentialNames)
  test(`${name} gets lighter at every step, over at least two thirds of black to white`, () => {
    const lightness = labs(name).map((lab) => lab[0]);
    for (let i = 1; i < 256; i++) assert.ok(lightness[i]! > lightness[i - 1]! - 2e-4, `step ${i}`);
    for (let i = 4; i < 256; i++) assert.ok(lightness[i]! > lightness[i - 4]!, `four steps to ${i}`);
    assert.ok(lightness[255]! - lightness[0]! > 0.66);
  });

for (const name of divergingNames)
  test(`${name} has arms of mirrored lightness that colour-blind eyes can tell apart`, () => {
    const map = labs(name);
    const away = Math.sign(map[255]![0] - map[128]![0]);
    for (let i = 1; i < 128; i++) {
      assert.ok(Math.abs(map[127 - i]![0] - map[128 + i]![0]) < 0.03, `lightness ${i} from the middle`);
      for (const [at, nearer] of [
        [127 - i, 128 - i],
        [128 + i, 127 + i],
      ] as const)
        assert.ok((map[at]![0] - map[nearer]![0]) * away > -1e-3, `lightness runs one way at ${at}`);
    }
    for (const [deficiency, matrix] of Object.entries(deficiencies))
      for (const i of [40, 80, 127]) {
        const [negative, positive] = [127 - i, 128 + i].map((at) =>
          seenWith(matrix, rgb(colourMap(name), at)),
        );
        assert.ok(apart(negative!, positive!) > 0.05, `${deficiency}, ${i} steps from the middle`);
      }
  });

for (const name of [...sequentialNames, ...divergingNames])
  test(`equal steps along ${name} are equally different to the eye, within a fifth`, () => {
    const map = labs(name);
    const steps = Array.from({ length: 15 }, (_, i) => apart(map[i * 17]!, map[(i + 1) * 17]!));
    const straight = steps.filter((_, i) => !isDiverging(name) || i !== 7); // the one across the middle turns round
    const mean = straight.reduce((sum, step) => sum + step) / straight.length;
    for (const step of straight) assert.ok(Math.abs(step / mean - 1) < 0.2, `${step / mean} of the mean`);
  });

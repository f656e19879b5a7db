/** Colours of labels that are shown together. */
import { expect, test } from 'vitest';
import { oklabToSrgb, srgbToOklab, type Triple } from '../../models/overlay/oklab.ts';
import { LabelColours } from '../../renderer/components/label-colour.ts';

/** As a screen shows it, which has no more than sRGB: [light, dark] in OKLab. */
function seen(css: string): Triple[] {
  return [...css.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map((match) => {
    const [l, c, hue] = match.slice(1).map(Number) as [number, number, number];
    const turn = (hue * Math.PI) / 180;
    const rgb = oklabToSrgb([l, c * Math.cos(turn), c * Math.sin(turn)]);
    return srgbToOklab(rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple);
  });
}
const between = (one: Triple, other: Triple) => Math.hypot(...one.map((value, i) => value - other[i]!));
function nearest(colours: readonly string[]): number {
  const all = colours.map(seen);
  return Math.min(
    ...all.flatMap((one, i) =>
      all.slice(0, i).flatMap((other) => one.map((colour, theme) => between(colour, other[theme]!))),
    ),
  );
}

// Names of the everyday things that the first hash gave almost one colour stand beside any others.
const words = ['acorn', 'bee', 'bus', 'cat', 'coffee', 'lighthouse', 'penguin', 'pizza', 'teapot', 'umbrella', '猫', 'Grandma’s garden', 'holiday', 'boat', 'our cat', 'our boat']; // prettier-ignore

test.each([
  [2, 0.1],
  [6, 0.1],
  [12, 0.04],
])('any %i labels of a set differ in both themes', (count, least) => {
  for (let from = 0; from < words.length; from++)
    for (let step = 1; step < 8; step += 2) {
      const names = [...new Set(Array.from({ length: count }, (_, i) => words[(from + i * step) % words.length]!))]; // prettier-ignore
      const colourOf = new LabelColours().among(names);
      expect(nearest(names.map(colourOf)), names.join()).toBeGreaterThan(least);
    }
});

test('a label keeps its colour while others come and go, and has it by its name alone', () => {
  const colours = new LabelColours();
  const few = words.slice(0, 3);
  const before = few.map(colours.among(few));
  const more = colours.among(words.toReversed().slice(0, 8));
  expect(few.map(colours.among([...few, ...words]))).toEqual(before);
  expect(nearest(words.toReversed().slice(0, 8).map(more))).toBeGreaterThan(0.05);
  expect(new LabelColours().among([])('Cat')).toBe(new LabelColours().among(['cat'])('cat'));
  // Far more than there are colours for: all have one.
  const many = Array.from({ length: 500 }, (_, i) => `label ${i}`);
  expect(new Set(many.map(colours.among(many))).size).toBe(20);
});

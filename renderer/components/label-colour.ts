/**
 * Colours for labels: a hue by the label's name, so that it is the same wherever and whenever it is shown, and another
 * one where that would be taken for the colour of a label beside it. Lightness and chroma go by the theme.
 */

interface Colour {
  /** Degrees. */
  hue: number;
  tone: Tone;
}

/** Lightness and chroma (OKLCH) in the light theme and in the dark one. */
interface Tone {
  light: [lightness: number, chroma: number];
  dark: [lightness: number, chroma: number];
}
const usual: Tone = { light: [0.62, 0.14], dark: [0.72, 0.14] };
/** Stronger against the ground, for what finds no hue of its own. */
const strong: Tone = { light: [0.42, 0.1], dark: [0.88, 0.09] };
const hues = 10;
const grid: readonly Colour[] = [usual, strong].flatMap((tone) =>
  Array.from({ length: hues }, (_, i) => ({ hue: (i * 360) / hues, tone })),
);

/** Distances in OKLab, of which 0.02 is just seen: as far apart as there is room for. */
const apart = [0.14, 0.1, 0.075, 0.05];
/** Labels that are told apart: more than there are colours for, and few enough to be compared as photos are gone through. */
const most = 30;

function distance(one: Colour, other: Colour): number {
  const turn = Math.cos(((one.hue - other.hue) * Math.PI) / 180);
  const themes = (['light', 'dark'] as const).map((theme) => {
    const [[l, c], [m, d]] = [one.tone[theme], other.tone[theme]];
    return Math.sqrt((l - m) ** 2 + c * c + d * d - 2 * c * d * turn);
  });
  return Math.min(...themes);
}

const keyOf = (name: string) => name.normalize('NFC').toLowerCase();

/** FNV-1a, 32 bit. */
function hashOf(key: string): number {
  let hash = 2166136261;
  for (const unit of key) hash = Math.imul(hash ^ unit.codePointAt(0)!, 16777619) >>> 0;
  return hash;
}
const byName = (key: string): Colour => grid[hashOf(key) % hues]!;

const written = ({ hue, tone: { light, dark } }: Colour) =>
  `light-dark(oklch(${light[0]} ${light[1]} ${hue}), oklch(${dark[0]} ${dark[1]} ${hue}))`;

/** Of labels that are shown together, told apart. */
export class LabelColours {
  readonly #colours = new Map<string, Colour>();

  /** @param names those that go before others first. Answers by a name, also one that is not among them, as CSS. */
  among(names: readonly string[]): (name: string) => string {
    const taken: Colour[] = [];
    const shown = new Map<string, Colour>();
    for (const key of [...new Set(names.map(keyOf))].slice(0, most)) {
      const colour = this.#choose(key, taken);
      taken.push(colour);
      shown.set(key, colour);
      this.#colours.set(key, colour);
    }
    return (name) => {
      const key = keyOf(name);
      return written(shown.get(key) ?? byName(key));
    };
  }
  /** The one that it had, if that is still none of the others', or the nearest to its name's that is far from them. */
  #choose(key: string, taken: readonly Colour[]): Colour {
    const from = (colour: Colour) => Math.min(Infinity, ...taken.map((other) => distance(colour, other)));
    const had = this.#colours.get(key);
    if (had && from(had) >= apart.at(-1)!) return had;
    const wanted = byName(key);
    const nearest = grid.toSorted((a, b) => distance(a, wanted) - distance(b, wanted));
    for (const least of apart) {
      const found = nearest.find((colour) => from(colour) >= least);
      if (found) return found;
    }
    return wanted;
  }
}

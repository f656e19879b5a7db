/**
 * A small painter's kit over SVG, for the sample pictures: gradients, soft shadows, grain, and brush strokes from a
 * seeded random generator, so that every run draws the same picture. Units are pixels, angles degrees.
 */

export type Point = [x: number, y: number];
type Attributes = Record<string, string | number>;

/** Numbers in 0 … 1 from a seed (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** #rrggbb with `amount` added to each channel. */
export function shade(colour: string, amount: number): string {
  const channel = (at: number): string =>
    Math.max(0, Math.min(255, Math.round(parseInt(colour.slice(at, at + 2), 16) + amount)))
      .toString(16)
      .padStart(2, '0');
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

const attributes = (of: Attributes): string =>
  Object.entries(of)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? Math.round(value * 100) / 100 : value}"`)
    .join('');

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly random: () => number;
  #definitions = '';
  #body = '';
  #count = 0;

  constructor(width: number, height: number, seed: number) {
    this.width = width;
    this.height = height;
    this.random = randomFrom(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** Adds an element; `blur` is a Gaussian's sigma. */
  add(name: string, of: Attributes, blur = 0): this {
    const filter: Attributes = blur > 0 ? { filter: this.#blur(blur) } : {};
    this.#body += `<${name}${attributes({ ...of, ...filter })}/>\n`;
    return this;
  }

  path(d: string, fill: string, more: Attributes = {}, blur = 0): this {
    return this.add('path', { d, fill, ...more }, blur);
  }

  ellipse(
    cx: number,
    cy: number,
    rx: number,
    ry: number,
    fill: string,
    more: Attributes = {},
    blur = 0,
  ): this {
    return this.add('ellipse', { cx, cy, rx, ry, fill, ...more }, blur);
  }

  rect(
    x: number,
    y: number,
    width: number,
    height: number,
    fill: string,
    more: Attributes = {},
    blur = 0,
  ): this {
    return this.add('rect', { x, y, width, height, fill, ...more }, blur);
  }

  line(d: string, stroke: string, width: number, more: Attributes = {}, blur = 0): this {
    const pen = { 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
    return this.add('path', { d, fill: 'none', stroke, ...pen, ...more }, blur);
  }

  /** Everything that `draw` adds, under one transform. */
  group(transform: string, draw: () => void): this {
    this.#body += `<g transform="${transform}">\n`;
    draw();
    this.#body += '</g>\n';
    return this;
  }

  /** A fill from colours at even distances; top to bottom by default. */
  linear(colours: string[], angle = 90): string {
    const stops = this.#stops(colours);
    return this.#define(
      'linearGradient',
      `x1="0" y1="0" x2="1" y2="0" gradientTransform="rotate(${angle} 0.5 0.5)"`,
      stops,
    );
  }

  /** A fill from the centre (`cx`, `cy`, shares of the shape's box) outwards. */
  radial(colours: string[], cx = 0.4, cy = 0.3, r = 0.8): string {
    return this.#define('radialGradient', `cx="${cx}" cy="${cy}" r="${r}"`, this.#stops(colours));
  }

  /** Film grain over all, so that flat fields are not flat. */
  grain(opacity: number): this {
    const id = `f${this.#count++}`;
    this.#definitions +=
      `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.8" ` +
      `numOctaves="2" seed="${Math.floor(this.random() * 1000)}"/><feColorMatrix type="saturate" values="0"/></filter>`;
    return this.rect(0, 0, this.width, this.height, '#808080', { filter: `url(#${id})`, opacity });
  }

  /** Cloudy texture of one colour that fades out above and below: `frequency` [x, y] in waves a pixel, `strength` of its alpha. */
  mist(
    x: number,
    y: number,
    width: number,
    height: number,
    colour: string,
    frequency: Point,
    strength: number,
  ): this {
    const id = `f${this.#count++}`;
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
    this.#definitions +=
      `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" ` +
      `baseFrequency="${frequency.join(' ')}" numOctaves="5" seed="${Math.floor(this.random() * 1000)}"/>` +
      `<feColorMatrix values="0 0 0 0 ${r}  0 0 0 0 ${g}  0 0 0 0 ${b}  ${strength} ${strength} 0 0 ${-strength * 0.85}"/></filter>`;
    const fade = this.linear(['#000000', '#ffffff', '#ffffff', '#000000']);
    this.#definitions += `<mask id="m${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fade}"/></mask>`;
    this.#body += `<g mask="url(#m${id})">`;
    this.rect(x, y, width, height, '#000000', { filter: `url(#${id})` });
    this.#body += '</g>';
    return this;
  }

  /** Short strokes inside an ellipse, lighter above: fur, feathers, leaves. `lean` is their direction. */
  strokes(
    cx: number,
    cy: number,
    rx: number,
    ry: number,
    colour: string,
    count: number,
    lean: number,
    length: number,
  ): this {
    for (let i = 0; i < count; i++) {
      const turn = this.random() * 2 * Math.PI;
      const out = Math.sqrt(this.random());
      const x = cx + Math.cos(turn) * out * rx;
      const y = cy + Math.sin(turn) * out * ry;
      const angle = ((lean + this.between(-25, 25)) * Math.PI) / 180;
      const reach = length * this.between(0.6, 1.3);
      const light = -((y - cy) / ry) * 26 - ((x - cx) / rx) * 8 + this.between(-22, 22);
      const to = `${(Math.cos(angle) * reach).toFixed(1)},${(Math.sin(angle) * reach).toFixed(1)}`;
      this.line(`M${x.toFixed(1)},${y.toFixed(1)}l${to}`, shade(colour, light), this.between(1.2, 2.6), {
        opacity: 0.55,
      });
    }
    return this;
  }

  /** Blades of grass between two heights; nearer ones are taller and darker. */
  grass(top: number, bottom: number, count: number, colour: string, tall: number): this {
    for (let i = 0; i < count; i++) {
      const near = Math.sqrt(i / count);
      const x = this.random() * this.width;
      const y = top + (bottom - top) * near;
      const height = tall * (0.25 + near) * this.between(0.5, 1.2);
      const bend = this.between(-0.5, 0.5) * height;
      const d = `M${x.toFixed(1)},${y.toFixed(1)}q${(bend * 0.2).toFixed(1)},${(-height * 0.6).toFixed(1)} ${bend.toFixed(1)},${(-height).toFixed(1)}`;
      this.line(d, shade(colour, this.between(-35, 30) - near * 12), 1 + near * 2, { opacity: 0.7 });
    }
    return this;
  }

  svg(): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" ` +
      `viewBox="0 0 ${this.width} ${this.height}"><defs>${this.#definitions}</defs>\n${this.#body}</svg>`
    );
  }

  #stops(colours: string[]): string {
    return colours
      .map(
        (colour, i) =>
          `<stop offset="${(i / Math.max(1, colours.length - 1)).toFixed(3)}" stop-color="${colour}"/>`,
      )
      .join('');
  }

  #define(name: string, of: string, inside: string): string {
    const id = `d${this.#count++}`;
    this.#definitions += `<${name} id="${id}" ${of}>${inside}</${name}>`;
    return `url(#${id})`;
  }

  #blur(sigma: number): string {
    const id = `f${this.#count++}`;
    this.#definitions += `<filter id="${id}" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${sigma}"/></filter>`;
    return `url(#${id})`;
  }
}

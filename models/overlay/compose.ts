/** An overlay as a picture file shows it: photo, map, what the model did not see, scale. Pure. */
import { colourMap, type ColourMapName } from './colours.ts';
import { drawText, glyphHeight, textWidth } from './font.ts';
import type { Region } from './geometry.ts';
import { desaturate, paintMap, saturationUnder, type PaintOptions } from './paint.ts';

export interface ComposeOptions {
  /** RGB, 8 bit, [height · width · 3]; not changed. */
  photo: Uint8Array;
  width: number;
  height: number;
  /** What the model saw, in pixels of the photo; may reach beyond it. */
  seen: Region;
  map: Omit<PaintOptions, 'width' | 'height'>;
  /** Colours and the values they stand for, in the lower left corner; left out where the photo is too small for it. */
  scaleBar: boolean;
}

/** Light that remains of what the model did not see. */
const dimmed = 0.5;

/** A number of a scale in few characters: 0.0123, 1.2e-5, 0. */
export function formatValue(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 0.001 && size < 10_000 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** The region's edges at whole pixels: [left, top, right, bottom), possibly beyond the photo. */
function wholePixels({ x, y, width, height }: Region): [number, number, number, number] {
  const left = Math.round(x);
  const top = Math.round(y);
  return [left, top, Math.max(left + 1, Math.round(x + width)), Math.max(top + 1, Math.round(y + height))];
}

function dimMargin(rgb: Uint8Array, options: ComposeOptions, edges: [number, number, number, number]) {
  const { width, height } = options;
  const [left, top, right, bottom] = edges;
  const line = Math.max(1, Math.round(Math.min(width, height) / 600));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const away = Math.max(left - x, x - right + 1, top - y, y - bottom + 1);
      if (away <= 0) continue;
      const i = (y * width + x) * 3;
      const grey = 0.2126 * rgb[i]! + 0.7152 * rgb[i + 1]! + 0.0722 * rgb[i + 2]!;
      rgb[i] = rgb[i + 1] = rgb[i + 2] = away <= line ? 255 : Math.round(grey * dimmed);
    }
}

function layMap(rgb: Uint8Array, options: ComposeOptions, [left, top, right, bottom]: number[]) {
  const mapWidth = right! - left!;
  const map = paintMap({ ...options.map, width: mapWidth, height: bottom! - top! });
  const saturation = saturationUnder(options.map.colours, options.map.opacity);
  for (let y = Math.max(0, top!); y < Math.min(options.height, bottom!); y++)
    for (let x = Math.max(0, left!); x < Math.min(options.width, right!); x++) {
      const from = ((y - top!) * mapWidth + x - left!) * 4;
      const to = (y * options.width + x) * 3;
      const alpha = map[from + 3]! / 255;
      if (saturation < 1) desaturate(rgb, to, saturation);
      for (let channel = 0; channel < 3; channel++)
        rgb[to + channel] = Math.round(rgb[to + channel]! * (1 - alpha) + map[from + channel]! * alpha);
    }
}

/** RGB of a bar of the colours, lowest value on the left: [height · width · 3]. */
function paintBar(colours: ColourMapName, width: number, height: number): Uint8Array {
  const map = colourMap(colours);
  const bar = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const colour = Math.round(((i % width) / Math.max(1, width - 1)) * 255) * 3;
    bar.set(map.subarray(colour, colour + 3), i * 3);
  }
  return bar;
}

function drawScale(rgb: Uint8Array, options: ComposeOptions) {
  const { width, height, map } = options;
  const unit = Math.max(1, Math.round(Math.min(width, height) / 450));
  const [low, high] = map.range.map(formatValue) as [string, string];
  const barWidth = Math.max(textWidth(`${low}  0  ${high}`, unit), 100 * unit);
  const pad = 5 * unit;
  const barHeight = 8 * unit;
  const plate = { width: barWidth + 2 * pad, height: barHeight + (glyphHeight + 3) * unit + 2 * pad };
  if (plate.width > width * 0.8 || plate.height > height * 0.3) return;
  const top = height - plate.height;
  for (let y = top; y < height; y++) rgb.fill(16, y * width * 3, (y * width + plate.width) * 3);
  const bar = paintBar(map.colours, barWidth, 1);
  for (let y = 0; y < barHeight; y++) rgb.set(bar, ((top + pad + y) * width + pad) * 3);
  const write = (text: string, x: number) =>
    drawText(text, x, top + pad + barHeight + 3 * unit, unit, (px, py) =>
      rgb.fill(235, (py * width + px) * 3, (py * width + px) * 3 + 3),
    );
  write(low, pad);
  write(high, pad + barWidth - textWidth(high, unit));
  if (map.range[0] === -map.range[1]) write('0', pad + Math.round((barWidth - textWidth('0', unit)) / 2));
}

/**
 * RGB, [height · width · 3], the photo's own size. What the model did not see is grey, dark, and set off by a
 * white line. Throws a SaccadeError `map-not-drawable`.
 */
export function compose(options: ComposeOptions): Uint8Array {
  const rgb = options.photo.slice();
  const edges = wholePixels(options.seen);
  layMap(rgb, options, edges);
  dimMargin(rgb, options, edges);
  if (options.scaleBar) drawScale(rgb, options);
  return rgb;
}

/** A contact sheet: every photo of a run with its map and its label, on one PNG. */
import { contactColumns, fitInside, sheetLayout } from '../../models/overlay/sheets.ts';
import { sharp } from '../decode/engine.ts';
import { fromStored, type DrawingChoice } from './maps.ts';
import type { Outcome, Sink } from './outcome.ts';
import { rawOf, readRaster, withMap, writePicture } from './pictures.ts';
import { renderText } from './text.ts';

const cell = { width: 200, height: 150 };
const line = 20;
const paper = 20;

/** More pictures make a PNG that few programs open; the rest is left out and the sheet says so. */
const sheetLimit = 1000;

interface Tile {
  /** PNG of its picture; null where there is none. */
  picture: { png: Buffer; width: number; height: number } | null;
  captions: [string, string];
}

async function tileOf(outcome: Outcome, choice: DrawingChoice): Promise<Tile> {
  const name = outcome.path.split(/[\\/]/).at(-1)!;
  if (outcome.status === 'error') return { picture: null, captions: [name, outcome.error.code] };
  const held = [...outcome.predictions.slice(0, 1), ...outcome.also];
  const said = outcome.words?.labels ?? [];
  const label = said.length
    ? `said: ${said.join(', ')}`
    : held.length
      ? `${outcome.unsure ? '? ' : ''}${held.map((each) => `${each.label.name} ${(each.probability * 100).toFixed(0)} %`).join(', ')}`
      : 'seen, not named';
  let raster: Awaited<ReturnType<typeof readRaster>> | undefined;
  try {
    raster = await readRaster(outcome.file, Math.max(cell.width, cell.height));
    if (outcome.map && outcome.seen)
      raster = {
        ...withMap(raster, outcome.seen, fromStored(outcome.map), choice, false),
        photo: raster.photo,
      };
  } catch {
    // A photo that went away, or a map that can't be drawn: what there is, without inventing the rest.
  }
  if (!raster) return { picture: null, captions: [name, label] };
  const size = fitInside(raster, cell);
  const png = await rawOf(raster).resize(size.width, size.height, { fit: 'fill' }).png().toBuffer();
  return { picture: { png, width: size.width, height: size.height }, captions: [name, label] };
}

/** PNG of pictures in rows, each with up to two lines under it, under a heading. */
async function drawSheet(heading: string, tiles: Tile[], columns: number): Promise<Buffer> {
  const sheet = sheetLayout({
    count: tiles.length,
    columns,
    cell,
    caption: 2 * line,
    gap: 12,
    margin: 16,
    header: 32,
  });
  const layers: {
    input: Buffer;
    left: number;
    top: number;
    raw?: { width: number; height: number; channels: 4 };
  }[] = [];
  const write = async (text: string, left: number, top: number, width: number, grey: number) => {
    if (!text) return;
    const rendered = await renderText(text, width, 14, grey);
    layers.push({
      input: rendered.data,
      left,
      top: top + Math.max(0, Math.floor((line - rendered.height) / 2)),
      raw: { width: rendered.width, height: rendered.height, channels: 4 },
    });
  };
  await write(heading, 16, 12, sheet.width - 32, 150);
  for (const [i, { picture, captions }] of tiles.entries()) {
    const { x, y } = sheet.cells[i]!;
    if (picture) {
      const at = fitInside(picture, cell);
      layers.push({ input: picture.png, left: x + at.x, top: y + at.y });
    }
    await write(captions[0], x, y + cell.height, cell.width, 150);
    await write(captions[1], x, y + cell.height + line, cell.width, 235);
  }
  const background = { r: paper, g: paper, b: paper };
  return sharp({ create: { width: sheet.width, height: sheet.height, channels: 3, background } })
    .composite(layers)
    .removeAlpha()
    .png()
    .toBuffer();
}

export function contactSink(file: string, heading: string, choice: DrawingChoice): Sink {
  const tiles: Tile[] = [];
  let left = 0;
  return {
    async add(outcome) {
      if (tiles.length >= sheetLimit) left++;
      else tiles.push(await tileOf(outcome, choice));
    },
    async end() {
      if (!tiles.length) return;
      const title = left ? `${heading} · ${left} more are not on this sheet` : heading;
      await writePicture(file, await drawSheet(title, tiles, contactColumns(tiles.length)));
    },
  };
}

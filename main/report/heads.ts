/** All heads of all layers of one photo on one PNG: a row a layer, a column a head, the mean of heads last. */
import { assertDrawable, rangeOf, type Normalisation } from '../../models/overlay/normalise.ts';
import { paintMap } from '../../models/overlay/paint.ts';
import { sheetLayout } from '../../models/overlay/sheets.ts';
import { defaultSequential } from '../../models/overlay/colours.ts';
import { SaccadeError } from '../../models/error.ts';
import type { Inspection } from '../contract/entities/inspection.ts';
import type { OverlayOptions } from 'sharp';
import { sharp } from '../decode/engine.ts';
import { commonRange, mapOf, type DrawingChoice, type DrawnMap } from './maps.ts';
import { rawOf, readRaster, scaleRegion } from './pictures.ts';
import { renderText } from './text.ts';

const longSide = 112;
const caption = 18;

/** The largest value as a multiple of what every patch would get if all got the same: "×12". */
function peak(map: DrawnMap): string {
  const shares = Math.max(...map.values) * map.values.length;
  return shares < 0.01 ? '×0.00' : `×${shares.toPrecision(2)}`;
}

/**
 * `choice.normalisation`: `photo` scales every cell to itself, `folder` all cells to the extent over all of them.
 * Cells whose map can't be drawn stay empty and say so. Throws a SaccadeError `map-absent`, and as `decodePhoto`.
 */
export async function headsSheet(
  file: string,
  inspection: Inspection,
  choice: DrawingChoice,
): Promise<Buffer> {
  const { grid, layers, heads, seen } = inspection;
  if (!grid || !inspection.clsAttention)
    throw new SaccadeError('map-absent', inspection.absent.cls ?? 'This model has no attention to show.');
  const shrink = longSide / Math.max(seen.width, seen.height);
  const cell = {
    width: Math.max(1, Math.round(seen.width * shrink)),
    height: Math.max(1, Math.round(seen.height * shrink)),
  };
  const backdrop = await seenOnly(file, inspection, cell);
  const maps = Array.from({ length: layers }, (_, layer) => [
    ...Array.from({ length: heads }, (_, head) => mapOf(inspection, 'cls', layer, head)),
    mapOf(inspection, 'cls', layer, 'mean'),
  ]);
  const folderRange = commonRange(maps.flat());
  const sheet = sheetLayout({
    count: layers * (heads + 1),
    columns: heads + 1,
    cell,
    caption,
    gap: 6,
    margin: 16,
    header: 30,
  });
  const composites: OverlayOptions[] = [];
  const write = async (text: string, left: number, top: number, width: number) => {
    const rendered = await renderText(text, width, 12, 190);
    const raw = { width: rendered.width, height: rendered.height, channels: 4 as const };
    composites.push({ input: rendered.data, raw, left, top });
  };
  const scale: Record<Normalisation, string> = {
    photo: 'each cell scaled to itself',
    folder: 'all cells on one scale',
    absolute: 'fixed scale',
  };
  await write(
    `${inspection.model} · ${scale[choice.normalisation]} · ×: strongest patch in even shares`,
    16,
    14,
    sheet.width - 32,
  );
  for (const [layer, row] of maps.entries())
    for (const [head, map] of row.entries()) {
      const { x: left, y: top } = sheet.cells[layer * (heads + 1) + head]!;
      composites.push({ input: backdrop, raw: { ...cell, channels: 3 }, left, top });
      const name = `L${layer + 1} ${head < heads ? `H${head + 1}` : 'mean'}`;
      try {
        assertDrawable(map.values, map.rows, map.columns);
        const pixels = paintMap({
          ...map,
          ...cell,
          range: rangeOf(map.values, false, choice.normalisation, folderRange),
          colours: choice.colours ?? defaultSequential,
          opacity: choice.opacity,
          interpolation: choice.interpolation,
          contour: choice.contour,
        });
        composites.push({ input: Buffer.from(pixels.buffer), raw: { ...cell, channels: 4 }, left, top });
        await write(`${name} ${peak(map)}`, left, top + cell.height + 3, cell.width);
      } catch (error) {
        if (!(error instanceof SaccadeError)) throw error;
        await write(`${name} nothing to draw`, left, top + cell.height + 3, cell.width);
      }
    }
  return sharp({
    create: { width: sheet.width, height: sheet.height, channels: 3, background: { r: 20, g: 20, b: 20 } },
  })
    .composite(composites)
    .removeAlpha()
    .png()
    .toBuffer();
}

/** RGB of what the model saw, at the size of a cell; padding is black. */
async function seenOnly(
  file: string,
  { seen, photo }: Pick<Inspection, 'seen' | 'photo'>,
  cell: { width: number; height: number },
): Promise<Buffer> {
  const raster = await readRaster(file, Math.max(longSide * 4, 512));
  const region = scaleRegion(seen, photo, raster);
  const left = Math.max(0, Math.floor(region.x));
  const top = Math.max(0, Math.floor(region.y));
  const right = Math.min(raster.width, Math.ceil(region.x + region.width));
  const bottom = Math.min(raster.height, Math.ceil(region.y + region.height));
  const across = cell.width / region.width;
  const down = cell.height / region.height;
  const width = Math.min(cell.width, Math.max(1, Math.round((right - left) * across)));
  const height = Math.min(cell.height, Math.max(1, Math.round((bottom - top) * down)));
  const part = await rawOf(raster)
    .extract({ left, top, width: right - left, height: bottom - top })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return sharp({ create: { ...cell, channels: 3, background: { r: 0, g: 0, b: 0 } } })
    .composite([
      {
        input: part,
        raw: { width, height, channels: 3 },
        left: Math.min(cell.width - width, Math.max(0, Math.round((left - region.x) * across))),
        top: Math.min(cell.height - height, Math.max(0, Math.round((top - region.y) * down))),
      },
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
}

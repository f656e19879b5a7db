/** Every head of every layer on one PNG: a row a layer, a column a head, the mean of heads first. */
import { extent, whyNotDrawable } from '../../models/overlay/normalise.ts';
import { paintMap } from '../../models/overlay/paint.ts';
import { sheetLayout } from '../../models/overlay/sheets.ts';
import type { Inspection } from '../../main/contract/entities/inspection.ts';
import { attentionMap, type HeadChoice } from '../../models/overlay/inspection.ts';
import type { Drawing } from './overlay.svelte.ts';

const longSide = 112;

/** Each map over its own range. What can't be drawn stays empty. Rejects where the model has no attention. */
export async function headsSheet(
  inspection: Inspection,
  { sequential, interpolation }: Drawing,
  nameOf: (layer: number, head: HeadChoice) => string,
): Promise<Blob> {
  const { grid, clsAttention, layers, heads } = inspection;
  if (!grid || !clsAttention) throw new Error(inspection.absent.cls);
  const patch = longSide / Math.max(grid.rows, grid.columns);
  const cell = { width: Math.round(grid.columns * patch), height: Math.round(grid.rows * patch) };
  const columns = heads + 1;
  const sheet = sheetLayout({ count: layers * columns, columns, cell, caption: 18, gap: 6, margin: 16, header: 0 }); // prettier-ignore
  const canvas = new OffscreenCanvas(sheet.width, sheet.height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#141414';
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = '#bebebe';
  context.font = '11px system-ui, sans-serif';
  for (const [i, { x, y }] of sheet.cells.entries()) {
    const layer = Math.floor(i / columns);
    const head = i % columns === 0 ? 'mean' : (i % columns) - 1;
    const values = attentionMap(clsAttention, { heads, patches: grid.rows * grid.columns }, layer, head);
    context.fillText(nameOf(layer, head), x, y + cell.height + 13, cell.width);
    const [low, high] = extent(values);
    if (whyNotDrawable(values, grid.rows, grid.columns) || !(high > low)) continue;
    const { rows, columns: across } = grid;
    const map = {
      values,
      rows,
      columns: across,
      range: [low, high] as [number, number],
      colours: sequential,
      opacity: 1,
      interpolation,
      contour: false,
    };
    context.putImageData(new ImageData(paintMap({ ...map, ...cell }), cell.width, cell.height), x, y);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}

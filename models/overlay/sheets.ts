/** Where the pictures of a sheet go. Pure. */

export interface SheetOptions {
  count: number;
  columns: number;
  /** Pixels of one picture, the caption under it, the space between, the space around all, and above all. */
  cell: { width: number; height: number };
  caption: number;
  gap: number;
  margin: number;
  header: number;
}

export interface Sheet {
  width: number;
  height: number;
  /** Upper left corner of each picture; its caption starts `cell.height` below. */
  cells: { x: number; y: number }[];
}

export function sheetLayout({ count, columns, cell, caption, gap, margin, header }: SheetOptions): Sheet {
  const across = Math.max(1, Math.min(columns, count));
  const rows = Math.ceil(count / across);
  return {
    width: 2 * margin + across * cell.width + (across - 1) * gap,
    height: 2 * margin + header + rows * (cell.height + caption) + Math.max(0, rows - 1) * gap,
    cells: Array.from({ length: count }, (_, i) => ({
      x: margin + (i % across) * (cell.width + gap),
      y: margin + header + Math.floor(i / across) * (cell.height + caption + gap),
    })),
  };
}

/** Columns that make a contact sheet about as wide as high; at most `most`. */
export function contactColumns(count: number, most = 10): number {
  return Math.max(1, Math.min(most, Math.ceil(Math.sqrt(count))));
}

/** The largest size of that aspect ratio inside a cell, and where it lies when centred; whole pixels, never enlarged. */
export function fitInside(
  picture: { width: number; height: number },
  cell: { width: number; height: number },
): { x: number; y: number; width: number; height: number } {
  const scale = Math.min(1, cell.width / picture.width, cell.height / picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return {
    x: Math.floor((cell.width - width) / 2),
    y: Math.floor((cell.height - height) / 2),
    width,
    height,
  };
}

/** Where in its photo a strong patch lies, and how much of the logit it is. Pure. */
import type { Grid } from './shares.ts';
import type { Strong } from './strongest.ts';

interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Crop {
  row: number;
  column: number;
  /** Logit units. */
  value: number;
  /** Of the logit; null: it is not known, or not positive. */
  share: number | null;
  /** In the photo's pixels. */
  region: Region;
}

/** @param seen the part of the photo that the model saw, in its pixels */
export function cropOf({ patch, value }: Strong, grid: Grid, seen: Region, logit: number | null): Crop {
  const [row, column] = [Math.floor(patch / grid.columns), patch % grid.columns];
  const [width, height] = [seen.width / grid.columns, seen.height / grid.rows];
  return {
    ...{ row, column, value },
    share: logit !== null && logit > 0 ? value / logit : null,
    region: { x: seen.x + column * width, y: seen.y + row * height, width, height },
  };
}

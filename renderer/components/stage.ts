/** Where photo, overlay and patches lie on the screen. Pure; all in CSS pixels unless said otherwise. */
import type { SeenRegion } from '../../main/contract/entities/inspection.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface View {
  /** Times the fitting size. */
  zoom: number;
  /** How far the photo's middle lies from the stage's middle. */
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}

export const fitted: View = { zoom: 1, x: 0, y: 0 };
const zooms = { least: 1, most: 32 };

/** Largest size of the photo inside the stage; never larger than `most` times its own pixels. */
export function fit(photo: Size, stage: Size, margin: number, most = 4): Size {
  const scale = Math.min(
    (stage.width - 2 * margin) / photo.width,
    (stage.height - 2 * margin) / photo.height,
    most,
  );
  return { width: Math.max(1, photo.width * scale), height: Math.max(1, photo.height * scale) };
}

export function photoBox(fits: Size, stage: Size, view: View): Box {
  const width = fits.width * view.zoom;
  const height = fits.height * view.zoom;
  return {
    x: stage.width / 2 + view.x - width / 2,
    y: stage.height / 2 + view.y - height / 2,
    width,
    height,
  };
}

/** The region the model saw, inside the photo's box; may reach beyond it. */
export function seenBox(photo: Size, seen: SeenRegion, box: Size): Box {
  const across = box.width / photo.width;
  const down = box.height / photo.height;
  return { x: seen.x * across, y: seen.y * down, width: seen.width * across, height: seen.height * down };
}

/** The same for a square tile that the photo covers, its middle in the middle. */
export function seenInTile(photo: Size, seen: SeenRegion, side: number): Box {
  const scale = side / Math.min(photo.width, photo.height);
  return {
    x: seen.x * scale - (photo.width * scale - side) / 2,
    y: seen.y * scale - (photo.height * scale - side) / 2,
    width: seen.width * scale,
    height: seen.height * scale,
  };
}

/** Zooms by `factor` and keeps what lies under `at` (stage pixels) where it is. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }, stage: Size): View {
  const zoom = Math.min(zooms.most, Math.max(zooms.least, view.zoom * factor));
  const real = zoom / view.zoom;
  const fromMiddle = { x: at.x - stage.width / 2, y: at.y - stage.height / 2 };
  return {
    zoom,
    x: fromMiddle.x - (fromMiddle.x - view.x) * real,
    y: fromMiddle.y - (fromMiddle.y - view.y) * real,
  };
}

/** Keeps a part of the photo on the stage, and a fitting photo in its middle. */
export function held(view: View, fits: Size, stage: Size): View {
  const spare = (size: number, room: number) => Math.max(0, (size * view.zoom - room) / 2);
  const reachX = spare(fits.width, stage.width);
  const reachY = spare(fits.height, stage.height);
  return {
    zoom: view.zoom,
    x: Math.min(reachX, Math.max(-reachX, view.x)),
    y: Math.min(reachY, Math.max(-reachY, view.y)),
  };
}

/** The patch under a point of the photo's box; null outside of what the model saw. */
export function patchAt(
  point: { x: number; y: number },
  seen: Box,
  grid: { rows: number; columns: number },
): { row: number; column: number } | null {
  const column = Math.floor(((point.x - seen.x) / seen.width) * grid.columns);
  const row = Math.floor(((point.y - seen.y) / seen.height) * grid.rows);
  return row >= 0 && row < grid.rows && column >= 0 && column < grid.columns ? { row, column } : null;
}

/** What cameras wrote into photos, by photo; cameras and lenses each once. */
import type { Capture } from '../../contract/entities/photo.ts';
import { captureVersion } from '../../decode/metadata/capture.ts';
import type { Catalog } from './database.ts';
import { searchable } from './keys.ts';
import { cellOf } from './map-cells.ts';

export type Gear = 'camera' | 'lens';

interface CaptureRow extends Omit<Capture, 'takenMs'> {
  taken_ms: number | null;
}

/** Null: not read yet. */
export function captureOfPhoto(catalog: Catalog, photoId: number): Capture | null {
  const row = catalog.one<CaptureRow>(
    `SELECT taken_ms, camera.name AS camera, lens.name AS lens, exposure, aperture, iso, focal, focal35, latitude,
       longitude
     FROM captures LEFT JOIN gear camera ON camera.id = camera_id LEFT JOIN gear lens ON lens.id = lens_id
     WHERE photo_id = ?`,
    photoId,
  );
  if (!row) return null;
  const { taken_ms: takenMs, ...capture } = row;
  return { takenMs, ...capture };
}

function gearId(catalog: Catalog, kind: Gear, name: string | null): number | null {
  if (name === null) return null;
  const known = catalog.one<{ id: number }>('SELECT id FROM gear WHERE kind = ? AND name = ?', kind, name);
  if (known) return known.id;
  const { lastInsertRowid } = catalog.run(
    'INSERT INTO gear (kind, name, key) VALUES (?, ?, ?)',
    kind,
    name,
    searchable(name),
  );
  return Number(lastInsertRowid);
}

/** In place of what was known; the photo takes its place by the date that is in it. Within a transaction. */
export function storeCapture(catalog: Catalog, photoId: number, capture: Capture): void {
  const { takenMs, camera, lens, exposure, aperture, iso, focal, focal35, latitude, longitude } = capture;
  // What readers before said of the same file, also to a run.
  if (catalog.one('SELECT 1 FROM captures WHERE photo_id = ?', photoId))
    catalog.run(
      'UPDATE contents SET taken_ms = ? WHERE id = (SELECT content_id FROM photos WHERE id = ?)',
      takenMs,
      photoId,
    );
  catalog.run(
    `INSERT OR REPLACE INTO captures (photo_id, taken_ms, camera_id, lens_id, exposure, aperture, iso, focal, focal35,
       latitude, longitude, cell, version) SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM photos WHERE id = ?`,
    takenMs,
    gearId(catalog, 'camera', camera),
    gearId(catalog, 'lens', lens),
    ...[exposure, aperture, iso, focal, focal35, latitude, longitude],
    latitude === null || longitude === null ? null : cellOf({ latitude, longitude }),
    captureVersion,
    photoId,
  );
  const dated = `coalesce((SELECT taken_ms FROM contents WHERE id = content_id), ?, clock_at(modified_ms))`;
  catalog.run(
    `UPDATE photos SET date_ms = ${dated} WHERE id = ? AND date_ms <> ${dated}`,
    takenMs,
    photoId,
    takenMs,
  );
}

export interface Unread {
  id: number;
  folder: string;
  name: string;
  /** As the file was when it was last looked at; what is read of a later one is read again. */
  bytes: number;
  modifiedMs: number;
}

/** Photos that are there, of these ids, whose captures were not read yet, or by readers that said something else. */
export function withoutCapture(catalog: Catalog, from: number, to: number): Unread[] {
  return catalog.all<Unread>(
    `SELECT p.id, f.path AS folder, p.name, p.bytes, p.modified_ms AS modifiedMs
     FROM photos p JOIN folders f ON f.id = p.folder_id
     WHERE p.id >= ? AND p.id < ? AND p.missing_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.photo_id = p.id AND c.version = ?) ORDER BY p.id`,
    from,
    to,
    captureVersion,
  );
}

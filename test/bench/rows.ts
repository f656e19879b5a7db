/** A catalog of any number of photos, written by rows: what lists, counts and searches cost without classifying for days. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { packMap, packRegion, packTop } from '../../main/library/catalog/blobs.ts';
import { openCatalog, type Catalog } from '../../main/library/catalog/database.ts';
import { storeCapture } from '../../main/library/catalog/captures.ts';
import { addFolder, ensureFolder, type FolderRow } from '../../main/library/catalog/folders.ts';
import { nameKey, photoKey } from '../../main/library/catalog/keys.ts';
import { setWords } from '../../main/library/catalog/photos.ts';
import { resultKeyId } from '../../main/library/catalog/results.ts';
import { writeValue } from '../../main/library/catalog/settings.ts';
import { readManifest } from '../../models/load.ts';
import { imagenetLabels } from '../../models/formats/labels.ts';
import { fileURLToPath } from 'node:url';

/** Of ViT-B/16: a feature of 768 numbers, a map of 14 × 14. */
const featureBytes = 768 * 2;
const grid = 14;
/** One folder holds a fifth of all photos; the others share the rest. */
const folders = 1000;
const cameras = ['Canon EOS 5D', 'Nikon D750', 'SONY ILCE-7M3', 'Apple iPhone 12', 'Google Pixel 6'];
const lenses = ['EF24-105mm f/4L IS USM', 'AF-S 50mm f/1.8G', 'FE 35mm F1.8', null];

/** Deterministic, 0 … 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makeFolders(catalog: Catalog, root: string): FolderRow[] {
  addFolder(catalog, root);
  const flat = ensureFolder(catalog, join(root, 'Camera'));
  const others = Array.from({ length: folders - 1 }, (_, i) =>
    ensureFolder(catalog, join(root, String(2000 + (i % 25)), `Event ${Math.floor(i / 25)}`)),
  );
  return [flat, ...others];
}

/** The same photos, of which several labels may hold: beside the first, four others of two photos in five each. */
export function severalRows(root: string, count: number, progress: (rows: number) => void): string {
  const from = join(manyRows(root, count, progress), 'catalog.sqlite');
  const home = join(root, `several-${count}`);
  if (existsSync(home)) return home;
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  copyFileSync(from, join(part, 'catalog.sqlite'));
  const catalog = openCatalog(join(part, 'catalog.sqlite'));
  const { length } = imagenetLabels();
  catalog.run("UPDATE models SET answers = 'any'");
  for (let k = 1; k <= 4; k++)
    catalog.run(
      `INSERT INTO further_labels SELECT (label + ? * 7) % ?, id, folder_id, probability * (0.5 + id * 37 % 100 / 200.0)
       FROM photos WHERE status = 1 AND (id * 7919 + ? * 104729) % 1000 < 400`,
      k,
      length,
      k,
    );
  catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  catalog.close();
  renameSync(part, home);
  return home;
}

/** Folder that holds the catalog; made once and kept. `progress` hears how many rows there are. */
export function manyRows(root: string, count: number, progress: (rows: number) => void): string {
  const home = join(root, `rows-${count}`);
  const path = join(home, 'catalog.sqlite');
  if (existsSync(path)) return home;
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const catalog = openCatalog(join(part, 'catalog.sqlite'));
  // A half-made catalog is made anew: nothing of it has to be safe.
  catalog.exec('PRAGMA synchronous = OFF');
  const labels = imagenetLabels();
  // Of the model that is chosen: what another one answered is shown no more.
  const starter = readManifest(fileURLToPath(new URL('../../models/starter', import.meta.url)));
  const keyId = resultKeyId(
    catalog,
    { modelHash: starter.weights.sha256, preprocessing: 'bench', precision: 'fp32', graphVersion: 1 },
    { ...starter, labels },
  );
  catalog.run('UPDATE result_keys SET feature_length = ?', featureBytes / 2);
  writeValue(catalog, 'shown', keyId);
  const all = makeFolders(catalog, '/photos');
  const next = random(1);
  const feature = new Uint8Array(new Float16Array(featureBytes / 2).map(() => next() * 2 - 1).buffer);
  const bytes = new Uint8Array(grid * grid).map(() => 256 * next());
  const map = packMap({ method: 'class', layers: [1, 12], classIndex: 1, rows: grid, columns: grid, scale: 1, offset: 0, bytes }); // prettier-ignore
  const seen = packRegion({ x: 0, y: 0, width: 1, height: 1 });
  const chunk = 10_000;
  for (let from = 0; from < count; from += chunk) {
    catalog.transaction(() => {
      for (let i = from; i < Math.min(count, from + chunk); i++) addRow(i);
    });
    progress(from + chunk);
  }
  catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  catalog.close();
  renameSync(part, home);
  return home;

  function addRow(i: number): void {
    const folder = next() < 0.2 ? all[0]! : all[1 + Math.floor(next() * (all.length - 1))]!;
    const name = `${next() < 0.5 ? 'IMG_' : 'DSC'}${String(i).padStart(7, '0')}.JPG`;
    const hash = createHash('sha256').update(String(i)).digest();
    const takenMs = Math.floor(1e12 + 6e11 * next());
    const content = Number(catalog.run('INSERT INTO contents (hash, width, height, taken_ms) VALUES (?, 4000, 3000, ?)', hash, takenMs).lastInsertRowid); // prettier-ignore
    // Few labels have most photos, as everywhere.
    const label = Math.floor(labels.length * next() ** 4);
    const draw = next();
    const status = draw < 0.03 ? 0 : draw < 0.05 ? 3 : draw < 0.15 ? 2 : 1;
    const classified = status === 1 || status === 2;
    const probability = classified ? next() : -1;
    const spread = classified ? next() : 2;
    const { lastInsertRowid } = catalog.run(
      `INSERT INTO photos (folder_id, name, name_key, path_key, bytes, modified_ms, changed_ms, date_ms, content_id,
         status, label, probability, spread) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      folder.id,
      name,
      nameKey(name),
      photoKey(folder.path_key, name),
      4_000_000 + i,
      1e12 + i,
      1e12 + i,
      takenMs,
      content,
      status,
      classified ? label : null,
      probability,
      spread,
    );
    const id = Number(lastInsertRowid);
    setWords(catalog, id, name, null);
    const placed = next() < 0.3;
    storeCapture(catalog, id, {
      takenMs,
      camera: cameras[Math.floor(cameras.length * next() ** 2)]!,
      lens: lenses[i % lenses.length]!,
      exposure: 1 / (50 + (i % 400)),
      aperture: 1.8 + (i % 5),
      iso: 100 * (1 + (i % 16)),
      focal: 24 + (i % 80),
      focal35: null,
      latitude: placed ? 180 * next() - 90 : null,
      longitude: placed ? 360 * next() - 180 : null,
    });
    if (!classified) return;
    const top = packTop([0, 1, 2, 3, 4].map((k) => ({ index: (label + k) % labels.length, probability: probability / (k + 1) }))); // prettier-ignore
    catalog.run(
      `INSERT INTO results (content_id, key_id, provider, unsure, top, map, seen, label, probability, spread)
       VALUES (?, ?, 'cpu', ?, ?, ?, ?, ?, ?, ?)`,
      content,
      keyId,
      status === 2 ? 1 : 0,
      top,
      map,
      seen,
      label,
      probability,
      spread,
    );
    catalog.run('INSERT INTO features (content_id, key_id, vector) VALUES (?, ?, ?)', content, keyId, feature); // prettier-ignore
  }
}

/** Evidence for a label of a head, by content: what runs stored of the model's own first label, and what was looked at for it. */
import type { StoredMap, SeenRegion } from '../../contract/entities/inspection.ts';
import { packMap, packRegion, unpackMap, unpackRegion } from './blobs.ts';
import type { Catalog } from './database.ts';

/** Whose label. `id` 0: the model's own head. */
export interface MapOwner {
  keyId: number;
  id: number;
  version: number;
}

export interface LabelMap {
  photoId: number;
  contentId: number;
  label: number;
  map: StoredMap;
  seen: SeenRegion | null;
  photo: { width: number; height: number };
  /** Null: the map is a run's, which tells nothing of it. */
  special: number | null;
  logit: number | null;
}

interface Row {
  id: number;
  content_id: number;
  label: number;
  map: Uint8Array | null;
  run_map: Uint8Array | null;
  seen: Uint8Array | null;
  run_seen: Uint8Array | null;
  width: number;
  height: number;
  special: number | null;
  logit: number | null;
}

/** Of photos [id, label], in their order; a content counts once. Photos without a map are left out. */
export function labelMaps(
  catalog: Catalog,
  { keyId, id, version }: MapOwner,
  photos: readonly (readonly [number, number])[],
): LabelMap[] {
  const rows = catalog.all<Row>(
    `SELECT p.id, p.content_id, json_extract(w.value, '$[1]') AS label, l.map, l.seen, r.map AS run_map, r.seen AS run_seen,
       c.width, c.height, l.special, l.logit
     FROM json_each(?) w
     CROSS JOIN photos p ON p.id = json_extract(w.value, '$[0]')
     JOIN contents c ON c.id = p.content_id
     LEFT JOIN label_maps l ON l.key_id = ? AND l.head_id = ? AND l.version = ?
       AND l.label = json_extract(w.value, '$[1]') AND l.content_id = p.content_id
     LEFT JOIN results r ON ? = 0 AND l.map IS NULL AND r.key_id = ? AND r.content_id = p.content_id
     ORDER BY w.key`,
    JSON.stringify(photos),
    keyId,
    id,
    version,
    id,
    keyId,
  );
  const seen = new Set<number>();
  return rows.flatMap((row) => {
    const packed = row.map ?? row.run_map;
    if (!packed || seen.has(row.content_id)) return [];
    const map = unpackMap(packed);
    if (map.method !== 'class' || map.classIndex !== row.label) return [];
    seen.add(row.content_id);
    const region = row.seen ?? row.run_seen;
    return [
      {
        photoId: row.id,
        contentId: row.content_id,
        label: row.label,
        map,
        seen: region && unpackRegion(region),
        photo: { width: row.width, height: row.height },
        special: row.special,
        logit: row.logit,
      },
    ];
  });
}

export function storeLabelMap(
  catalog: Catalog,
  { keyId, id, version }: MapOwner,
  contentId: number,
  label: number,
  found: { map: StoredMap; seen: SeenRegion; special: number; logit: number },
): void {
  catalog.run(
    `INSERT OR REPLACE INTO label_maps (content_id, key_id, head_id, version, label, map, seen, special, logit)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    contentId,
    keyId,
    id,
    version,
    label,
    packMap(found.map),
    packRegion(found.seen),
    found.special,
    found.logit,
  );
}

/** Other labels' evidence is compared with that of at most so many photos. */
const mostOthers = 5000;

/** Maps for labels other than `label`, of photos spread over the catalog. */
export function otherMaps(
  catalog: Catalog,
  { keyId, id, version }: MapOwner,
  label: number | null,
): StoredMap[] {
  const looked = catalog.all<{ map: Uint8Array }>(
    `SELECT map FROM label_maps WHERE key_id = ? AND head_id = ? AND version = ? AND label IS NOT ?
     ORDER BY draw_order(content_id) LIMIT ?`,
    keyId,
    id,
    version,
    label,
    mostOthers,
  );
  const run = id === 0 ? runMaps(catalog, keyId, label) : [];
  return [...looked.map(({ map }) => unpackMap(map)), ...run];
}

/** Those that runs stored for the model's own first label, where it is not `label`. */
export function runMaps(catalog: Catalog, keyId: number, label: number | null): StoredMap[] {
  const rows = catalog.all<{ map: Uint8Array }>(
    `SELECT map FROM results WHERE key_id = ? AND map IS NOT NULL AND label IS NOT ? AND content_id % max(1,
       (SELECT count(*) FROM results WHERE key_id = ?) / ?) = 0`,
    keyId,
    label,
    keyId,
    mostOthers,
  );
  return rows.map(({ map }) => unpackMap(map)).filter(({ method }) => method === 'class');
}

/** What earlier versions of a head saw is of no use. */
export function dropOldLabelMaps(catalog: Catalog, { id, version }: MapOwner): void {
  catalog.run('DELETE FROM label_maps WHERE head_id = ? AND head_id <> 0 AND version <> ?', id, version);
}

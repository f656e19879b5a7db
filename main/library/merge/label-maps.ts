/** Joins evidence for labels, from the schema `source` of the connection into the catalog's own. */
import type { Catalog } from '../catalog/database.ts';

/**
 * Within a transaction, after answers and heads were joined. A head's labels are numbers that its own version gives a
 * meaning: its maps go to the head here that is the same one bit by bit, and to no other. `heads` false: those of models'
 * own heads alone.
 */
export function joinLabelMaps(catalog: Catalog, heads = true): void {
  take(
    catalog,
    `SELECT 0 AS source_id, version AS source_version, 0 AS id, version FROM source.label_maps WHERE head_id = 0 GROUP BY version`,
  );
  if (!heads) return;
  take(
    catalog,
    `SELECT theirs.id AS source_id, theirs.version AS source_version, min(ours.id) AS id, ours.version
     FROM source.heads theirs
     JOIN source.head_versions v ON v.head_id = theirs.id AND v.version = theirs.version
     JOIN main.head_versions w ON w.manifest = v.manifest AND w.weights = v.weights
     JOIN main.heads ours ON ours.id = w.head_id AND ours.version = w.version AND ours.model_hash = theirs.model_hash
     WHERE theirs.removed_ms IS NULL AND ours.removed_ms IS NULL GROUP BY theirs.id`,
  );
}

/** `owners`: heads of the source, and those that are the same here. */
function take(catalog: Catalog, owners: string): void {
  catalog.exec(
    `INSERT OR IGNORE INTO main.label_maps (content_id, key_id, head_id, version, label, map, seen, special, logit)
       SELECT c.id, k.id, o.id, o.version, m.label, m.map, m.seen, m.special, m.logit
       FROM source.label_maps m
       JOIN (${owners}) o ON o.source_id = m.head_id AND o.source_version = m.version
       JOIN temp.merged_keys k ON k.source_id = m.key_id
       JOIN temp.merged_contents c ON c.source_id = m.content_id`,
  );
}

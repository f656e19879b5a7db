/** Joins heads, and which pictures a person called different, from the schema `source` of the connection. */
import type { MergeConflict } from '../../contract/entities/merge.ts';
import type { Catalog } from '../catalog/database.ts';
import { setHeadDoubt } from '../catalog/heads.ts';

interface HeadOf {
  id: number;
  name: string;
  model_hash: string;
  doubt: number | null;
  manifest: string;
  weights: Uint8Array;
}

const headsOf = (catalog: Catalog, schema: string, removed = false): HeadOf[] =>
  catalog.once(
    `SELECT h.id, h.name, h.model_hash, h.doubt, v.manifest, v.weights FROM ${schema}.heads h
     JOIN ${schema}.head_versions v ON v.head_id = h.id AND v.version = h.version
     WHERE h.removed_ms IS ${removed ? 'NOT NULL' : 'NULL'} ORDER BY h.id`,
  );

const isSame = (a: HeadOf, b: HeadOf) =>
  a.model_hash === b.model_hash &&
  a.manifest === b.manifest &&
  Buffer.compare(Buffer.from(a.weights), Buffer.from(b.weights)) === 0;

/**
 * Within a transaction. One whose name is taken comes in under another: both may be wanted. One that was removed here stays
 * away, and what was removed there is not taken.
 */
export function joinHeads(catalog: Catalog): { added: number; conflicts: MergeConflict[] } {
  const ours = headsOf(catalog, 'main');
  const removed = headsOf(catalog, 'main', true);
  const conflicts: MergeConflict[] = [];
  let added = 0;
  for (const theirs of headsOf(catalog, 'source')) {
    const same = ours.find((each) => isSame(each, theirs));
    if (same) {
      if (same.doubt === null) setHeadDoubt(catalog, same.id, theirs.doubt);
      else if (theirs.doubt !== null && theirs.doubt !== same.doubt)
        conflicts.push({ about: 'setting', of: `doubt of ${same.name}`, ours: String(same.doubt), theirs: String(theirs.doubt) }); // prettier-ignore
      continue;
    }
    if (removed.some((each) => isSame(each, theirs))) {
      conflicts.push({ about: 'head', of: theirs.name, ours: null, theirs: theirs.name });
      continue;
    }
    const taken = new Set(
      ours.filter((each) => each.model_hash === theirs.model_hash).map((each) => each.name.toLowerCase()),
    );
    let name = theirs.name;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${theirs.name} (${n})`;
    if (name !== theirs.name)
      conflicts.push({ about: 'head', of: theirs.name, ours: theirs.name, theirs: name });
    const { lastInsertRowid } = catalog.run(
      'INSERT INTO main.heads (name, model_hash, version, doubt) SELECT ?, model_hash, version, doubt FROM source.heads WHERE id = ?',
      name,
      theirs.id,
    );
    const id = Number(lastInsertRowid);
    catalog.exec(
      `INSERT INTO main.head_versions (head_id, version, created_ms, manifest, weights)
         SELECT ${id}, version, created_ms, manifest, weights FROM source.head_versions WHERE head_id = ${theirs.id}`,
    );
    ours.push({ ...theirs, id, name });
    added++;
  }
  catalog.exec(
    `INSERT OR IGNORE INTO main.distinct_contents (a, b)
       SELECT min(a.id, b.id), max(a.id, b.id) FROM source.distinct_contents theirs
       JOIN temp.merged_contents a ON a.source_id = theirs.a JOIN temp.merged_contents b ON b.source_id = theirs.b`,
  );
  return { added, conflicts };
}

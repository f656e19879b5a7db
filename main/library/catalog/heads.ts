/** Heads as rows: each has versions, of which one is in force, so that changing one can be taken back. */
import { type Head, headManifestSchema, rowsOf } from '../../../models/heads/head.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Catalog } from './database.ts';
import { readValue, writeValue } from './settings.ts';

export interface HeadRow {
  id: number;
  name: string;
  model_hash: string;
  version: number;
  removed_ms: number | null;
  created_ms: number;
  /** Below which confidence its answers are unsure, where a person set it; null: as it was made. */
  doubt: number | null;
  manifest: string;
}

/** What is stored as JSON: the head but for its numbers, name and place. */
const described = headManifestSchema.omit({
  format: true,
  id: true,
  name: true,
  version: true,
  weights: true,
});
type Described = Omit<Head, 'weight' | 'bias' | 'name'>;

const columns = 'h.id, h.name, h.model_hash, h.version, h.removed_ms, v.created_ms, h.doubt, v.manifest';
const joined = 'heads h JOIN head_versions v ON v.head_id = h.id AND v.version = h.version';

export function headRows(catalog: Catalog): HeadRow[] {
  return catalog.all<HeadRow>(
    `SELECT ${columns} FROM ${joined} WHERE h.removed_ms IS NULL ORDER BY h.name, h.id`,
  );
}

/** @throws SaccadeError `no-head` */
export function headRow(catalog: Catalog, id: number): HeadRow {
  const row = catalog.one<HeadRow>(
    `SELECT ${columns} FROM ${joined} WHERE h.id = ? AND h.removed_ms IS NULL`,
    id,
  );
  if (row) return row;
  const known = headRows(catalog).map(({ name }) => `"${name}"`);
  throw new SaccadeError(
    'no-head',
    `There is no head ${id} (any more). There are: ${known.join(', ') || 'none'}.`,
  );
}

/** By the name that people gave it. @throws SaccadeError `no-head` */
export function headNamed(catalog: Catalog, name: string): HeadRow {
  const rows = headRows(catalog);
  const row = rows.find((each) => each.name === name);
  if (row) return row;
  const known = rows.map((each) => `"${each.name}"`).join(', ') || 'none';
  throw new SaccadeError('no-head', `There is no head "${name}". There are: ${known}.`);
}

/** As it was made. */
export function describedHead(row: HeadRow): Described {
  return described.parse(JSON.parse(row.manifest));
}

const kept = new WeakMap<Catalog, Map<string, Head>>();

/** The head with its numbers, kept between questions, as it was made. */
function madeHead(catalog: Catalog, row: HeadRow): Head {
  const heads = kept.get(catalog) ?? new Map<string, Head>();
  kept.set(catalog, heads);
  const key = `${row.id}/${row.version}`;
  const have = heads.get(key);
  if (have) return have;
  const { weights } = catalog.one<{ weights: Uint8Array }>(
    'SELECT weights FROM head_versions WHERE head_id = ? AND version = ?',
    row.id,
    row.version,
  )!;
  const about = describedHead(row);
  const numbers = new Float32Array(new Uint8Array(weights).buffer);
  const rows = rowsOf(about);
  const split = rows * about.fits.length;
  const head: Head = {
    ...about,
    name: row.name,
    weight: numbers.subarray(0, split),
    bias: numbers.subarray(split),
  };
  heads.clear();
  heads.set(key, head);
  return head;
}

/** With its numbers, under the name and the threshold that a person gave it. */
export function readHead(catalog: Catalog, row: HeadRow): Head {
  const { name, doubt } = row;
  const made = madeHead(catalog, row);
  return { ...made, name, doubt: doubt === null ? made.doubt : { threshold: doubt } };
}

function packed({ weight, bias }: Head): Uint8Array {
  const numbers = new Float32Array(weight.length + bias.length);
  numbers.set(weight);
  numbers.set(bias, weight.length);
  return new Uint8Array(numbers.buffer);
}

/** Name in use by another head of the same model: nobody could tell them apart. @throws SaccadeError `head-exists` */
export function checkHeadName(
  catalog: Catalog,
  name: string,
  modelHash: string,
  except: number | null,
): void {
  const taken = headRows(catalog).find(
    (row) =>
      row.name.toLowerCase() === name.toLowerCase() && row.model_hash === modelHash && row.id !== except,
  );
  if (taken)
    throw new SaccadeError(
      'head-exists',
      `Expected a name that no other head of this model has; "${taken.name}" is there already. Choose another name, or teach that head again.`,
    );
}

/** A new head, or the next version of `id`. Within a transaction. */
export function insertHead(catalog: Catalog, head: Head, id: number | null): HeadRow {
  const { name } = head;
  // What is not described, the numbers and the name, is left out by the schema.
  const manifest = JSON.stringify(described.parse(head));
  let headId = id;
  if (headId === null) {
    const { lastInsertRowid } = catalog.run(
      'INSERT INTO heads (name, model_hash, version) VALUES (?, ?, 1)',
      name,
      head.fits.weights,
    );
    headId = Number(lastInsertRowid);
  }
  const { version } = catalog.one<{ version: number }>(
    'SELECT coalesce(max(version), 0) + 1 AS version FROM head_versions WHERE head_id = ?',
    headId,
  )!;
  catalog.run(
    'INSERT INTO head_versions (head_id, version, created_ms, manifest, weights) VALUES (?, ?, ?, ?, ?)',
    headId,
    version,
    Date.now(),
    manifest,
    packed(head),
  );
  catalog.run('UPDATE heads SET version = ? WHERE id = ?', version, headId);
  return headRow(catalog, headId);
}

/** What is absent stays. */
export interface HeadChange {
  id: number;
  name?: string;
  version?: number;
  removed?: boolean;
}

export function setHead(catalog: Catalog, { id, name, version, removed }: HeadChange): void {
  catalog.run(
    `UPDATE heads SET name = coalesce(?, name), version = coalesce(?, version),
       removed_ms = CASE ? WHEN 1 THEN ? WHEN 0 THEN NULL ELSE removed_ms END WHERE id = ?`,
    name ?? null,
    version ?? null,
    removed === undefined ? null : Number(removed),
    Date.now(),
    id,
  );
}

/** Null: as it was made. Holds for its later versions too. */
export function setHeadDoubt(catalog: Catalog, id: number, threshold: number | null): void {
  catalog.run('UPDATE heads SET doubt = ? WHERE id = ?', threshold, id);
}

/** Versions that no act can bring back, by its change or its inverse: those that were taught in passing. */
export function dropPassingVersions(catalog: Catalog, id: number): void {
  catalog.run(
    `DELETE FROM head_versions WHERE head_id = ? AND version <> (SELECT version FROM heads WHERE id = ?)
       AND version NOT IN (SELECT side.value ->> '$.version' FROM acts, json_each(json_array(change, inverse)) side
         WHERE kind IN ('teach-head', 'write-head') AND json_extract(change, '$.id') = ?
           AND side.value ->> '$.version' IS NOT NULL)`,
    id,
    id,
    id,
  );
}

/** Which head is in use, by the model's hash; absent: its own. */
function usedHeads(catalog: Catalog): Record<string, number> {
  return readValue<Record<string, number>>(catalog, 'heads', {});
}

/** The head in use for a model; null: its own. One that was removed is used no more. */
export function headInUse(catalog: Catalog, modelHash: string): HeadRow | null {
  const id = usedHeads(catalog)[modelHash];
  if (id === undefined) return null;
  return (
    catalog.one<HeadRow>(
      `SELECT ${columns} FROM ${joined} WHERE h.id = ? AND h.removed_ms IS NULL AND h.model_hash = ?`,
      id,
      modelHash,
    ) ?? null
  );
}

export function setHeadInUse(catalog: Catalog, modelHash: string, id: number | null): void {
  const used = new Map(Object.entries(usedHeads(catalog)));
  if (id === null) used.delete(modelHash);
  else used.set(modelHash, id);
  writeValue(catalog, 'heads', Object.fromEntries(used));
}

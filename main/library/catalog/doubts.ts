/** Below which probability a model is unsure, where a person set it, by the model's hash. */
import { holdsFrom } from '../../../models/heads/apply.ts';
import { half, type Head } from '../../../models/heads/head.ts';
import type { Catalog } from './database.ts';
import { readValue, writeValue } from './settings.ts';

const name = 'doubts';

/** By the model's hash. `schema`: of the connection. */
export function readDoubts(catalog: Catalog, schema: 'main' | 'source' = 'main'): Record<string, number> {
  const [row] = catalog.once<{ value: string }>(
    `SELECT value FROM ${schema}.settings WHERE name = '${name}'`,
  );
  return row ? (JSON.parse(row.value) as Record<string, number>) : {};
}

/** Null: as the model came. */
export function doubtSet(catalog: Catalog, modelHash: string): number | null {
  return readValue<Record<string, number>>(catalog, name, {})[modelHash] ?? null;
}

/** From which probability each of a model's own labels is given (`holdsFrom` of heads), by a person's threshold where there is one. */
export function modelHoldsFrom(catalog: Catalog, modelHash: string): number | null {
  const row = catalog.one<Pick<Head, 'answers'>>('SELECT answers FROM models WHERE hash = ?', modelHash);
  return row ? holdsFrom({ ...row, doubt: { threshold: doubtSet(catalog, modelHash) ?? half } }) : null;
}

export function setDoubt(catalog: Catalog, modelHash: string, threshold: number | null): void {
  const others = Object.entries(readValue<Record<string, number>>(catalog, name, {})).filter(
    ([each]) => each !== modelHash,
  );
  writeValue(
    catalog,
    name,
    Object.fromEntries(threshold === null ? others : [...others, [modelHash, threshold]]),
  );
}

/** What a model has answered, as if it had had this threshold then. */
export function holdResultsTo(catalog: Catalog, modelHash: string, threshold: number): void {
  catalog.run(
    `UPDATE results SET unsure = probability < ?
     WHERE probability IS NOT NULL AND key_id IN (SELECT id FROM result_keys WHERE model_hash = ?)`,
    threshold,
    modelHash,
  );
}

/** Whether a result `r` is an unsure one; its one value is the threshold that a person set, or null. */
export const isUnsure = 'coalesce(r.probability < ?, r.unsure)';

/** The same of results of several models: `s` is the row of the result's key. */
export const isUnsureOfKey = `coalesce(r.probability < (SELECT json_extract(value, '$."' || s.model_hash || '"')
  FROM settings WHERE name = '${name}'), r.unsure)`;

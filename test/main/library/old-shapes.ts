/** Catalogs as earlier versions wrote them, with two photos in them: one with an answer and a person's word, one that failed. */
import Database from 'better-sqlite3';
import { clockAt } from '../../../main/contract/day.ts';
import { packMap, packRegion, packTop } from '../../../main/library/catalog/blobs.ts';
import { migrations } from '../../../main/library/catalog/migrations.ts';
import { nameKey } from '../../../models/heads/label-names.ts';

export const map = { method: 'cls', layers: [11, 11], classIndex: null, rows: 1, columns: 2, scale: 0.5, offset: 0.25, bytes: new Uint8Array([0, 255]) } as const; // prettier-ignore
export const seen = { x: 1, y: 2.5, width: 3, height: 4 };
export const labels = ['cat', 'dog'].map((name) => ({ id: name, name }));

/** Those that steps ask for. */
export function addFunctions(old: Database.Database): void {
  old.function('label_key', { deterministic: true }, (text) => nameKey(String(text)));
  old.function(
    'map_cell',
    { deterministic: true },
    (latitude, longitude) => Number(latitude) + Number(longitude),
  );
  old.function('clock_at', (ms) => clockAt(Number(ms)));
}

/** By its own statements, because this version's would not do; columns that a step renamed are named as they were. */
export function writeOld(path: string, version: number): void {
  const old = new Database(path);
  addFunctions(old);
  for (const step of migrations.slice(0, version)) old.exec(step);
  old.pragma(`user_version = ${version}`);
  const tables = new Set(old.prepare('SELECT name FROM sqlite_schema').pluck().all());
  const [keys, key] = tables.has('sessions') ? ['sessions', 'session_id'] : ['result_keys', 'key_id'];
  const put = (table: string, row: Record<string, unknown>) =>
    old
      .prepare(
        `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row).map(() => '?').join()})`, // prettier-ignore
      )
      .run(...Object.values(row));
  put('settings', { name: 'shown', value: '1' });
  put('models', { hash: 'a', id: 'mine', name: 'Mine', labels: JSON.stringify(labels) });
  put(keys, { id: 1, model_hash: 'a', preprocessing: 'p', precision: 'fp32', graph_version: 1, used_ms: 1 });
  put('folders', { id: 1, path: '/p', path_key: '/p/', name: 'p' });
  const photo = { folder_id: 1, bytes: 1, modified_ms: 1, date_ms: 1 };
  for (const [id, name] of [
    [1, 'a.jpg'],
    [2, 'b.jpg'],
  ] as const) {
    // prettier-ignore
    put('contents', { id, hash: Buffer.alloc(32, id), width: 40, height: 30, taken_ms: 5, damaged: 0 });
    put('photos', { ...photo, id, name, name_key: name, path_key: `/p/${name}`, content_id: id });
  }
  const answer = { top: packTop([{ index: 1, probability: 0.75 }, { index: 0, probability: 0.25 }]), label: 1, probability: 0.75, spread: 0 }; // prettier-ignore
  put('results', { content_id: 1, [key!]: 1, provider: 'cpu', map: packMap({ ...map, layers: [11, 11] }), seen: packRegion(seen), ...answer }); // prettier-ignore
  put('results', { content_id: 2, [key!]: 1, code: 'unreadable', message: 'Expected a photo, found none.' });
  old.exec("UPDATE photos SET status = 1, label = 1, probability = 0.75, spread = 0, own_label = 'Minka' WHERE id = 1"); // prettier-ignore
  old.exec('UPDATE photos SET status = 3 WHERE id = 2');
  put('runs', { id: 1, state: 'finished', again: 0, retry_failed: 0, model: 'mine', total: 2, done: 2, failed: 1, started_ms: 1, pid: 1 }); // prettier-ignore
  put('run_failures', { run_id: 1, photo_id: 2, code: 'unreadable', message: 'Expected a photo, found none.' }); // prettier-ignore
  old.close();
}

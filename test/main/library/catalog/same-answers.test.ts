/** Where only what stands beside a picture was changed, all that is known of it goes on holding. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { contentOf, setContent } from '../../../../main/library/catalog/contents.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { sameAnswers } from '../../../../main/library/catalog/same-answers.ts';
import type { ModelManifest } from '../../../../models/manifest.ts';

test('every table that knows something by content says it of the new one too', (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  const key = resultKeyId(catalog, { modelHash: 'h', preprocessing: 'p', precision: 'fp32', graphVersion: 1 }, { id: 'm', name: 'M', labels: [] } as unknown as ModelManifest); // prettier-ignore
  const facts = { bytes: 1, modifiedMs: 1, changedMs: 1 };
  const id = insertPhoto(catalog, addFolder(catalog, '/p'), 'a.jpg', facts);
  const before = contentOf(catalog, Buffer.alloc(32, 1));
  setContent(catalog, id, facts, before);
  // By the shape itself, so that no table that comes later is forgotten.
  const tables = catalog.column<string>(
    `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND c.name = 'content_id' AND m.name NOT IN ('photos', 'strays')`,
  );
  assert.ok(tables.length >= 4, tables.join());
  for (const table of tables) {
    const columns = catalog.once<{ name: string; type: string; notnull: number }>(`SELECT name, type, "notnull" FROM pragma_table_info('${table}')`); // prettier-ignore
    const needed = columns.filter(({ name, notnull }) => notnull === 1 || name.endsWith('_id'));
    const value = ({ name, type }: { name: string; type: string }) => name === 'content_id' ? before : name === 'key_id' ? key : type === 'BLOB' ? Buffer.of(1) : 1; // prettier-ignore
    catalog.run(
      `INSERT INTO ${table} (${needed.map(({ name }) => name).join()}) VALUES (${needed.map(() => '?').join()})`,
      ...needed.map(value),
    );
  }
  sameAnswers(catalog, id, before, { hash: Buffer.alloc(32, 2), bytes: 2, modifiedMs: 2, changedMs: 2 });
  const now = contentOf(catalog, Buffer.alloc(32, 2));
  for (const table of tables)
    assert.deepEqual(catalog.column<number>(`SELECT content_id FROM ${table} ORDER BY content_id`), [before, now], table); // prettier-ignore
});

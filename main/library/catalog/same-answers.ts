/** What is known of a photo's content goes on holding where only what stands beside the picture was changed. */
import type { Catalog } from './database.ts';
import { contentOf, setContent } from './contents.ts';
import type { HashedFile } from '../scan/hash.ts';

/**
 * `photoId` null: the file is no photo of the library, and is looked at anew. `before`: the content that lay there just
 * before the change; null where that was not known, and nothing can hold.
 */
export function sameAnswers(
  catalog: Catalog,
  photoId: number | null,
  before: number | null,
  file: HashedFile,
): void {
  if (photoId === null) return;
  catalog.transaction(() => {
    const now = contentOf(catalog, file.hash);
    if (before !== null && before !== now) {
      catalog.run(
        `UPDATE contents SET (width, height, taken_ms, damaged) =
           (SELECT width, height, taken_ms, damaged FROM contents WHERE id = ?) WHERE id = ?`,
        before,
        now,
      );
      for (const table of ['results', 'features', 'label_maps', 'perceptual_hashes'])
        copyRows(catalog, table, before, now);
    }
    setContent(catalog, photoId, file, now);
  });
}

function copyRows(catalog: Catalog, table: string, from: number, to: number): void {
  const others = catalog
    .all<{ name: string }>(`SELECT name FROM pragma_table_info('${table}') WHERE name <> 'content_id'`)
    .map(({ name }) => name)
    .join(', ');
  // Their key begins with the model's: without it each would be a walk over all of them.
  const byKey = table === 'perceptual_hashes' ? '' : ' AND key_id IN (SELECT id FROM result_keys)';
  catalog.run(
    `INSERT OR IGNORE INTO ${table} (content_id, ${others}) SELECT ?, ${others} FROM ${table} WHERE content_id = ?${byKey}`,
    to,
    from,
  );
}

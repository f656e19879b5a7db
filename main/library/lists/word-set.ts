/** Photos that a plain word of a search finds. */
import { addIds, bitsFor } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { shownLabels } from './labels.ts';
import { remembered } from './remembered.ts';

/** Names of ASCII are compared by SQLite itself: a function would be called for every photo. */
function named(word: string): { sql: string; values: unknown[] } {
  const otherwise = 'octet_length(name) > length(name) AND instr(searchable(name), ?)';
  if (/[^\0-\x7f]/.test(word)) return { sql: otherwise, values: [word] };
  // One case alone is compared faster.
  return /[a-z]/.test(word)
    ? {
        sql: `name LIKE ? ESCAPE '\\' OR ${otherwise}`,
        values: [`%${word.replace(/[\\%_]/g, '\\$&')}%`, word],
      }
    : { sql: `instr(name, ?) OR ${otherwise}`, values: [word, word] };
}

/** Folders by the path that the tree shows, from the root's own name on: what lies above a root is nobody's word. */
export const foldersNamed = `WITH RECURSIVE shown (id, path) AS (
    SELECT id, name FROM folders WHERE parent_id IS NULL
    UNION ALL SELECT folders.id, shown.path || '/' || folders.name FROM folders JOIN shown ON parent_id = shown.id
  ) SELECT id FROM shown WHERE instr(searchable(path), ?)`;

/** In name, own label or a keyword of its files, in the folder's path, or in the label's name in any language. `word` is `searchable`. */
export function holding(catalog: Catalog, word: string): Uint8Array {
  return remembered(catalog, ['word', word], () => {
    const bits = bitsFor(lastPhoto(catalog));
    const add = (sql: string, ...values: unknown[]) => addIds(catalog, bits, sql, ...values);
    // The index is of trigrams: shorter words are looked for in the names themselves, which lie in an index too.
    // To the index a null character ends the question; no name has one.
    if ([...word].length >= 3)
      add(
        'SELECT rowid AS id FROM photo_words WHERE photo_words MATCH ?',
        `"${word.replaceAll('"', '""').replaceAll('\0', '\ufffd')}"`,
      );
    else {
      const { sql, values } = named(word);
      add(`SELECT id FROM photos INDEXED BY sqlite_autoindex_photos_1 WHERE ${sql}`, ...values);
      add('SELECT id FROM photos WHERE own_label IS NOT NULL AND instr(searchable(own_label), ?)', word);
      add('SELECT photo_id AS id FROM file_keywords WHERE instr(searchable(label), ?)', word);
    }
    add(`SELECT id FROM photos WHERE folder_id IN (${foldersNamed})`, word);
    const labels = shownLabels(catalog).containing(word);
    if (labels.length)
      add(
        'SELECT id FROM photos INDEXED BY photos_by_label WHERE label IN (SELECT value FROM json_each(?))',
        JSON.stringify(labels),
      );
    return bits;
  });
}

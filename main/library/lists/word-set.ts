/** Photos that a plain word of a search finds. */
import { addId, addIds, bitsFor, dropIds, has } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { lastFolder } from '../catalog/folders.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { changedWords, isKept, keptWords, type Texts } from './kept-words.ts';
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

/** Photos whose name, own label, keyword of their files, or folder's path holds a word. */
function askFor(catalog: Catalog, word: string, bits: Uint8Array): void {
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
}

/** The same in what is kept in memory. */
function lookFor(catalog: Catalog, word: string, kept: readonly Texts[], bits: Uint8Array): void {
  const folders = bitsFor(lastFolder(catalog));
  addIds(catalog, folders, foldersNamed, word);
  for (const texts of kept) {
    addHolding(bits, texts, word);
    addWithin(bits, texts, folders);
  }
  dropIds(catalog, bits, changedWords);
  addIds(
    catalog,
    bits,
    `SELECT id FROM photos WHERE id IN (${changedWords}) AND (folder_id IN (${foldersNamed})
       OR instr(searchable(name), ?) OR own_label IS NOT NULL AND instr(searchable(own_label), ?)
       OR id IN (SELECT photo_id FROM file_keywords WHERE photo_id = photos.id AND instr(searchable(label), ?)))`,
    ...[word, word, word, word],
  );
}

function addHolding(bits: Uint8Array, { ids, text, starts }: Texts, word: string): void {
  let i = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, starts[i])) {
    while (starts[i + 1]! <= at) i++;
    addId(bits, ids[i++]!);
  }
}

function addWithin(bits: Uint8Array, { ids, folders }: Texts, wanted: Uint8Array): void {
  if (folders) for (let i = 0; i < ids.length; i++) if (has(wanted, folders[i]!)) addId(bits, ids[i]!);
}

/** In name, own label or a keyword of its files, in the folder's path, or in the label's name in any language. `word` is `searchable`. */
export function holding(catalog: Catalog, word: string): Uint8Array {
  return remembered(catalog, ['word', word], () => {
    const bits = bitsFor(lastPhoto(catalog));
    const kept = isKept(word) ? keptWords(catalog) : null;
    if (kept) lookFor(catalog, word, kept, bits);
    else askFor(catalog, word, bits);
    const labels = shownLabels(catalog).containing(word);
    if (labels.length)
      addIds(
        catalog,
        bits,
        `SELECT id FROM photos INDEXED BY photos_by_label WHERE label IN (SELECT value FROM json_each(?))
         UNION ALL SELECT photo_id FROM further_labels WHERE label IN (SELECT value FROM json_each(?))`,
        JSON.stringify(labels),
        JSON.stringify(labels),
      );
    return bits;
  });
}

/**
 * What people changed, in a table that rows are only added to. Each act holds its change and the inverse; undoing and
 * redoing are rows of their own that point to it. An act holds unless the last row about it undoes it.
 */
import type { PersonWords } from '../../contract/entities/photo.ts';
import type { Act, SavedSearch } from '../../contract/entities/review.ts';
import type { Catalog } from './database.ts';
import type { HeadChange } from './heads.ts';
import { setWordsOf } from './person.ts';

/** What an act does besides the words of photos; applied by those whose it is. */
export type Change =
  | { of: 'words' }
  | ({ of: 'head' } & HeadChange)
  | { of: 'search'; id: number; search: SavedSearch | null }
  | { of: 'distinct'; pairs: [number, number][]; distinct: boolean }
  | { of: 'files'; trash: boolean; moves: FileMove[] }
  /** The system keeps what it takes back: such an act can't be undone here. */
  | { of: 'nothing' };

/** Absolute paths as text. */
export interface FileMove {
  photoId: number;
  from: string;
  to: string;
  /** What is at `from` stays; taken back, the copy at `from` goes and what is at `to` stays. Absent: it is moved. */
  copied?: true;
}

export interface PhotoChange {
  photoId: number;
  before: PersonWords;
  after: PersonWords;
}

interface ActRow {
  id: number;
  at_ms: number;
  kind: Act['kind'];
  about: string;
  photos: number;
  change: string;
  inverse: string;
  undone: number;
}

const state = `coalesce((SELECT undoes FROM acts later WHERE coalesce(later.root_id, later.id) = a.id
  ORDER BY later.id DESC LIMIT 1), 0)`;
const columns = `a.id, a.at_ms, a.kind, a.about, a.photos, a.change, a.inverse, ${state} AS undone`;

/** The inverse of what can't be undone, as it is stored. */
const nothing = JSON.stringify({ of: 'nothing' } satisfies Change);

const described = ({ id, at_ms: atMs, kind, about, photos, undone, inverse }: ActRow): Act => ({
  id,
  atMs,
  kind,
  about: JSON.parse(about) as string[],
  photos,
  undone: undone === 1,
  undoable: inverse !== nothing,
});

/** Takes down what was done; the caller has done it, or does it in the same transaction. */
export function recordAct(
  catalog: Catalog,
  act: { kind: Act['kind']; about: string[]; photos: number; change: Change; inverse: Change },
  changed: readonly PhotoChange[] = [],
): Act {
  const { kind, about, photos, change, inverse } = act;
  const { lastInsertRowid } = catalog.run(
    'INSERT INTO acts (at_ms, kind, about, photos, change, inverse) VALUES (?, ?, ?, ?, ?, ?)',
    Date.now(),
    kind,
    JSON.stringify(about),
    photos,
    JSON.stringify(change),
    JSON.stringify(inverse),
  );
  const id = Number(lastInsertRowid);
  for (const { photoId, before, after } of changed)
    catalog.run(
      'INSERT INTO act_photos (act_id, photo_id, before, after) VALUES (?, ?, ?, ?)',
      id,
      photoId,
      JSON.stringify(before),
      JSON.stringify(after),
    );
  return actOf(catalog, id);
}

function actOf(catalog: Catalog, id: number): Act {
  return described(catalog.one<ActRow>(`SELECT ${columns} FROM acts a WHERE id = ?`, id)!);
}

/** The newest row: where it is the same, nothing was done between. 0: nothing was done yet. */
export function lastAct(catalog: Catalog): number {
  return catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM acts')!.id ?? 0;
}

export interface Step {
  id: number;
  change: Change;
}

/** The last act that holds, with what takes it back. */
export function nextUndo(catalog: Catalog): Step | null {
  const row = catalog.one<ActRow>(
    `SELECT ${columns} FROM acts a WHERE a.root_id IS NULL AND ${state} = 0 AND a.inverse <> ? ORDER BY a.id DESC LIMIT 1`,
    nothing,
  );
  return row ? { id: row.id, change: JSON.parse(row.inverse) as Change } : null;
}

/** The act undone last, unless something was done since. */
export function nextRedo(catalog: Catalog): Step | null {
  const row = catalog.one<ActRow>(
    `SELECT ${columns} FROM acts a WHERE a.root_id IS NULL AND ${state} = 1
       AND a.id <= (SELECT max(id) FROM acts WHERE root_id IS NULL)
       AND NOT EXISTS (SELECT 1 FROM acts newer WHERE newer.root_id IS NULL AND newer.id >
         (SELECT max(id) FROM acts u WHERE coalesce(u.root_id, u.id) = a.id))
     ORDER BY (SELECT max(id) FROM acts u WHERE coalesce(u.root_id, u.id) = a.id) DESC LIMIT 1`,
  );
  return row ? { id: row.id, change: JSON.parse(row.change) as Change } : null;
}

/** Whether an act that holds is about the photo: no words are then what somebody said last. */
export function isSpokenOf(catalog: Catalog, photoId: number): boolean {
  return (
    catalog.one(
      `SELECT 1 FROM act_photos p JOIN acts a ON a.id = p.act_id WHERE p.photo_id = ? AND ${state} = 0 LIMIT 1`,
      photoId,
    ) !== undefined
  );
}

/** Writes the row that undoes or redoes, and the words of the photos as they were before or after. */
export function recordStep(catalog: Catalog, id: number, undoes: boolean): Act {
  catalog.run(
    `INSERT INTO acts (at_ms, kind, about, photos, root_id, undoes, change, inverse)
     SELECT ?, kind, about, photos, id, ?, change, inverse FROM acts WHERE id = ?`,
    Date.now(),
    undoes ? 1 : 0,
    id,
  );
  const photos = catalog.all<{ photo_id: number; words: string }>(
    `SELECT photo_id, ${undoes ? 'before' : 'after'} AS words FROM act_photos WHERE act_id = ?`,
    id,
  );
  for (const { photo_id: photoId, words } of photos)
    setWordsOf(catalog, photoId, JSON.parse(words) as PersonWords);
  return actOf(catalog, id);
}

/** Newest first. */
export function history(
  catalog: Catalog,
  limit: number,
  cursor: string | undefined,
): { items: Act[]; next: string | null; canUndo: boolean; canRedo: boolean } {
  const rows = catalog.all<ActRow>(
    `SELECT ${columns} FROM acts a WHERE a.root_id IS NULL AND a.id < ? ORDER BY a.id DESC LIMIT ?`,
    cursor === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(cursor, 10) || 0,
    limit + 1,
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(described),
    next: rows.length > limit ? String(shown.at(-1)!.id) : null,
    canUndo: nextUndo(catalog) !== null,
    canRedo: nextRedo(catalog) !== null,
  };
}

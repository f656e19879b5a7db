/**
 * Photos moved to a folder or to the trash. Each file is written down before it is moved, so that after a crash the
 * disk tells what became of it; what was moved becomes one act, which is undone as any other is. Sidecars go with them,
 * as files of no photo.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Act, Moved } from '../../contract/entities/review.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, systemPath, textOfPath } from '../../file-names.ts';
import { makeFolder } from '../../files.ts';
import { Slots } from '../../schedule/slots.ts';
import { type Change, type FileMove, recordAct, recordStep, type Step } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { moveWritten } from '../catalog/written.ts';
import { ensureFolder, isBelow, rootFolders } from '../catalog/folders.ts';
import { markAway, movePhoto, photoById, photoNamed } from '../catalog/photos.ts';
import { filesOfPhotos } from '../duplicates/groups.ts';
import type { Condition } from '../lists/filter.ts';
import { factsOf } from '../scan/hash.ts';
import { companionFinder } from './companions.ts';
import { freePath, hasArrived, moveFile } from './transfer.ts';
import { fileExists, isThere } from './whole.ts';
import { dropTrashInfo, hasTrash, noTrash, placeInTrash, writeTrashInfo } from './trash.ts';

/** What a batch of moves becomes when it is through. */
type Purpose =
  | { act: 'move' | 'trash'; about: string[]; system?: boolean }
  /** Out of the trash (`leaves`), into it (`enters`), or neither. */
  | { step: number; undoes: boolean; trash: 'enters' | 'leaves' | null };

interface MoveRow {
  id: number;
  batch: string;
  photo_id: number;
  from_path: string;
  to_path: string | null;
  done: number;
}

const trashOf = (purpose: Purpose) =>
  'step' in purpose ? purpose.trash : purpose.act === 'trash' && !purpose.system ? 'enters' : null;

/** A file that goes with a photo and is none. */
const noPhoto = 0;

export class Moves {
  readonly #catalog: Catalog;
  readonly #turns = new Slots(1);

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** @throws SaccadeError `cannot-move` where the folder can't be made */
  toFolder(condition: Condition, path: string): Promise<Moved> {
    const folder = checkedFolder(textOfPath(path));
    return this.#turns.run(() =>
      this.#moveAll(condition, { act: 'move', about: [shownName(folder)] }, (from, taken) =>
        dirname(from) === folder ? null : freePath(folder, basename(from), taken),
      ),
    );
  }

  /** @throws SaccadeError `no-trash` */
  toTrash(condition: Condition): Promise<Moved> {
    if (!hasTrash) throw noTrash('this program has none here without the desktop application');
    return this.#turns.run(() => this.#moveAll(condition, { act: 'trash', about: [] }, placeInTrash));
  }

  /** Writes down what the host is about to give to the system's trash. */
  async begin(condition: Condition): Promise<{ batch: string; paths: string[] }> {
    const batch = this.#batch({ act: 'trash', about: [], system: true });
    const companions = companionFinder();
    const paths: string[] = [];
    for (const { id, path } of this.#files(condition)) {
      const sidecars = (await companions(path)).map((each) => each.path);
      for (const [i, each] of [path, ...sidecars].entries()) {
        this.#write(batch, i === 0 ? id : noPhoto, each, null);
        paths.push(each);
      }
    }
    return { batch, paths };
  }

  /** After the system took them: what is gone was trashed. */
  end(batch: string): Act | null {
    return this.#settle(batch);
  }

  async #moveAll(
    condition: Condition,
    purpose: Purpose,
    place: (from: string, taken: (path: string) => boolean) => string | null,
  ): Promise<Moved> {
    const batch = this.#batch(purpose);
    const trash = trashOf(purpose);
    const companions = companionFinder();
    const failed: Moved['failed'] = [];
    /** Where it is now; null where it stayed, or has no other place. */
    const move = async (
      photoId: number,
      from: string,
      placeOf: () => string | null,
    ): Promise<string | null> => {
      try {
        const to = placeOf();
        if (to !== null) await this.#moveOne(batch, trash, { photoId, from, to });
        return to;
      } catch (error) {
        failed.push({ path: shownName(from), error: toFailure(error) });
        return null;
      }
    };
    for (const { id, path } of this.#files(condition)) {
      const sidecars = await companions(path);
      // A name that the sidecars can have beside it too.
      const taken = (at: string) => isThere(at) || sidecars.some(({ beside }) => isThere(beside(at)));
      const to = await move(id, path, () => place(path, taken));
      if (to === null) continue;
      for (const sidecar of sidecars)
        await move(noPhoto, sidecar.path, () =>
          trash === 'enters' ? placeInTrash(sidecar.path) : sidecar.beside(to),
        );
    }
    return { act: this.#finish(batch), failed };
  }

  /**
   * Undoes or does again. Files that are not there any more stay away; where something else stands in the way of all,
   * nothing is taken down. @throws SaccadeError the first reason
   */
  step({ id, change }: Step, undoes: boolean): Promise<Moved> {
    const { moves, trash } = change as Extract<Change, { of: 'files' }>;
    const way = trash ? (undoes ? 'leaves' : 'enters') : null;
    return this.#turns.run(async () => {
      const batch = this.#batch({ step: id, undoes, trash: way });
      const failed: Moved['failed'] = [];
      let moved = 0;
      for (const move of moves)
        try {
          makeFolder(dirname(move.to));
          await this.#moveOne(batch, way, move);
          moved++;
        } catch (error) {
          failed.push({ path: shownName(move.from), error: toFailure(error) });
        }
      const standing = failed.find(({ error }) => error.code !== 'missing-file');
      if (moved === 0 && standing) {
        this.#forget(batch);
        throw new SaccadeError(standing.error.code, standing.error.message);
      }
      return { act: this.#finish(batch), failed };
    });
  }

  async #moveOne(batch: string, trash: 'enters' | 'leaves' | null, move: FileMove): Promise<void> {
    const { photoId, from, to } = move;
    const id = this.#write(batch, photoId, from, to);
    try {
      if (isThere(to)) throw fileExists(to);
      if (trash === 'enters') writeTrashInfo(from, to);
      await moveFile(from, to).catch((error: unknown) => {
        if (trash === 'enters') dropTrashInfo(to);
        throw error;
      });
    } catch (error) {
      this.#catalog.run('DELETE FROM file_moves WHERE id = ?', id);
      throw error;
    }
    if (trash === 'leaves') dropTrashInfo(from);
    this.#arrived(id, move, trash === 'enters');
  }

  #files(condition: Condition): { id: number; path: string }[] {
    return filesOfPhotos(this.#catalog, condition);
  }

  /** `to` null: where the system keeps it. `gone`: out of the library. */
  #arrived(
    id: number,
    { photoId, from, to }: FileMove | (Omit<FileMove, 'to'> & { to: null }),
    gone: boolean,
  ): void {
    this.#catalog.transaction(() => {
      this.#catalog.run('UPDATE file_moves SET done = 1 WHERE id = ?', id);
      if (to !== null) moveWritten(this.#catalog, from, to);
      this.#place(photoId, gone ? null : to);
    });
  }

  #place(photoId: number, to: string | null): void {
    const catalog = this.#catalog;
    if (!catalog.one('SELECT 1 FROM photos WHERE id = ?', photoId)) return;
    const folder = to && dirname(to);
    const root = rootFolders(catalog).find(
      ({ path }) => folder === path || (folder && isBelow(folder, path)),
    );
    if (!to || !folder || !root) return markAway(catalog, photoId);
    const row = ensureFolder(catalog, folder);
    const other = photoNamed(catalog, row.id, basename(to));
    // A scan was quicker, or a photo of that name is missing: the one that was moved is the one there is.
    if (other && other.id !== photoId) catalog.run('DELETE FROM photos WHERE id = ?', other.id);
    const facts = statSync(systemPath(to));
    movePhoto(catalog, photoById(catalog, photoId), row, basename(to), factsOf(facts));
  }

  #batch(purpose: Purpose): string {
    return JSON.stringify({ key: randomUUID(), purpose });
  }

  #write(batch: string, photoId: number, from: string, to: string | null): number {
    return Number(
      this.#catalog.run(
        'INSERT INTO file_moves (batch, photo_id, from_path, to_path) VALUES (?, ?, ?, ?)',
        batch,
        photoId,
        from,
        to,
      ).lastInsertRowid,
    );
  }

  #rows(batch: string): MoveRow[] {
    return this.#catalog.all<MoveRow>('SELECT * FROM file_moves WHERE batch = ? ORDER BY id', batch);
  }

  #forget(batch: string): void {
    this.#catalog.run('DELETE FROM file_moves WHERE batch = ?', batch);
  }

  /** Null: nothing was moved. */
  #finish(batch: string): Act | null {
    const { purpose } = JSON.parse(batch) as { purpose: Purpose };
    return this.#catalog.transaction(() => {
      const rows = this.#rows(batch).filter(({ done }) => done === 1);
      this.#forget(batch);
      if ('step' in purpose) return recordStep(this.#catalog, purpose.step, purpose.undoes);
      if (rows.length === 0) return null;
      const moves = rows.map(({ photo_id: photoId, from_path: from, to_path: to }) => ({
        ...{ photoId, from },
        to: to ?? '',
      }));
      const back = moves.map(({ photoId, from, to }) => ({ photoId, from: to, to: from }));
      const files = { of: 'files', trash: purpose.act === 'trash' } as const;
      return recordAct(this.#catalog, {
        kind: purpose.act,
        about: purpose.about,
        photos: rows.filter(({ photo_id }) => photo_id !== noPhoto).length,
        change: purpose.system ? { of: 'nothing' } : { ...files, moves },
        inverse: purpose.system ? { of: 'nothing' } : { ...files, moves: back },
      });
    });
  }

  /** Of each file that was on its way the disk tells whether it arrived. */
  #settle(batch: string): Act | null {
    const { purpose } = JSON.parse(batch) as { purpose: Purpose };
    const trash = trashOf(purpose);
    for (const { id, photo_id: photoId, from_path: from, to_path: to, done } of this.#rows(batch)) {
      if (done) continue;
      if (to === null ? !isThere(from) : hasArrived(from, to)) {
        if (trash === 'leaves') dropTrashInfo(from);
        this.#arrived(id, { photoId, from, to }, trash === 'enters');
      } else if (trash === 'enters' && to !== null) dropTrashInfo(to);
    }
    return this.#finish(batch);
  }

  /** What was cut off in the middle, by a crash or a full stop, is taken down as far as it came. */
  recover(): void {
    const batches = this.#catalog.all<{ batch: string }>('SELECT DISTINCT batch FROM file_moves');
    for (const { batch } of batches) this.#settle(batch);
  }
}

function checkedFolder(path: string): string {
  if (!isAbsolute(path))
    throw new SaccadeError('cannot-move', `Expected a full path of a folder; found "${path}".`);
  const folder = join(path, '.');
  try {
    makeFolder(folder);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SaccadeError(
      'cannot-move',
      `Expected a folder at ${shownName(folder)}; it can't be made (${found}). Choose another.`,
      { cause },
    );
  }
  return folder.length > 1 ? folder.replace(/[\\/]$/, '') : folder;
}

/**
 * Photos moved to a folder or to the trash, and back: which files go, in which order, and what goes with them. Sidecars
 * do, as files of no photo; one that files share goes with the last of them, and until then a copy of it does.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Act, Moved, SharedSidecar, TrashBegun, TrashedFile } from '../../contract/entities/review.ts';
import type { Selection } from '../../contract/requests.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, textOfPath } from '../../file-names.ts';
import { dropEmpty, makeFolder } from '../../files.ts';
import { Slots } from '../../schedule/slots.ts';
import type { Change, FileMove, Step } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { filesOfPhotos } from '../duplicates/groups.ts';
import { inTurn } from '../keeping/lock.ts';
import { selected } from '../lists/page.ts';
import { foldCase } from '../scan/shots.ts';
import { expectAsShown } from './as-shown.ts';
import { ownBeside, sharedBeside, type Shot, shotsOf } from './companions.ts';
import { MoveBatch, type Purpose, settleBatches } from './move-batch.ts';
import { inFolder, type Placer } from './photo-names.ts';
import { cannotMove } from './transfer.ts';
import { hasTrash, noTrash, placeInTrash } from './trash.ts';
import { isThere } from './whole.ts';

/** Photos that are to go; `alone`: what they stand for stays. */
interface Chosen {
  selection: Selection;
  alone?: boolean | undefined;
}

/** What the system refuses before a file moves, as a sentence. */
function told<T>(from: string, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    throw cannotMove(from, error);
  }
}

/** A file that goes with a photo and is none. */
const noPhoto = 0;

export class Moves {
  readonly #catalog: Catalog;
  readonly #lock: string | null;
  readonly #turns = new Slots(1);

  /** @param lock file by which processes take turns; null: nobody else has the catalog */
  constructor(catalog: Catalog, lock: string | null) {
    this.#catalog = catalog;
    this.#lock = lock;
  }

  /** Which step back or forth is next is known once the files of the one before are where they belong, of whichever process. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return inTurn(this.#lock, work);
  }

  /** @throws SaccadeError `cannot-move` where the folder can't be made */
  toFolder(chosen: Chosen, path: string): Promise<Moved> {
    const { folder, made } = checkedFolder(textOfPath(path));
    const purpose: Purpose = { act: 'move', about: [shownName(folder)] };
    return this.#turns.run(async () => {
      try {
        return await this.#moveAll(chosen, purpose, inFolder(this.#catalog, folder));
      } finally {
        // Where nothing came.
        dropEmpty(made);
      }
    });
  }

  /** @throws SaccadeError `no-trash` */
  toTrash(chosen: Chosen): Promise<Moved> {
    if (!hasTrash) throw noTrash('this program has none here without the desktop application');
    return this.#turns.run(() => this.#moveAll(chosen, { act: 'trash', about: [] }, () => placeInTrash));
  }

  /** Writes down what the host is about to give to the system's trash. */
  async begin(chosen: Chosen): Promise<TrashBegun> {
    const batch = MoveBatch.begin(this.#catalog, { act: 'trash', about: [], system: true });
    const shared: SharedSidecar[] = [];
    const failed: Moved['failed'] = [];
    const fail = (path: string, error: unknown) =>
      failed.push({ path: shownName(path), error: toFailure(error) });
    const going: (TrashedFile & { photoId: number })[] = [];
    for (const { files, shared: sidecar, others } of await shotsOf(await this.#asShown(chosen, fail))) {
      for (const { id, path, own } of files) {
        going.push({ photoId: id, path, speaksOf: [] });
        if (own) going.push({ photoId: noPhoto, path: own, speaksOf: [path] });
      }
      const speaksOf = files.map(({ path }) => path);
      if (sidecar && others[0]) shared.push({ path: sidecar, with: others[0], copied: false });
      else if (sidecar) going.push({ photoId: noPhoto, path: sidecar, speaksOf });
    }
    for (const { photoId, path } of going) batch.write({ photoId, from: path, to: null });
    return {
      batch: batch.key,
      files: going.map(({ path, speaksOf }) => ({ path, speaksOf })),
      shared,
      failed,
    };
  }

  /** After the system took them: what is gone was trashed. */
  end(batch: string): Act | null {
    return new MoveBatch(this.#catalog, batch).settle();
  }

  async #moveAll(chosen: Chosen, purpose: Purpose, placer: Placer): Promise<Moved> {
    const batch = MoveBatch.begin(this.#catalog, purpose);
    const enters = batch.trash === 'enters';
    const failed: Moved['failed'] = [];
    const shared: SharedSidecar[] = [];
    const fail = (path: string, error: unknown) =>
      failed.push({ path: shownName(path), error: toFailure(error) });
    /** Of a shot; null where none of it goes. */
    const placeOf = (shot: Shot): ReturnType<Placer> => {
      try {
        return told(shot.files[0]!.path, () => placer(shot));
      } catch (error) {
        for (const { path } of shot.files) fail(path, error);
        return null;
      }
    };
    /** Where it is now; null where it stayed. */
    const move = async (file: Omit<FileMove, 'to'>, toOf: () => string): Promise<string | null> => {
      try {
        const to = told(file.from, toOf);
        await batch.move({ ...file, to });
        return to;
      } catch (error) {
        fail(file.from, error);
        return null;
      }
    };
    for (const shot of await shotsOf(await this.#asShown(chosen, fail))) {
      const place = placeOf(shot);
      if (!place) continue;
      const arrived: string[] = [];
      const staying = [...shot.others];
      for (const { id, path, own } of shot.files) {
        const to = await move({ photoId: id, from: path }, () => place(path));
        if (to !== null) arrived.push(to);
        else if (isThere(path)) staying.push(path);
        if (to !== null && own)
          await move({ photoId: noPhoto, from: own }, () => (enters ? placeInTrash(own) : ownBeside(to)));
      }
      const from = shot.shared;
      if (from === null || arrived.length === 0) continue;
      // In the trash nothing reads it: what is left needs it, and what comes back finds it.
      const copied = staying.length > 0 && !enters;
      if (staying.length > 0) shared.push({ path: shownName(from), with: shownName(staying[0]!), copied });
      if (copied || staying.length === 0)
        await move({ photoId: noPhoto, from, copied: copied || undefined }, () =>
          enters ? placeInTrash(from) : sharedBeside(arrived[0]!),
        );
    }
    return { act: batch.finish(), failed, shared };
  }

  /**
   * Undoes or does again. Files that are not there any more stay away; where something else stands in the way of all,
   * nothing is taken down. @throws SaccadeError the first reason
   */
  step({ id, change }: Step, undoes: boolean): Promise<Moved> {
    const { moves, trash } = change as Extract<Change, { of: 'files' }>;
    const way = trash ? (undoes ? 'leaves' : 'enters') : null;
    return this.#turns.run(async () => {
      const batch = MoveBatch.begin(this.#catalog, { step: id, undoes, trash: way });
      const failed: Moved['failed'] = [];
      let moved = 0;
      /** Sidecars of photos that stayed, which stay with them. In the trash they have names of their own. */
      const staying = new Set<string>();
      for (const move of moves) {
        if (move.photoId === noPhoto && [move.from, move.to].some((path) => staying.has(foldCase(path)))) continue; // prettier-ignore
        let made: string[] = [];
        try {
          made = told(move.from, () => makeFolder(dirname(move.to)));
          await batch.move(move);
          moved++;
        } catch (error) {
          dropEmpty(made);
          if (move.photoId !== noPhoto && isThere(move.from))
            for (const path of [move.from, move.to])
              for (const beside of [ownBeside, sharedBeside]) staying.add(foldCase(beside(path)));
          failed.push({ path: shownName(move.from), error: toFailure(error) });
        }
      }
      const standing = failed.find(({ error }) => error.code !== 'missing-file');
      if (moved === 0 && standing) {
        batch.forget();
        throw new SaccadeError(standing.error.code, standing.error.message);
      }
      return { act: batch.finish(), failed, shared: [] };
    });
  }

  /** Those that are what the library shows. */
  async #asShown(
    chosen: Chosen,
    fail: (path: string, error: unknown) => void,
  ): Promise<{ id: number; path: string }[]> {
    const files = [];
    for (const { id, path, contentId } of this.#files(chosen))
      try {
        await expectAsShown(this.#catalog, path, contentId);
        files.push({ id, path });
      } catch (error) {
        fail(path, error);
      }
    return files;
  }

  /** With those that a photo stands for: a stack goes as one, unless copies are cleared away. */
  #files({ selection, alone }: Chosen): ReturnType<typeof filesOfPhotos> {
    // Asked for when it is its turn: what words find is not kept for as long as moves before it take.
    const { sql, values } = selected(this.#catalog, selection);
    if (alone) return filesOfPhotos(this.#catalog, { sql, values });
    return filesOfPhotos(this.#catalog, {
      sql: `(${sql} OR under_id IN (SELECT id FROM photos WHERE ${sql}))`,
      values: [...values, ...values],
    });
  }

  /** After a crash. */
  recover(): void {
    settleBatches(this.#catalog);
  }
}

/** `made`: the folders that were not there, the innermost first. */
function checkedFolder(path: string): { folder: string; made: string[] } {
  if (!isAbsolute(path))
    throw new SaccadeError('cannot-move', `Expected a full path of a folder; found "${path}".`);
  const folder = join(path, '.');
  let made: string[];
  try {
    made = makeFolder(folder);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SaccadeError(
      'cannot-move',
      `Expected a folder at ${shownName(folder)}; it can't be made (${found}). Choose another.`,
      { cause },
    );
  }
  return { folder: folder.length > 1 ? folder.replace(/[\\/]$/, '') : folder, made };
}

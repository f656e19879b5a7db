/**
 * Photos moved to a folder or to the trash. Each file is written down before it is moved, so that after a crash the
 * disk tells what became of it; what was moved becomes one act, which is undone as any other is. Sidecars go with them,
 * as files of no photo; one that files share goes with the last of them, and until then a copy of it does.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Act, Moved, SharedSidecar, TrashBegun, TrashedFile } from '../../contract/entities/review.ts';
import type { Selection } from '../../contract/requests.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, systemPath, textOfPath } from '../../file-names.ts';
import { dropEmpty, makeFolder } from '../../files.ts';
import { Slots } from '../../schedule/slots.ts';
import { type Change, type FileMove, recordAct, recordStep, type Step } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { dropMove, forgetMoves, moveDone, movesOf, openBatches, type Underway, writeMove } from '../catalog/file-moves.ts'; // prettier-ignore
import { copyWritten, moveWritten, setWritten } from '../catalog/written.ts';
import { ensureFolder, isBelow, rootFolders } from '../catalog/folders.ts';
import { giveWay, markAway, movePhoto, photoById, photoNamed } from '../catalog/photos.ts';
import { restackFolders } from '../catalog/stacks.ts';
import { filesOfPhotos } from '../duplicates/groups.ts';
import { selected } from '../lists/page.ts';
import { factsOf } from '../scan/hash.ts';
import { foldCase } from '../scan/shots.ts';
import { expectAsShown } from './as-shown.ts';
import { ownBeside, sharedBeside, type Shot, shotsOf } from './companions.ts';
import { inFolder, type Placer } from './photo-names.ts';
import { place as put, takeBack } from './place.ts';
import { cannotMove, hasArrived, moveFile } from './transfer.ts';
import { dropUnfinished, fileExists, isThere } from './whole.ts';
import { dropTrashInfo, hasTrash, noTrash, placeInTrash, writeTrashInfo } from './trash.ts';

/** What a batch of moves becomes when it is through. */
type Purpose =
  | { act: 'move' | 'trash'; about: string[]; system?: boolean }
  /** Out of the trash (`leaves`), into it (`enters`), or neither. */
  | { step: number; undoes: boolean; trash: 'enters' | 'leaves' | null };

const trashOf = (purpose: Purpose) =>
  'step' in purpose ? purpose.trash : purpose.act === 'trash' && !purpose.system ? 'enters' : null;

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
  readonly #turns = new Slots(1);

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
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
    const batch = this.#batch({ act: 'trash', about: [], system: true });
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
    for (const { photoId, path } of going) writeMove(this.#catalog, batch, { photoId, from: path, to: null });
    return { batch, files: going.map(({ path, speaksOf }) => ({ path, speaksOf })), shared, failed };
  }

  /** After the system took them: what is gone was trashed. */
  end(batch: string): Act | null {
    return this.#settle(batch);
  }

  async #moveAll(chosen: Chosen, purpose: Purpose, placer: Placer): Promise<Moved> {
    const batch = this.#batch(purpose);
    const trash = trashOf(purpose);
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
    const move = async (
      file: Pick<Underway, 'photoId' | 'from' | 'copied'>,
      toOf: () => string,
    ): Promise<string | null> => {
      try {
        const to = told(file.from, toOf);
        await this.#moveOne(batch, trash, { ...file, to });
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
          await move({ photoId: noPhoto, from: own }, () =>
            trash === 'enters' ? placeInTrash(own) : ownBeside(to),
          );
      }
      const from = shot.shared;
      if (from === null || arrived.length === 0) continue;
      // In the trash nothing reads it: what is left needs it, and what comes back finds it.
      const copied = staying.length > 0 && trash !== 'enters';
      if (staying.length > 0) shared.push({ path: shownName(from), with: shownName(staying[0]!), copied });
      if (copied || staying.length === 0)
        await move({ photoId: noPhoto, from, ...(copied ? { copied } : {}) }, () =>
          trash === 'enters' ? placeInTrash(from) : sharedBeside(arrived[0]!),
        );
    }
    return { act: this.#finish(batch), failed, shared };
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
      /** Sidecars of photos that stayed, which stay with them. In the trash they have names of their own. */
      const staying = new Set<string>();
      for (const move of moves) {
        if (move.photoId === noPhoto && [move.from, move.to].some((path) => staying.has(foldCase(path)))) continue; // prettier-ignore
        let made: string[] = [];
        try {
          made = told(move.from, () => makeFolder(dirname(move.to)));
          await this.#moveOne(batch, way, move, undoes);
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
        forgetMoves(this.#catalog, batch);
        throw new SaccadeError(standing.error.code, standing.error.message);
      }
      return { act: this.#finish(batch), failed, shared: [] };
    });
  }

  async #moveOne(
    batch: string,
    trash: 'enters' | 'leaves' | null,
    move: FileMove,
    undoes = false,
  ): Promise<void> {
    const { from, to, copied } = move;
    const id = writeMove(this.#catalog, batch, move);
    try {
      if (copied)
        await (undoes ? takeBack({ way: 'copy', from: to, to: from }) : put({ way: 'copy', from, to }));
      else {
        if (isThere(to)) throw fileExists(to);
        if (trash === 'enters') writeTrashInfo(from, to);
        await moveFile(from, to).catch((error: unknown) => {
          if (trash === 'enters') dropTrashInfo(to);
          throw error;
        });
      }
    } catch (error) {
      dropMove(this.#catalog, id);
      throw error;
    }
    if (trash === 'leaves') dropTrashInfo(from);
    this.#arrived(id, move, trash === 'enters', undoes);
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

  /** `gone`: out of the library. */
  #arrived(id: number, { photoId, from, to, copied }: Underway, gone: boolean, undoes: boolean): void {
    this.#catalog.transaction(() => {
      moveDone(this.#catalog, id);
      if (copied && undoes) setWritten(this.#catalog, from, null);
      else if (copied) copyWritten(this.#catalog, from, to!);
      else if (to !== null) moveWritten(this.#catalog, from, to);
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
    if (other && other.id !== photoId) giveWay(catalog, other);
    const facts = statSync(systemPath(to));
    movePhoto(catalog, photoById(catalog, photoId), row, basename(to), factsOf(facts));
  }

  #batch(purpose: Purpose): string {
    return JSON.stringify({ key: randomUUID(), purpose });
  }

  /** Null: nothing was moved. */
  #finish(batch: string): Act | null {
    const { purpose } = JSON.parse(batch) as { purpose: Purpose };
    return this.#catalog.transaction(() => {
      const moves = movesOf(this.#catalog, batch)
        .filter(({ done }) => done)
        .map(({ photoId, from, to, copied }) => ({ photoId, from, to: to ?? '', ...(copied ? { copied } : {}) })); // prettier-ignore
      forgetMoves(this.#catalog, batch);
      const photos = this.#shown(moves.map(({ photoId }) => photoId));
      const folders = moves.flatMap(({ from, to }) => [dirname(from), dirname(to)]);
      restackFolders(this.#catalog, new Set(folders));
      if ('step' in purpose) return recordStep(this.#catalog, purpose.step, purpose.undoes);
      if (moves.length === 0) return null;
      const back = moves.map((move) => ({ ...move, from: move.to, to: move.from }));
      const files = { of: 'files', trash: purpose.act === 'trash' } as const;
      return recordAct(this.#catalog, {
        kind: purpose.act,
        about: purpose.about,
        photos,
        change: purpose.system ? { of: 'nothing' } : { ...files, moves },
        inverse: purpose.system ? { of: 'nothing' } : { ...files, moves: back },
      });
    });
  }

  /** How many photos people see move: one a stack. */
  #shown(ids: readonly number[]): number {
    return this.#catalog.one<{ n: number }>(
      `WITH going AS (SELECT value AS id FROM json_each(?))
       SELECT count(*) AS n FROM photos
       WHERE id IN (SELECT id FROM going) AND coalesce(under_id, -1) NOT IN (SELECT id FROM going)`,
      JSON.stringify(ids),
    )!.n;
  }

  /** Of each file that was on its way the disk tells whether it arrived. */
  #settle(batch: string): Act | null {
    const { purpose } = JSON.parse(batch) as { purpose: Purpose };
    const trash = trashOf(purpose);
    const undoes = 'step' in purpose && purpose.undoes;
    for (const { id, done, ...move } of movesOf(this.#catalog, batch)) {
      if (done) continue;
      if (hasCome(move, undoes)) {
        if (trash === 'leaves') dropTrashInfo(move.from);
        this.#arrived(id, move, trash === 'enters', undoes);
      } else if (trash === 'enters' && move.to !== null) dropTrashInfo(move.to);
    }
    return this.#finish(batch);
  }

  /** What was cut off in the middle, by a crash or a full stop, is taken down as far as it came. */
  recover(): void {
    for (const batch of openBatches(this.#catalog)) this.#settle(batch);
  }
}

function hasCome({ from, to, copied }: Underway, undoes: boolean): boolean {
  if (to === null || (copied && undoes)) return !isThere(from);
  if (!copied) return hasArrived(from, to);
  dropUnfinished(to);
  const same = () => readFileSync(systemPath(from)).equals(readFileSync(systemPath(to)));
  return isThere(from) && isThere(to) && same();
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

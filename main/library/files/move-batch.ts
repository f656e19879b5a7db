/**
 * Files that move together. Each is written down before it goes, so that after a crash the disk tells what became of
 * it; what has moved in the end is one act, which is undone as any other is.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Act } from '../../contract/entities/review.ts';
import { systemPath } from '../../file-names.ts';
import { type FileMove, recordAct, recordStep } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { dropMove, forgetMoves, moveDone, movesOf, openBatches, type Underway, writeMove } from '../catalog/file-moves.ts'; // prettier-ignore
import { ensureFolder, isBelow, rootFolders } from '../catalog/folders.ts';
import { giveWay, markAway, movePhoto, photoById, photoNamed } from '../catalog/photos.ts';
import { restackFolders } from '../catalog/stacks.ts';
import { copyWritten, moveWritten, setWritten } from '../catalog/written.ts';
import { factsOf } from '../scan/hash.ts';
import { place, takeBack } from './place.ts';
import { hasArrived, moveFile } from './transfer.ts';
import { dropTrashInfo, writeTrashInfo } from './trash.ts';
import { dropUnfinished, fileExists, isThere } from './whole.ts';

/** Out of the trash, into it, or neither. */
type TrashWay = 'enters' | 'leaves' | null;

/** What a batch becomes when it is through: an act, or a step back or forth of one. `system`: by the system's trash. */
export type Purpose =
  | { act: 'move' | 'trash'; about: string[]; system?: boolean }
  | { step: number; undoes: boolean; trash: TrashWay };

export class MoveBatch {
  /** Its name in the catalog, which says its purpose too. */
  readonly key: string;
  readonly trash: TrashWay;
  readonly #catalog: Catalog;
  readonly #purpose: Purpose;
  readonly #undoes: boolean;

  /** `key`: of one that was begun before. */
  constructor(catalog: Catalog, key: string) {
    const { purpose } = JSON.parse(key) as { purpose: Purpose };
    this.key = key;
    this.#catalog = catalog;
    this.#purpose = purpose;
    this.#undoes = 'step' in purpose && purpose.undoes;
    if ('step' in purpose) this.trash = purpose.trash;
    else this.trash = purpose.act === 'trash' && !purpose.system ? 'enters' : null;
  }

  static begin(catalog: Catalog, purpose: Purpose): MoveBatch {
    return new MoveBatch(catalog, JSON.stringify({ key: randomUUID(), purpose }));
  }

  /** To be moved by somebody else. */
  write(move: Underway): void {
    writeMove(this.#catalog, this.key, move);
  }

  /** @throws what the system says; nothing has moved then */
  async move(move: FileMove): Promise<void> {
    const { from, to, copied } = move;
    const id = writeMove(this.#catalog, this.key, move);
    try {
      if (copied)
        await (this.#undoes
          ? takeBack({ way: 'copy', from: to, to: from })
          : place({ way: 'copy', from, to }));
      else {
        if (isThere(to)) throw fileExists(to);
        if (this.trash === 'enters') writeTrashInfo(from, to);
        await moveFile(from, to).catch((error: unknown) => {
          if (this.trash === 'enters') dropTrashInfo(to);
          throw error;
        });
      }
    } catch (error) {
      dropMove(this.#catalog, id);
      throw error;
    }
    if (this.trash === 'leaves') dropTrashInfo(from);
    this.#arrived(id, move);
  }

  #arrived(id: number, { photoId, from, to, copied }: Underway): void {
    this.#catalog.transaction(() => {
      moveDone(this.#catalog, id);
      if (copied && this.#undoes) setWritten(this.#catalog, from, null);
      else if (copied) copyWritten(this.#catalog, from, to!);
      else if (to !== null) moveWritten(this.#catalog, from, to);
      placePhoto(this.#catalog, photoId, this.trash === 'enters' ? null : to);
    });
  }

  /** As if it had never been: nothing of it has moved. */
  forget(): void {
    forgetMoves(this.#catalog, this.key);
  }

  /** Null: nothing was moved. */
  finish(): Act | null {
    const catalog = this.#catalog;
    const purpose = this.#purpose;
    return catalog.transaction(() => {
      const moves = movesOf(catalog, this.key)
        .filter(({ done }) => done)
        .map(({ photoId, from, to, copied }) => ({ photoId, from, to: to ?? '', copied }));
      this.forget();
      const photos = photosSeen(
        catalog,
        moves.map(({ photoId }) => photoId),
      );
      const folders = moves.flatMap(({ from, to }) => [dirname(from), dirname(to)]);
      restackFolders(catalog, new Set(folders));
      if ('step' in purpose) return recordStep(catalog, purpose.step, purpose.undoes);
      if (moves.length === 0) return null;
      const back = moves.map((move) => ({ ...move, from: move.to, to: move.from }));
      const files = { of: 'files', trash: purpose.act === 'trash' } as const;
      return recordAct(catalog, {
        kind: purpose.act,
        about: purpose.about,
        photos,
        change: purpose.system ? { of: 'nothing' } : { ...files, moves },
        inverse: purpose.system ? { of: 'nothing' } : { ...files, moves: back },
      });
    });
  }

  /** Of each file that was on its way the disk tells whether it arrived. */
  settle(): Act | null {
    for (const { id, done, ...move } of movesOf(this.#catalog, this.key)) {
      if (done) continue;
      if (hasCome(move, this.#undoes)) {
        if (this.trash === 'leaves') dropTrashInfo(move.from);
        this.#arrived(id, move);
      } else if (this.trash === 'enters' && move.to !== null) dropTrashInfo(move.to);
    }
    return this.finish();
  }
}

/** What was cut off in the middle, by a crash or a full stop, is taken down as far as it came. */
export function settleBatches(catalog: Catalog): void {
  for (const key of openBatches(catalog)) new MoveBatch(catalog, key).settle();
}

function hasCome({ from, to, copied }: Underway, undoes: boolean): boolean {
  if (to === null || (copied && undoes)) return !isThere(from);
  if (!copied) return hasArrived(from, to);
  dropUnfinished(to);
  const same = () => readFileSync(systemPath(from)).equals(readFileSync(systemPath(to)));
  return isThere(from) && isThere(to) && same();
}

/** Where its file is now; null, or below no folder of the library: out of it. */
function placePhoto(catalog: Catalog, photoId: number, to: string | null): void {
  if (!catalog.one('SELECT 1 FROM photos WHERE id = ?', photoId)) return;
  const folder = to && dirname(to);
  const root = rootFolders(catalog).find(({ path }) => folder === path || (folder && isBelow(folder, path)));
  if (!to || !folder || !root) return markAway(catalog, photoId);
  const row = ensureFolder(catalog, folder);
  const other = photoNamed(catalog, row.id, basename(to));
  if (other && other.id !== photoId) giveWay(catalog, other);
  const facts = statSync(systemPath(to));
  movePhoto(catalog, photoById(catalog, photoId), row, basename(to), factsOf(facts));
}

/** How many photos people see move: one a stack. */
function photosSeen(catalog: Catalog, ids: readonly number[]): number {
  return catalog.one<{ n: number }>(
    `WITH going AS (SELECT value AS id FROM json_each(?))
     SELECT count(*) AS n FROM photos
     WHERE id IN (SELECT id FROM going) AND coalesce(under_id, -1) NOT IN (SELECT id FROM going)`,
    JSON.stringify(ids),
  )!.n;
}

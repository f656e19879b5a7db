/** Duplicates of the library: found in the background, and told with what a person has said of them since. */
import { dirname } from 'node:path';
import { queryOf, rescore } from '../../../models/search/nearest.ts';
import { correlation } from '../../../models/search/phash.ts';
import { SaccadeError } from '../../../models/error.ts';
import type {
  DuplicateGroup,
  DuplicatesStatus,
  Grouping,
  ComparedPaths,
} from '../../contract/entities/likeness.ts';
import type { Act } from '../../contract/entities/review.ts';
import type { Request } from '../../contract/verbs.ts';
import { toFailure } from '../../contract/result.ts';
import { recordAct } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import { distinctAmong, greysOf, type Pair, pairOf, setDistinct } from '../catalog/perceptual.ts';
import { shownKeyId } from '../catalog/shown.ts';
import { conditionOf } from '../lists/filter.ts';
import { itemsOf } from '../lists/items.ts';
import type { Inference } from '../inference.ts';
import type { Thumbnails } from '../thumbnails.ts';
import { compareFiles, type ComparedFile, type RawGroup, sameOnes } from './compare.ts';
import { filesOfPhotos, type GroupedPhoto, parted, photosOfContents } from './groups.ts';
import { type GroupThread, startGrouping } from './group-thread.ts';
import { otherNames } from './other-names.ts';
import { comparePaths } from './paths.ts';

export interface DuplicatesOptions {
  catalog: Catalog;
  thumbnails: Thumbnails;
  inference: Pick<Inference, 'interactive'>;
  emit(status: DuplicatesStatus): void;
  /** A file in this folder is not what it was. */
  onReplaced(folder: string): void;
}

const everyMs = 250;
const leftOutTold = 100;
const idle: DuplicatesStatus = {
  state: 'idle',
  done: 0,
  total: 0,
  grouping: null,
  same: 0,
  alike: 0,
  leftOut: [],
  leftOutTotal: 0,
  error: null,
};

type Filter = NonNullable<Request<'duplicates.find'>['filter']>;

interface Found {
  groups: RawGroup[];
  filter: Filter;
  /** Photos that are another name of one that is in a group. */
  otherNames: ReadonlySet<number>;
}

export class Duplicates {
  readonly #options: DuplicatesOptions;
  #status = idle;
  #stop: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();
  #found: Found = { groups: [], filter: {}, otherNames: new Set() };
  #thread: GroupThread | null = null;
  #toldMs = 0;

  constructor(options: DuplicatesOptions) {
    this.#options = options;
  }

  status(): DuplicatesStatus {
    return this.#status;
  }

  /** One comparison at a time: asked for again, the one in hand goes on. */
  find(filter: Filter): DuplicatesStatus {
    if (this.#stop) return this.#status;
    const { catalog, onReplaced } = this.#options;
    const files = filesOfPhotos(catalog, conditionOf(catalog, filter)).map(
      ({ path, contentId }): ComparedFile => ({
        path,
        contentId,
        onContent: () => contentId !== null && onReplaced(dirname(path)),
      }),
    );
    this.#stop = new AbortController();
    this.#status = { ...idle, state: 'running', total: files.length };
    this.#ended = this.#run(files, filter, this.#stop.signal);
    return this.#status;
  }

  async #run(files: ComparedFile[], filter: Filter, signal: AbortSignal): Promise<void> {
    const { catalog, thumbnails, inference } = this.#options;
    try {
      const { groups, leftOut } = await compareFiles(files, {
        ...{ catalog, thumbnails, inference, signal },
        thread: (this.#thread ??= startGrouping()),
        keyId: shownKeyId(catalog),
        onstep: (done) => this.#tell({ done }),
        ongrouping: (grouping) => this.#tell({ grouping }),
      });
      // One may be the same picture as another, and look like a third.
      const all = [...new Set(groups.flatMap(({ contents }) => contents))];
      const photos = [...photosOfContents(catalog, all, conditionOf(catalog, filter)).values()].flat();
      const others = new Set([...(await otherNames(photos))].map(({ id }) => id));
      signal.throwIfAborted();
      this.#found = { groups, filter, otherNames: others };
      this.#stop = null;
      this.#tell({
        state: 'finished',
        grouping: null,
        same: this.#shown('same').length,
        alike: this.#shown('alike').length,
        leftOut: leftOut.slice(0, leftOutTold),
        leftOutTotal: leftOut.length,
      });
    } catch (error) {
      this.#stop = null;
      if (signal.aborted) this.#endThread();
      const ended = signal.aborted
        ? ({ state: 'cancelled' } as const)
        : ({ state: 'failed', error: toFailure(error) } as const);
      this.#tell({ ...ended, grouping: null });
    }
  }

  /** What was read so far is kept. */
  cancel(): DuplicatesStatus {
    this.#stop?.abort(new SaccadeError('cancelled', 'Comparing was cancelled; what was read is kept.'));
    return this.#status;
  }

  /** Groups of photos that are there and of which nobody said otherwise, the one to keep first. */
  #shown(kind: RawGroup['kind']): GroupedPhoto[][] {
    const { catalog } = this.#options;
    const { groups, filter, otherNames: others } = this.#found;
    const wanted = groups.filter((group) => group.kind === kind);
    const all = wanted.flatMap(({ contents }) => contents);
    const photos = photosOfContents(catalog, all, conditionOf(catalog, filter));
    const distinct = distinctAmong(catalog, all);
    return wanted.flatMap(({ contents }) =>
      parted(
        contents.flatMap((id) => photos.get(id) ?? []).filter(({ id }) => !others.has(id)),
        kind,
        distinct,
      ),
    );
  }

  /** A cursor is the position in the list. */
  groups({ kind, limit, cursor }: Request<'duplicates.groups'>): {
    items: DuplicateGroup[];
    total: number;
    next: string | null;
  } {
    const { catalog } = this.#options;
    const all = this.#shown(kind);
    const start = Math.max(0, Number.parseInt(cursor ?? '0', 10) || 0);
    const end = start + limit;
    const some = all.slice(start, end);
    const likenesses = kind === 'same' ? sameBy(catalog, some) : alikeBy(catalog, some);
    return {
      items: some.map((photos, i) => ({
        kind,
        photos: itemsOf(
          catalog,
          photos.map(({ id }) => id),
        ),
        best: kind === 'same' ? photos[0]!.id : null,
        likeness: likenesses[i]!,
      })),
      total: all.length,
      next: end < all.length ? String(end) : null,
    };
  }

  /** Null: nobody could tell them apart, because their contents are not known. */
  distinguish(photoIds: readonly number[]): Act | null {
    const { catalog } = this.#options;
    return catalog.transaction(() => {
      const rows = catalog.all<{ content_id: number }>(
        `SELECT content_id FROM photos WHERE content_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(photoIds),
      );
      const pairs = new Map<string, Pair>();
      for (const [i, { content_id: a }] of rows.entries())
        for (const { content_id: b } of rows.slice(0, i)) pairs.set(pairOf(a, b).join(' '), pairOf(a, b));
      const known = distinctAmong(
        catalog,
        rows.map(({ content_id: id }) => id),
      );
      const fresh = [...pairs].filter(([key]) => !known.has(key)).map(([, pair]) => pair);
      if (fresh.length === 0) return null;
      setDistinct(catalog, fresh, true);
      const change = { of: 'distinct', pairs: fresh, distinct: true } as const;
      const inverse = { ...change, distinct: false };
      return recordAct(catalog, { kind: 'distinguish', about: [], photos: rows.length, change, inverse });
    });
  }

  /**
   * Groups of contents that are the same picture, such as frames of a burst. What can't be read is in none.
   * @param read whether what was never compared is read for it
   */
  async sameAmong(
    files: readonly { path: string; contentId: number }[],
    read: boolean,
    onstep: (done: number) => void,
    signal: AbortSignal,
  ): Promise<number[][]> {
    const { catalog, thumbnails, inference } = this.#options;
    const thread = startGrouping();
    const contents = [...new Set(files.map(({ contentId }) => contentId))];
    try {
      if (!read) return await sameOnes(catalog, thread, contents, signal);
      const compared = files.map((file) => ({ ...file, onContent: () => {} }));
      const found = await compareFiles(compared, {
        ...{ catalog, thumbnails, thread, inference, onstep, signal },
        keyId: null,
      });
      return found.groups.map((group) => group.contents);
    } finally {
      thread.terminate();
    }
  }

  /** Among files and folders, of which nothing is told in the window. `keyId` as of `CompareOptions`. */
  async among(paths: readonly string[], keyId: number | null, signal: AbortSignal): Promise<ComparedPaths> {
    const { catalog, thumbnails, inference, emit } = this.#options;
    const thread = startGrouping();
    let told: DuplicatesStatus = { ...idle, state: 'running' };
    const tell = (news: Partial<DuplicatesStatus>) => {
      told = { ...told, ...news };
      if (performance.now() < this.#toldMs + everyMs) return;
      this.#toldMs = performance.now();
      emit(told);
    };
    const onstep = (done: number, total: number) => tell({ done, total });
    const ongrouping = (grouping: Grouping) => tell({ grouping });
    try {
      const how = { catalog, thumbnails, thread, inference, keyId, signal, onstep, ongrouping };
      return await comparePaths(paths, how);
    } finally {
      thread.terminate();
    }
  }

  #tell(news: Partial<DuplicatesStatus>): void {
    this.#status = { ...this.#status, ...news };
    if (news.state === undefined && performance.now() < this.#toldMs + everyMs) return;
    this.#toldMs = performance.now();
    if (this.#options.catalog.isOpen()) this.#options.emit(this.#status);
  }

  #endThread(): void {
    this.#thread?.terminate();
    this.#thread = null;
  }

  async close(): Promise<void> {
    this.cancel();
    await this.#ended;
    this.#endThread();
  }
}

/** Least correlation with the first of each group. */
function sameBy(catalog: Catalog, groups: GroupedPhoto[][]): number[] {
  const greys = greysOf(
    catalog,
    groups.flat().map(({ contentId }) => contentId),
  );
  return groups.map(([best, ...others]) =>
    Math.min(
      1,
      ...others.map(({ contentId }) =>
        contentId === best!.contentId ? 1 : correlation(greys.get(best!.contentId)!, greys.get(contentId)!),
      ),
    ),
  );
}

/** Least cosine with the first of each group. */
function alikeBy(catalog: Catalog, groups: GroupedPhoto[][]): number[] {
  const key = shownKeyId(catalog);
  if (key === null) return groups.map(() => 0);
  const ids = groups.flat().map(({ contentId }) => contentId);
  const features = featuresOf(catalog, key, ids);
  return groups.map((group) => {
    const [first, ...others] = group.flatMap(({ contentId }) => features.rows.get(contentId) ?? []);
    if (first === undefined) return 0;
    return rescore(queryOf(features, [first]), features, others, others.length).scores.at(-1) ?? 1;
  });
}

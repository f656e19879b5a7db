/** Files compared with each other: the same picture by perceptual hashes, look-alikes by features. */
import { greySide, perceptualHash } from '../../../models/search/phash.ts';
import { SaccadeError } from '../../../models/error.ts';
import { luminances } from '../../decode/picture.ts';
import { eachOf } from '../../schedule/each.ts';
import type { Grouping } from '../../contract/entities/likeness.ts';
import { toFailure, type Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { contentRead } from '../catalog/path-contents.ts';
import {
  greysOf,
  hashesOf,
  type Perceptual,
  storePerceptual,
  withoutPerceptual,
} from '../catalog/perceptual.ts';
import type { Thumbnails } from '../thumbnails.ts';
import type { Inference } from '../inference.ts';
import { alikeOnes } from './alike.ts';
import type { GroupThread } from './group-thread.ts';

export interface ComparedFile {
  path: string;
  /** What it held when it was last looked at; null: it was not read since it changed. */
  contentId: number | null;
  /** It holds something else. */
  onContent(contentId: number): void;
}

export interface CompareOptions {
  catalog: Catalog;
  thumbnails: Thumbnails;
  thread: GroupThread;
  inference: Pick<Inference, 'interactive'>;
  /** Whose features look-alikes are told by; null: only the same picture is looked for. */
  keyId: number | null;
  /** Files read so far. */
  onstep(done: number): void;
  /** How far what was read has been compared. */
  ongrouping?: ((grouping: Grouping) => void) | undefined;
  signal: AbortSignal;
}

/** Contents that belong together. */
export interface RawGroup {
  kind: 'same' | 'alike';
  contents: number[];
}

export interface Comparison {
  groups: RawGroup[];
  leftOut: { path: string; error: Failure }[];
}

const readAtOnce = 4;
/** Hashes stored in one transaction. */
const storedAtOnce = 64;

/** What was read is kept, so that a comparison that is cut off goes on where it was. Aborted by `signal`. */
export async function compareFiles(
  files: readonly ComparedFile[],
  options: CompareOptions,
): Promise<Comparison> {
  const { thread, signal } = options;
  const leftOut: Comparison['leftOut'] = [];
  const filesOf = await readFiles(files, options, leftOut);
  signal.throwIfAborted();
  const deaf = thread.onEvent((_, payload) => options.ongrouping?.(payload as Grouping));
  try {
    return { groups: await grouped(filesOf, options), leftOut };
  } finally {
    deaf();
  }
}

/** @param filesOf content → how many of the files have it */
async function grouped(filesOf: ReadonlyMap<number, number>, options: CompareOptions): Promise<RawGroup[]> {
  const { catalog, thread, keyId, signal } = options;
  const contents = [...filesOf.keys()];
  const same = await sameOnes(catalog, thread, contents, signal);
  const taken = new Set(same.flat());
  // The same file in several places needs no hash: it may be flat.
  for (const [id, count] of filesOf) if (count > 1 && !taken.has(id)) same.push([id]);
  const rest = new Set(contents);
  // Of the same picture one stands for all: copies are no look-alikes.
  for (const [, ...others] of same) for (const id of others) rest.delete(id);
  const alike = keyId === null ? [] : await alikeOnes([...rest], { ...options, keyId });
  return [
    ...same.map((group) => ({ kind: 'same' as const, contents: group })),
    ...alike.map((group) => ({ kind: 'alike' as const, contents: group })),
  ];
}

/** Content → how many of the files have it. */
async function readFiles(
  files: readonly ComparedFile[],
  { catalog, thumbnails, onstep, signal }: CompareOptions,
  leftOut: Comparison['leftOut'],
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const unknown = withoutPerceptual(
    catalog,
    files.flatMap(({ contentId }) => contentId ?? []),
  );
  const waiting: Perceptual[] = [];
  const store = (): void => {
    const some = waiting.splice(0);
    catalog.transaction(() => some.forEach((each) => storePerceptual(catalog, each)));
  };
  let done = 0;
  await eachOf(files, readAtOnce, async ({ path, contentId, onContent }) => {
    signal.throwIfAborted();
    try {
      const id = await contentRead(catalog, path, signal);
      if (id !== contentId) {
        onContent(id);
        if (withoutPerceptual(catalog, [id]).size) unknown.add(id);
      }
      if (unknown.delete(id)) waiting.push(await look(id, path, catalog, thumbnails));
      if (waiting.length >= storedAtOnce) store();
      found.set(id, (found.get(id) ?? 0) + 1);
    } catch (error) {
      signal.throwIfAborted();
      leftOut.push({ path, error: toFailure(error) });
    }
    onstep(++done);
  }).finally(() => {
    if (catalog.isOpen()) store();
  });
  return found;
}

/** @throws SaccadeError as decoding does; `damaged-photo` */
async function look(
  contentId: number,
  path: string,
  catalog: Catalog,
  thumbnails: Thumbnails,
): Promise<Perceptual> {
  const grey = await luminances(await thumbnails.thumbnail(contentId, path), greySide);
  const row = catalog.one<{ damaged: number }>('SELECT damaged FROM contents WHERE id = ?', contentId);
  // What is lost of it may be what tells it from another.
  if (row?.damaged)
    throw new SaccadeError(
      'damaged-photo',
      `Expected a whole photo to compare; a part of ${path} is lost. Look at it yourself.`,
    );
  return { contentId, hash: perceptualHash(grey), grey };
}

/** Groups of contents that are the same picture, of those that were read. */
export async function sameOnes(
  catalog: Catalog,
  thread: GroupThread,
  all: readonly number[],
  signal: AbortSignal,
): Promise<number[][]> {
  const { contents, hashes } = hashesOf(catalog, all);
  // Pictures are looked at closer only where hashes are near: most of a library never are.
  const near = await thread.call('near', { hashes }, { signal });
  const some = hashesOf(
    catalog,
    Array.from(near, (row) => contents[row]!),
  );
  const greyOf = greysOf(catalog, some.contents);
  const pixels = greySide * greySide;
  const greys = new Uint8Array(some.contents.length * pixels);
  some.contents.forEach((id, i) => greys.set(greyOf.get(id)!, i * pixels));
  const groups = await thread.call('same', { hashes: some.hashes, greys }, { signal });
  return groups.map((group) => group.map((row) => some.contents[row]!));
}

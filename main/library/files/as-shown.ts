/** Whether files are what the library shows: one that was exchanged for another since its folder was looked through is not what somebody chose. */
import { SaccadeError } from '../../../models/error.ts';
import { shownName } from '../../file-names.ts';
import { eachOf } from '../../schedule/each.ts';
import type { Catalog } from '../catalog/database.ts';
import { contentRead } from '../catalog/path-contents.ts';

const readAtOnce = 8;

/** `contentId` null: it was never read. @throws SaccadeError `changed-on-disk`; as `hashFile` does, where it has changed */
export async function expectAsShown(catalog: Catalog, path: string, contentId: number | null): Promise<void> {
  if (contentId !== null && (await contentRead(catalog, path)) !== contentId) throw replaced([path]);
}

/** All of them; what can't be read is told when it is its turn. @throws SaccadeError `changed-on-disk` */
export async function expectAllAsShown(
  catalog: Catalog,
  photos: readonly { id: number | null; path: string }[],
  signal: AbortSignal,
): Promise<void> {
  const contents = new Map(
    catalog
      .all<{ id: number; contentId: number | null }>(
        'SELECT id, content_id AS contentId FROM photos WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(photos.map(({ id }) => id)),
      )
      .map(({ id, contentId }) => [id, contentId]),
  );
  const known = photos.map(({ id, path }) => ({
    path,
    contentId: id === null ? null : (contents.get(id) ?? null),
  }));
  const others = await othersAmong(catalog, known, signal);
  signal.throwIfAborted();
  if (others.size) throw replaced([...others]);
}

/** Paths of those that hold something else now than `contentId`. What can't be read is not among them, nor what `signal` came before. */
export async function othersAmong(
  catalog: Catalog,
  photos: readonly { path: string; contentId: number | null }[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const others = new Set<string>();
  await eachOf(photos, readAtOnce, async ({ path, contentId }) => {
    if (contentId === null || signal.aborted) return;
    const now = await contentRead(catalog, path, signal).catch(() => contentId);
    if (now !== contentId) others.add(path);
  });
  return others;
}

function replaced([first, ...more]: string[]): SaccadeError {
  const found = more.length
    ? `Expected ${more.length + 1} photos as the library shows them; their files are others now. The first is ${shownName(first!)}.`
    : `Expected ${shownName(first!)} as the library shows it; its file is another one now.`;
  return new SaccadeError('changed-on-disk', `${found} Look for changes, and choose again.`);
}

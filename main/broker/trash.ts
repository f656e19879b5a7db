/** Photos given to the system's trash by a host that reaches it. */
import { shownName } from '../file-names.ts';
import type { Moved } from '../contract/entities/review.ts';
import { unwrap } from '../contract/result.ts';
import type { Request } from '../contract/verbs.ts';
import { askInternal, type LibrarySide } from './library.ts';

/**
 * What is about to go is written down first: cut off, the library finds out what went. A sidecar of a photo that the
 * trash does not take stays beside it. `trashItem` throws the system's reason.
 */
export async function trashBySystem(
  library: LibrarySide,
  request: Request<'photos.trash'>,
  trashItem: (path: string) => Promise<void>,
): Promise<Moved> {
  const { batch, files, shared, failed } = unwrap(await askInternal(library, 'internal.trashBegin', request));
  const stayed = new Set<string>();
  for (const { path, speaksOf } of files) {
    if (speaksOf.some((photo) => stayed.has(photo))) continue;
    try {
      await trashItem(path);
    } catch (error) {
      stayed.add(path);
      const found = error instanceof Error ? error.message : String(error);
      const message = `Expected the system's trash to take ${shownName(path)}; it did not: ${found}. Move it into a folder instead.`;
      failed.push({ path: shownName(path), error: { code: 'cannot-move', message } });
    }
  }
  return { ...unwrap(await askInternal(library, 'internal.trashEnd', { batch })), failed, shared };
}

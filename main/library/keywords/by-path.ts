/** Keywords of photos by path, in the library or not, for the command line and for teaching. */
import { toFailure } from '../../contract/result.ts';
import type { PhotoKeywords } from '../../contract/entities/keywords.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { RequestOf } from '../../rpc/calls.ts';
import { eachOf } from '../../schedule/each.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import { photoAt } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import { fileKeywordsOf } from '../catalog/file-keywords.ts';
import { writtenTo } from '../catalog/written.ts';
import { findPaths } from '../runs/find-paths.ts';
import { writtenInto } from '../writing/iptc-record.ts';
import { sidecarFinder } from '../writing/sidecar-names.ts';
import { readKeywords } from './read.ts';

const atOnce = 4;

/** Of the library's photos the words that the file was known to have. */
function knownOf(catalog: Catalog, path: string): Set<string> {
  const id = photoAt(catalog, path);
  const before = id === null ? [] : (fileKeywordsOf(catalog, [id]).get(id) ?? []);
  return new Set(before.filter(({ from }) => from === 'file').map(({ label }) => nameKey(label)));
}

/** In the order of paths, photos without any too. */
export async function keywordsOfPaths(
  catalog: Catalog,
  { paths, recursive }: RequestOf<LibraryVerbs, 'internal.readKeywords'>,
  signal: AbortSignal,
): Promise<{ items: PhotoKeywords[] }> {
  const find = sidecarFinder();
  const items = new Map<string, PhotoKeywords>();
  for (const path of paths)
    await findPaths(path, {
      ...{ recursive, signal, patterns: undefined },
      onFound(found) {
        for (const each of found)
          items.set(each.path, {
            ...{ path: each.path, keywords: [] },
            errors: 'failure' in each ? [each.failure] : [],
          });
      },
      onLeftOut: () => {},
    });
  await eachOf([...items.values()], atOnce, async (item) => {
    if (signal.aborted || item.errors.length) return;
    const { path } = item;
    const sidecars = Object.values((await find(path, 'full')).there);
    const options = {
      ...{ sidecars, known: knownOf(catalog, path) },
      writtenTo: (sidecar: string) => writtenTo(catalog, sidecar),
      writtenInto: (photo: string) => writtenInto(catalog, photo),
    };
    const { keywords, errors } = await readKeywords(path, options);
    item.keywords = keywords;
    item.errors = errors.map(toFailure);
  });
  return { items: [...items.values()].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

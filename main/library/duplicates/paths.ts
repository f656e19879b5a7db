/** Duplicates among files and folders that need not be the library's, for the command line. */
import type { ComparedGroup, ComparedPaths } from '../../contract/entities/likeness.ts';
import type { Catalog } from '../catalog/database.ts';
import { distinctAmong } from '../catalog/perceptual.ts';
import { pathContent } from '../catalog/path-contents.ts';
import { findPaths, type FoundPath } from '../runs/find-paths.ts';
import { compareFiles, type CompareOptions, type ComparedFile, type RawGroup } from './compare.ts';
import { type GroupedFile, parted } from './groups.ts';
import { otherNames } from './other-names.ts';

/** Each file once, in the order of paths; what can't be reached beside them. */
async function found(paths: readonly string[], signal: AbortSignal): Promise<FoundPath[]> {
  const all = new Map<string, FoundPath>();
  for (const path of paths)
    await findPaths(path, {
      recursive: true,
      patterns: undefined,
      signal,
      onFound: (some) => some.forEach((each) => all.set(each.path, each)),
      onLeftOut: () => {},
    });
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

export async function comparePaths(
  paths: readonly string[],
  options: Omit<CompareOptions, 'onstep'> & { onstep(done: number, total: number): void },
): Promise<ComparedPaths> {
  const { catalog, signal, onstep } = options;
  const files: GroupedFile[] = [];
  const leftOut: ComparedPaths['leftOut'] = [];
  const compared: ComparedFile[] = [];
  for (const each of await found(paths, signal)) {
    const { path } = each;
    if ('failure' in each) leftOut.push({ path, error: each.failure });
    else {
      const { bytes, modifiedMs: modified } = each.facts;
      const contentId = pathContent(catalog, path, each.facts);
      const file = { path, bytes, modified, contentId: contentId ?? 0, width: 0, height: 0 };
      files.push(file);
      const onContent = (id: number) => void (file.contentId = id);
      compared.push({ path, contentId, onContent });
    }
  }
  const total = compared.length;
  const comparison = await compareFiles(compared, { ...options, onstep: (done) => onstep(done, total) });
  const others = await otherNames(files.filter(({ contentId }) => contentId !== 0));
  const copies = files.filter((file) => !others.has(file));
  const groups = comparison.groups.flatMap((group) => told(catalog, group, copies));
  return {
    compared: total - comparison.leftOut.length,
    groups,
    leftOut: [...leftOut, ...comparison.leftOut],
  };
}

function told(catalog: Catalog, { kind, contents }: RawGroup, files: GroupedFile[]): ComparedGroup[] {
  const sizes = new Map(
    catalog
      .all<{ id: number; width: number; height: number }>(
        'SELECT id, width, height FROM contents WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(contents),
      )
      .map(({ id, ...size }) => [id, size]),
  );
  const members = files.flatMap((file) => {
    const size = sizes.get(file.contentId);
    return size ? [{ ...file, ...size }] : [];
  });
  return parted(members, kind, distinctAmong(catalog, contents)).map((part) => ({
    kind,
    best: kind === 'same' ? part[0]!.path : null,
    files: part.map(({ path, width, height, bytes }) => ({ path, width, height, bytes })),
  }));
}

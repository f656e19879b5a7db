/**
 * Names that lead to one file: symbolic links, and hard links. They are no copies: a link that is kept as the best copy
 * leads nowhere once its file is cleared away, and a hard link that is cleared away frees nothing.
 */
import { lstat, stat } from 'node:fs/promises';
import { systemPath } from '../../file-names.ts';
import { eachOf } from '../../schedule/each.ts';

const atOnce = 16;

interface Named<File> {
  file: File;
  isLink: boolean;
}

/** Of files of the same content those that lead to one that another name is kept for, the file itself before links to it. */
export async function otherNames<File extends { path: string; contentId: number }>(
  files: readonly File[],
): Promise<Set<File>> {
  const byContent = Map.groupBy(files, ({ contentId }) => contentId);
  const several = [...byContent.values()].filter((same) => same.length > 1).flat();
  const byFile = new Map<string, Named<File>[]>();
  await eachOf(several, atOnce, async (file) => {
    const path = systemPath(file.path);
    const [own, led] = await Promise.all([lstat(path), stat(path, { bigint: true })]).catch(() => []);
    // A system that tells no files apart has no number for them.
    if (!own || !led || led.ino === 0n) return;
    const key = `${led.dev} ${led.ino}`;
    byFile.set(key, [...(byFile.get(key) ?? []), { file, isLink: own.isSymbolicLink() }]);
  });
  const others = new Set<File>();
  for (const names of byFile.values()) {
    const ordered = names.sort(
      (a, b) => Number(a.isLink) - Number(b.isLink) || (a.file.path < b.file.path ? -1 : 1),
    );
    for (const { file } of ordered.slice(1)) others.add(file);
  }
  return others;
}

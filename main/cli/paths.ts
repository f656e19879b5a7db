/** How paths are shown and what files made from them are called. */
import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemPath } from '../file-names.ts';

const inside = (folder: string, path: string) => {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
};

/** Paths as the user wrote them: below what was asked for relatively they stay relative to the current folder. */
export function shownPath(asked: readonly string[], cwd = process.cwd()): (file: string) => string {
  const roots = asked
    .map((path) => ({ full: resolve(cwd, path), relative: !isAbsolute(path) }))
    .sort((a, b) => b.full.length - a.full.length);
  return (file) =>
    roots.find(({ full }) => inside(full, file))?.relative ? relative(cwd, file) || file : file;
}

/** A folder that everything asked for lies in. */
function commonFolder(asked: readonly string[]): string {
  const folders = asked.map((path) => {
    const full = resolve(path);
    return statSync(systemPath(full), { throwIfNoEntry: false })?.isDirectory() ? full : dirname(full);
  });
  let common = folders[0] ?? process.cwd();
  while (!folders.every((folder) => inside(common, folder)) && dirname(common) !== common)
    common = dirname(common);
  return common;
}

/**
 * Name of the file made from a photo, below the folder it is written to: the photo's way from what all paths asked
 * for have in common, with an ending of its own, so that a.jpg and a.png do not meet.
 */
export function derivedName(asked: readonly string[], ending: string): (file: string) => string {
  const common = commonFolder(asked);
  return (file) => {
    const way = relative(common, file);
    // On Windows another drive has no relative way.
    return `${inside(common, file) && way ? way : join(basename(dirname(file)), basename(file))}${ending}`;
  };
}

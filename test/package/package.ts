/** Builds the unpacked package once, on a stand-in for Electron's own files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { listPackage, statFile } from '@electron/asar';
import { makeElectronDist } from './electron-dist.ts';

const root = join(import.meta.dirname, '..', '..');

export interface Package {
  /** Holds the executable. */
  folder: string;
  resources: string;
  executable: string;
  /** What electron-builder and our hook said. */
  output: string;
  remove(): void;
}

/** Throws with electron-builder's words where it fails. The bundle in out/ must be there. */
export function buildPackage(options: string[] = []): Package {
  const temporary = mkdtempSync(join(tmpdir(), 'saccade-package-'));
  const electron = join(temporary, 'electron');
  makeElectronDist(electron);
  const built = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      '--linux',
      '--dir',
      '--publish=never',
      `-c.electronDist=${electron}`,
      `-c.directories.output=${join(temporary, 'release')}`,
      ...options,
    ],
    { cwd: root, encoding: 'utf8' },
  );
  const output = built.stdout + built.stderr;
  const remove = (): void => rmSync(temporary, { recursive: true, force: true });
  if (built.status !== 0) {
    remove();
    throw new Error(output);
  }
  const folder = join(temporary, 'release', 'linux-unpacked');
  return {
    folder,
    resources: join(folder, 'resources'),
    executable: join(folder, 'saccade'),
    output,
    remove,
  };
}

/**
 * Every file that ships, sorted: those on disk, and those inside the asar as `resources/app.asar/…`. What the
 * bundler names anew with every build is shown as `#`.
 */
export function shippedFiles({ folder, resources }: Package): string[] {
  const asar = join(resources, 'app.asar');
  const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  const inside = listPackage(asar, { isPack: false })
    .map((path) => path.replace(/^[\\/]/, ''))
    .map((path) => ({ path: path.replaceAll('\\', '/'), entry: statFile(asar, path) }))
    .filter(({ entry }) => 'size' in entry && !('unpacked' in entry && entry.unpacked))
    .map(({ path }) => `resources/app.asar/${path}`);
  const named = (file: string) =>
    file.replace(/\/chunks\/[^/]+\.js$/, '/chunks/#.js').replace(/-[\w-]{8}\.(js|css|woff2|svg)$/, '-#.$1');
  return [...new Set([...onDisk, ...inside].map(named))].sort();
}

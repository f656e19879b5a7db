/** Builds the unpacked package once, on a stand-in for Electron's own files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { listPackage } from '@electron/asar';
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
 * Every file that ships, sorted: those inside the asar as `resources/app.asar/…`, with `(unpacked)` where they lie
 * beside it. Hashes that change with every build are shown as `#`.
 */
export function shippedFiles({ folder, resources }: Package): string[] {
  const asar = join(resources, 'app.asar');
  const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  const unpacked = new Set(onDisk.filter((file) => file.startsWith('resources/app.asar.unpacked/')));
  const packed = listPackage(asar, { isPack: true })
    .map((line) => /^(pack|unpack) *: [\\/](.*)$/.exec(line)!)
    .map(([, how, path]) => ({ how, path: path!.replaceAll('\\', '/') }));
  const folders = new Set(packed.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  const inside = packed
    .filter(({ path }) => !isFolder(path, folders))
    .map(({ how, path }) => `resources/app.asar/${path}${how === 'unpack' ? ' (unpacked)' : ''}`);
  return [...onDisk.filter((file) => !unpacked.has(file)), ...inside]
    .map((file) => file.replace(/-[\w-]{8}\.(js|css|woff2|svg)$/, '-#.$1'))
    .sort();
}

function isFolder(path: string, folders: Set<string>): boolean {
  return folders.has(path) || [...folders].some((folder) => folder.startsWith(`${path}/`));
}

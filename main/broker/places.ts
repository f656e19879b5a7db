/** Where on this machine pictures are likely to lie: the person's own folders as the system names them, and drives. */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Answer } from '../contract/verbs.ts';

type Place = Answer<'dialog.places'>['items'][number];

/** As https://www.freedesktop.org/wiki/Software/xdg-user-dirs/ names them; elsewhere they are called so in English. */
const folders = [
  { kind: 'pictures', key: 'XDG_PICTURES_DIR', name: 'Pictures' },
  { kind: 'desktop', key: 'XDG_DESKTOP_DIR', name: 'Desktop' },
  { kind: 'downloads', key: 'XDG_DOWNLOAD_DIR', name: 'Downloads' },
] as const;
/** Where systems put what is plugged in. */
const mountParents = ['/media/', '/run/media/', '/mnt/', '/Volumes/'];
const mostDrives = 20;

/** With something visible in it. */
async function isFilled(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => []);
  return names.some((name) => !name.startsWith('.'));
}

async function named(home: string): Promise<Map<string, string>> {
  const text = await readFile(join(home, '.config', 'user-dirs.dirs'), 'utf8').catch(() => '');
  const found = text.matchAll(/^\s*(XDG_\w+_DIR)\s*=\s*"([^"\n]*)"/gm);
  return new Map([...found].map(([, key = '', path = '']) => [key, path.replace(/^\$HOME/, home)]));
}

/** Mount points as `/proc/mounts` lists them: spaces and others as octal numbers. */
export function mountPoints(table: string): string[] {
  return table
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => mountParents.some((parent) => path.startsWith(parent)));
}

async function drives(platform: NodeJS.Platform): Promise<string[]> {
  if (platform === 'win32') return Array.from('DEFGHIJKLMNOPQRSTUVWXYZ', (letter) => `${letter}:\\`);
  if (platform === 'darwin')
    return (await readdir('/Volumes').catch(() => [])).map((name) => join('/Volumes', name));
  return mountPoints(await readFile('/proc/self/mounts', 'utf8').catch(() => ''));
}

/** Those that hold something; empty ones are no place to look for pictures in. */
export async function places(home = homedir(), platform = process.platform): Promise<Place[]> {
  const own = await named(home);
  const likely = folders.map(({ kind, key, name }): Place => {
    const path = own.get(key) ?? join(home, name);
    return { kind, name: basename(path), path };
  });
  const found = [...new Set(await drives(platform))].slice(0, mostDrives);
  const all: Place[] = [
    // A folder that is set to home itself means that there is none.
    ...likely.filter(({ path }) => path !== home && path !== `${home}/`),
    ...found.map((path): Place => ({ kind: 'drive', name: basename(path) || path, path })),
    { kind: 'home', name: basename(home), path: home },
  ];
  const filled = await Promise.all(all.map(({ path }) => isFilled(path)));
  return all.filter((_, i) => filled[i]);
}

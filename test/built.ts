/** One build serves every kind of test. `node test/built.ts`, and what needs the bundle asks for it as well. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtStamp } from './cache.ts';

const root = join(import.meta.dirname, '..');
const sources = [
  '{main,models,renderer,build}/**',
  '{package,tsconfig,node_modules/.package-lock}.json',
  'electron.vite.config.ts',
];

/** Of names and contents: no clock decides, so a file that went, came back or was checked out counts as what it is. */
function fingerprint(patterns: string[]): string {
  const hash = createHash('sha256');
  for (const name of globSync(patterns, { cwd: root }).sort()) {
    const path = join(root, name);
    if (statSync(path).isFile()) hash.update(`${name}\n`).update(readFileSync(path)).update('\n');
  }
  return hash.digest('hex');
}
const now = (from = fingerprint(sources)): string => `${from} ${fingerprint(['out/**'])}`;

function last(): string | null {
  try {
    return readFileSync(builtStamp, 'utf8');
  } catch {
    return null;
  }
}

/** Builds unless `out/` is, byte for byte, what the sources as they are gave the last time. Throws where the build fails. */
export function ensureBuilt(): void {
  // Before the build: what is edited while it goes on is not in it.
  const from = fingerprint(sources);
  if (last() === now(from)) return;
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const done = spawnSync(process.execPath, [vite, 'build'], { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`The build failed:\n${done.stdout}\n${done.stderr}`);
  mkdirSync(dirname(builtStamp), { recursive: true });
  writeFileSync(builtStamp, now(from));
}

if (import.meta.main) ensureBuilt();

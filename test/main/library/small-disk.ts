/** A disk of a test's own, small enough to be filled, or made read-only. Linux, and only for whoever may mount. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

function mayMount(): boolean {
  if (process.platform !== 'linux') return false;
  const folder = mkdtempSync(join(tmpdir(), 'saccade-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

/** As options of a test. */
export const needsDisk = {
  skip: mayMount() ? false : 'SKIPPED: nobody may mount a disk here (Linux, as root)',
};

export interface SmallDisk {
  path: string;
  /** All but so many bytes are taken. */
  fill(left?: number): void;
  /** What `fill` took is free again. */
  free(): void;
  setReadOnly(readOnly: boolean): void;
}

/** Kilobytes. Unmounted at the test's end, after what was opened before on it is closed: `closing`. */
export function smallDisk(t: TestContext, size: number, closing: (() => Promise<void>)[] = []): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'saccade-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', path]);
  const filler = join(path, '.filler');
  t.after(async () => {
    for (const close of closing) await close().catch(() => {});
    execFileSync('umount', ['--lazy', path]);
    rmSync(path, { recursive: true, force: true });
  });
  mkdirSync(path, { recursive: true });
  return {
    path,
    fill(left = 0) {
      const { bavail, bsize } = statfsSync(path);
      const file = openSync(filler, 'a');
      const block = Buffer.alloc(bsize);
      for (let i = Math.ceil(left / bsize); i < bavail; i++) writeSync(file, block);
      closeSync(file);
    },
    free() {
      if (existsSync(filler)) rmSync(filler);
    },
    setReadOnly(readOnly) {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path]);
    },
  };
}

/** What every kind of test runs with, and hands on to the processes it starts. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { compiled } from './cache.ts';

/** Held by the tests at their peak, several times over, in bytes. */
const room = 4 * 2 ** 30;
const tmpfs = 0x01021994;

/** A folder in memory, or null where there is none with room enough (containers have little). */
function memory(): string | null {
  const folder = '/dev/shm';
  try {
    const { type, bavail, bsize } = statfsSync(folder);
    return type === tmpfs && bavail * bsize >= room ? folder : null;
  } catch {
    return null;
  }
}

/**
 * Tests and the processes they start keep what they compile for each other, as a home does for the commands of its user.
 * Temporary files lie in memory where nobody said otherwise: a catalog waits for the disk at each transaction, so that
 * half of the time of many tests would be the disk's.
 */
export function prepare(): void {
  process.env['NODE_COMPILE_CACHE'] ??= compiled;
  const folder = process.env['TMPDIR'] === undefined && memory();
  if (!folder) return;
  const temporary = mkdtempSync(join(folder, 'saccade-tests-'));
  process.env['TMPDIR'] = temporary;
  process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
}

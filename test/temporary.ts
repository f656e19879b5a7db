/** Folders for what tests write. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that goes with the test (`t`), or with the file of tests (`{ after }` of node:test). @param name after which it is called @param on a disk that is meant */
export function temporaryFolder(
  ends: { after(work: () => void): void },
  name: string,
  on = tmpdir(),
): string {
  const folder = mkdtempSync(join(on, `saccade-${name}-`));
  ends.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk that isn't the one of temporary files, which may lie in memory themselves: files are copied to and from it. */
export const otherDisk = ['/dev/shm', '/var/tmp'].find(
  (folder) => existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev,
);
/** For `test(name, needsOtherDisk, …)`. */
export const needsOtherDisk = {
  skip: otherDisk ? false : 'SKIPPED: neither /dev/shm nor /var/tmp is another disk here',
};

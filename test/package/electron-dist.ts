/**
 * A folder that electron-builder takes for Electron's own: an executable with the fuse wire that @electron/fuses looks
 * for, and the files around it that a package keeps. So the layout is made and checked where Electron can't be fetched.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @electron/fuses finds the wire behind this text: version 1, the number of fuses, one character each. */
export const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Electron 45's, as it comes: on (1) or off (0). */
const factory = '10110001';

export function makeElectronDist(folder: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  const wire = Buffer.concat([Buffer.from(sentinel), Buffer.from([1, factory.length]), Buffer.from(factory)]);
  const script = Buffer.from(
    '#!/bin/sh\necho "This is not Electron: it only has its shape." >&2\nexit 1\n# ',
  );
  writeFileSync(join(folder, 'electron'), Buffer.concat([script, wire, Buffer.from('\n')]), { mode: 0o755 });
  mkdirSync(join(folder, 'locales'));
  for (const locale of ['en-US', 'zh-CN', 'de']) writeFileSync(join(folder, 'locales', `${locale}.pak`), '');
  writeFileSync(join(folder, 'LICENSE'), 'Stands for the licence of Electron.\n');
  writeFileSync(join(folder, 'LICENSES.chromium.html'), 'Stands for the licences of Chromium.\n');
}

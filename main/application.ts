/** Where the application's own files are: the checkout, or the installed package. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Packaged, the code of the window lies in app.asar, which Electron reads as a folder; the code of the other
 * processes lies beside it in app.asar.unpacked with the native code it loads, as plain files for a plain Node.
 */
const packed = /app\.asar(\.unpacked)?(?=$|[\\/])/;

/** The same path outside the asar, for what must be a real file. */
export function unpacked(path: string): string {
  return path.replace(packed, 'app.asar.unpacked');
}

function codeFolder(): string {
  let folder = import.meta.dirname; // main/, out/main/ or one of the bundle's chunks
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Holds `models/starter` and `samples`: native code and file managers open them by path. */
export function applicationFolder(): string {
  return unpacked(codeFolder());
}

/** Holds the built index.html. Only Electron's processes can look into an asar. */
export function rendererFolder(): string {
  return join(codeFolder().replace(packed, 'app.asar'), 'out', 'renderer');
}

export function applicationVersion(): string {
  return (JSON.parse(readFileSync(join(codeFolder(), 'package.json'), 'utf8')) as { version: string })
    .version;
}

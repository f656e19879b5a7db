/** Where the application's own files are: the checkout, or the installed package. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

function codeFolder(): string {
  let folder = import.meta.dirname; // main/, out/main/ or one of the bundle's chunks
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * Holds `models/starter` and `samples`, as real files: from inside app.asar neither native code nor a file manager
 * could open them, so they lie unpacked beside it.
 */
export function applicationFolder(): string {
  return codeFolder().replace(new RegExp(`app\\.asar(?=$|\\${sep})`), 'app.asar.unpacked');
}

/** Holds the built index.html. Read by our own process, which can look into the asar. */
export function rendererFolder(): string {
  return join(codeFolder(), 'out', 'renderer');
}

export function applicationVersion(): string {
  return (JSON.parse(readFileSync(join(codeFolder(), 'package.json'), 'utf8')) as { version: string })
    .version;
}

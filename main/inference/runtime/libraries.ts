/** Which shared libraries of the system are missing, asked of the system's own loader, which alone knows its paths. */
import { execFileSync } from 'node:child_process';

/**
 * Names that a library needs, itself or through others, and that the loader does not find. Null where that can't be
 * asked. `ldd` maps the libraries without running any of them.
 */
export function missingNeeds(library: string): string[] | null {
  try {
    const told = execFileSync('ldd', [library], {
      encoding: 'utf8',
      // Its words are translated.
      env: { ...process.env, LC_ALL: 'C', LANGUAGE: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    const names = [...told.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
    return [...new Set(names)];
  } catch {
    return null;
  }
}

/** Whether a library can be opened by its name. Linux only. */
export function canOpen(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    // A library that is there, but is no add-on of Node, fails later and otherwise.
    return !/cannot open shared object file|No such file/i.test(String(error));
  }
}

/** One window for one library: a second start hands its folder to the first, and ends. */
import { app } from 'electron';
import { folderOf } from './arguments.ts';
import { makeFolder } from '../files.ts';

/** Chromium's own files, apart from the library's; the lock of the one instance is among them. */
export function keepWindowDataIn(folder: string): void {
  makeFolder(folder, 0o700); // or setPath throws
  app.setPath('userData', folder);
}

/** False: another instance runs and has been told. */
export function claimInstance(folder: string | null): boolean {
  return app.requestSingleInstanceLock({ folder });
}

/** Folders that arrive while the application runs: from a second start, or dropped onto its icon. */
export function onFolder(open: (folder: string | null) => void): void {
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    // Chromium reorders the arguments of a second instance: only what it was handed on purpose counts.
    const folder = (data as { folder?: unknown } | null)?.folder;
    open(typeof folder === 'string' ? folder : null);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open(folderOf(path, '/'));
  });
}

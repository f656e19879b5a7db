/** Host verbs as the browser host can answer them: a machine that may have no screen opens nothing on it. */
import { SaccadeError } from '../../models/error.ts';
import { listFolders } from '../broker/folders.ts';
import type { HostServices } from '../broker/host.ts';
import { places } from '../broker/places.ts';
import { askInternal, type LibrarySide } from '../broker/library.ts';
import { unwrap } from '../contract/result.ts';

export interface HostFacts {
  version: string;
  dataFolder: string;
  samplesFolder: string;
}

function absent(what: string): never {
  throw new SaccadeError(
    'not-in-browser',
    `${what} needs the desktop application; this is the browser host. Use the path instead.`,
  );
}

export function browserServices(facts: HostFacts, library: LibrarySide): HostServices {
  return {
    'app.info': () => ({
      ...facts,
      host: 'browser',
      platform: process.platform,
      systemLanguage: Intl.DateTimeFormat().resolvedOptions().locale,
      can: {
        openFolderDialog: false,
        openModelDialog: false,
        reveal: false,
        openDefault: false,
        trash: process.platform === 'linux',
      },
    }),
    'dialog.openFolders': () => absent('A folder dialog'),
    'dialog.openModel': () => absent('A file dialog'),
    'dialog.listFolders': ({ path }) => listFolders(path),
    'dialog.places': async () => ({ items: await places() }),
    'photos.reveal': () => absent('Showing a photo in the file manager'),
    'photos.trash': async (request) => unwrap(await askInternal(library, 'internal.trash', request)),
    'photos.openDefault': () => absent('Opening a photo in its application'),
  };
}

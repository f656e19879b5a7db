/** Host verbs as only the desktop can answer them. */
import { app, dialog, shell } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import { SaccadeError } from '../../models/error.ts';
import { listFolders } from '../broker/folders.ts';
import type { HostServices } from '../broker/host.ts';
import { places as likelyPlaces } from '../broker/places.ts';
import { askInternal } from '../broker/library.ts';
import { trashBySystem } from '../broker/trash.ts';
import type { LibrarySide } from '../broker/library.ts';
import { unwrap } from '../contract/result.ts';
import { words } from './words.ts';

export interface Places {
  dataFolder: string;
  samplesFolder: string;
}

const modelFiles = ['safetensors', 'onnx'];

async function choose(window: BrowserWindow | null, options: OpenDialogOptions): Promise<string[]> {
  const chosen = window ? await dialog.showOpenDialog(window, options) : await dialog.showOpenDialog(options);
  return chosen.canceled ? [] : chosen.filePaths;
}

export function desktopServices(
  library: LibrarySide,
  places: Places,
  window: () => BrowserWindow | null,
): HostServices {
  /** By id, never by a path of the renderer's: it can open what is in the library and nothing else. */
  const pathOf = async (photoId: number) =>
    unwrap(await askInternal(library, 'internal.path', { photoId })).path;
  return {
    'app.info': () => ({
      ...places,
      version: app.getVersion(),
      host: 'electron',
      platform: process.platform,
      systemLanguage: app.getLocale(),
      can: { openFolderDialog: true, openModelDialog: true, reveal: true, openDefault: true, trash: true },
    }),
    'dialog.openFolders': async () => ({
      paths: await choose(window(), {
        title: words().chooseFolders,
        properties: ['openDirectory', 'multiSelections'],
      }),
    }),
    'dialog.openModel': async ({ kind }) => {
      const text = words();
      const [path] = await choose(
        window(),
        kind === 'folder'
          ? { title: text.chooseModelFolder, properties: ['openDirectory'] }
          : {
              title: text.chooseModelFile,
              properties: ['openFile'],
              filters: [{ name: text.models, extensions: modelFiles }],
            },
      );
      return { path: path ?? null };
    },
    'dialog.listFolders': ({ path }) => listFolders(path),
    'dialog.places': async () => ({ items: await likelyPlaces() }),
    'photos.reveal': async ({ photoId }) => {
      shell.showItemInFolder(await pathOf(photoId));
      return null;
    },
    'photos.trash': async (request) =>
      process.platform === 'linux'
        ? unwrap(await askInternal(library, 'internal.trash', request))
        : trashBySystem(library, request, (path) => shell.trashItem(path)),
    'photos.openDefault': async ({ photoId }) => {
      const problem = await shell.openPath(await pathOf(photoId));
      if (problem)
        throw new SaccadeError(
          'cannot-open',
          `Expected an application that opens the photo, found: ${problem}`,
        );
      return null;
    },
  };
}

/** What is open, from `internal.open` to `internal.close`: one catalog's core, and the downloads, which outlive it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { InstalledModel, ModelRoots } from '../../models/store.ts';
import type { TryOut } from '../../models/try-out.ts';
import type { LibraryVerbs } from '../contract/internal.ts';
import { toFailure } from '../contract/result.ts';
import { backupsFolder } from '../home.ts';
import type { RequestOf } from '../rpc/calls.ts';
import type { StartProcess } from '../rpc/port.ts';
import { computeOf } from './compute.ts';
import { Core } from './core.ts';
import type { CoreOptions, Emit } from './core.ts';
import type { Downloads } from './models/downloads.ts';
import { importsEnded } from './models/import-model.ts';
import { openDownloads } from './models/open-downloads.ts';

/** Each member but `close` throws SaccadeError `not-open` while it is not. */
export interface LibraryState {
  core(): Core;
  options(): CoreOptions;
  roots(): ModelRoots;
  downloads(): Downloads;
  /** Runs a model once that is being installed. */
  tryOut: TryOut;
  /** Once; does nothing where it is open already. */
  open(request: RequestOf<LibraryVerbs, 'internal.open'>): void;
  /** Goes on with an empty catalog. */
  deleteAll(): Promise<void>;
  close(): Promise<void>;
}

export function libraryState(start: StartProcess, emit: Emit): LibraryState {
  let opened: Core | null = null;
  let options: CoreOptions | null = null;
  let downloads: Downloads | null = null;

  const core = (): Core => opened ?? notOpen();

  const tryOut: TryOut = (folder) => core().inference.tryOut(folder, core().settings().batch);

  /** Which provider and precision suit a model is measured when it comes, so that its first run begins at once. */
  async function placeNew({ manifest, folder }: InstalledModel): Promise<void> {
    const { changes, inference } = core();
    changes.note('models');
    try {
      await inference.load(computeOf(core().settings(), { model: manifest.id }));
      await inference.unload(folder);
    } catch (error) {
      emit('notice', { level: 'warning', failure: toFailure(error) });
    }
  }

  return {
    core,
    options: () => options ?? notOpen(),
    roots: () => (options ?? notOpen()).roots,
    downloads: () => downloads ?? notOpen(),
    tryOut,

    open({ home, builtInModel, models, window, remember }) {
      if (opened) return;
      const roots = { builtIn: builtInModel, installed: models ?? join(home, 'models') };
      options = { home, roots, window, remember, start, emit };
      opened = new Core(options);
      downloads ??= openDownloads({
        home,
        roots,
        tryOut,
        onInstalled: placeNew,
        emit: (status) => emit('models.download', status),
      });
    },

    async deleteAll() {
      const { home, remember } = options ?? notOpen();
      await core().close();
      opened = null;
      if (remember)
        for (const name of ['catalog', 'thumbnails'])
          for (const end of ['', '-wal', '-shm']) rmSync(join(home, `${name}.sqlite${end}`), { force: true });
      if (remember) rmSync(backupsFolder(home), { recursive: true, force: true });
      opened = new Core(options!);
      opened.changes.note('folders', 'photos', 'labels', 'settings');
    },

    async close() {
      const closing = opened;
      opened = null;
      await downloads?.close();
      downloads = null;
      await importsEnded();
      await closing?.close();
    },
  };
}

function notOpen(): never {
  throw new SaccadeError('not-open', 'Expected the library to be open; it is closed, or not open yet.');
}

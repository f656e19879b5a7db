import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkLayout } from '../../../models/import.ts';
import { listModels, type InstalledModel, type ModelRoots } from '../../../models/store.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { DownloadStatus } from '../../contract/entities.ts';
import { hubClient } from '../../hub/client.ts';
import { Downloads } from './downloads.ts';
import { importInThread } from './import-model.ts';

export interface DownloadVerbsOptions {
  /** Folder of everything Saccade keeps; downloads in hand lie in its `downloads`. */
  home: string;
  roots: ModelRoots;
  /** Called once a downloaded model is installed, before that is told; what it throws is not the download's failure. */
  onInstalled(model: InstalledModel): Promise<void>;
  emit(status: DownloadStatus): void;
}

const isLicence = /^LICEN[CS]E(\.md|\.txt)?$/i;

/** Answers the contract's verbs about downloads. Connects to nothing before `models.download` or `models.resumeDownload`. */
export function downloadVerbs({ home, roots, onInstalled, emit }: DownloadVerbsOptions) {
  const downloads = new Downloads({
    folder: join(home, 'downloads'),
    client: () => hubClient(),
    installed: () => listModels(roots),
    inspect: checkLayout,
    async install(files, options) {
      const model = await importInThread(files, roots.installed, options);
      for (const name of readdirSync(files).filter((name) => isLicence.test(name)))
        copyFileSync(join(files, name), join(model.folder, name));
      await onInstalled(model).catch(() => {});
      return model.manifest.id;
    },
    emit,
  });
  return {
    handlers: {
      'models.catalogue': (): Answer<'models.catalogue'> => ({ items: downloads.catalogue() }),
      'models.download': ({ source, name }: Request<'models.download'>): Answer<'models.download'> =>
        downloads.start(source, name),
      'models.downloads': (): Answer<'models.downloads'> => ({ items: downloads.list() }),
      'models.pauseDownload': ({ downloadId }: Request<'models.pauseDownload'>) =>
        downloads.pause(downloadId),
      'models.resumeDownload': ({ downloadId }: Request<'models.resumeDownload'>) =>
        downloads.resume(downloadId),
      'models.cancelDownload': ({ downloadId }: Request<'models.cancelDownload'>) =>
        downloads.cancel(downloadId),
    },
    /** Pauses what runs. */
    close: () => downloads.close(),
  };
}

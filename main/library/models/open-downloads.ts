import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listModels, type InstalledModel, type ModelRoots } from '../../../models/store.ts';
import type { TryOut } from '../../../models/try-out.ts';
import type { DownloadStatus } from '../../contract/entities/download.ts';
import { hubClient } from '../../hub/client.ts';
import { Downloads } from './downloads.ts';
import { importInThread } from './import-model.ts';

export interface OpenDownloadsOptions {
  /** Folder of everything Saccade keeps; downloads in hand lie in its `downloads`. */
  home: string;
  roots: ModelRoots;
  tryOut: TryOut;
  /** Called once a downloaded model is installed, before that is told; what it throws is not the download's failure. */
  onInstalled(model: InstalledModel): Promise<void>;
  emit(status: DownloadStatus): void;
}

const isLicence = /^LICEN[CS]E(\.md|\.txt)?$/i;

/** Downloads that end as installed models. Connects to nothing before one is started or resumed. */
export function openDownloads({ home, roots, tryOut, onInstalled, emit }: OpenDownloadsOptions): Downloads {
  return new Downloads({
    folder: join(home, 'downloads'),
    client: () => hubClient(),
    installed: () => listModels(roots),
    async inspect(layout, answers) {
      const { checkLayout } = await import('../../../models/import.ts');
      checkLayout(layout, answers);
    },
    async install(files, options) {
      const model = await importInThread(files, roots.installed, options, tryOut);
      for (const name of readdirSync(files).filter((name) => isLicence.test(name)))
        copyFileSync(join(files, name), join(model.folder, name));
      await onInstalled(model).catch(() => {});
      return model.manifest.id;
    },
    emit,
  });
}

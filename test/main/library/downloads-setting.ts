import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DownloadState, DownloadStatus } from '../../../main/contract/entities/download.ts';
import type { HubClient } from '../../../main/hub/client.ts';
import { Downloads, type DownloadsOptions } from '../../../main/library/models/downloads.ts';
import { checkLayout, importModel } from '../../../models/import.ts';
import { listModels } from '../../../models/store.ts';
import { encodeSafetensors } from '../../../models/weights/encode-safetensors.ts';
import { timmConfig, timmTensors, tinyShape } from '../../models/tiny.ts';
import { setUp, type Setting } from '../hub/setting.ts';

/** A real, small model as it would lie on the Hub. */
export const model = {
  'config.json': JSON.stringify(timmConfig(tinyShape)),
  'README.md': '---\nlicense: mit\n---\n# tiny',
  'model.safetensors': Buffer.from(encodeSafetensors(timmTensors(tinyShape))),
};

export interface Scene extends Setting {
  events: DownloadStatus[];
  open(changes?: Partial<DownloadsOptions>): Downloads;
  /** The next event that fits, or one that came since the last one waited for. */
  until(fits: (status: DownloadStatus) => boolean): Promise<DownloadStatus>;
  reached(state: DownloadState): Promise<DownloadStatus>;
}

export function optionsFor(folder: string, client: () => HubClient): DownloadsOptions {
  const installed = join(folder, 'models');
  return {
    folder: join(folder, 'downloads'),
    client,
    installed: () => listModels({ builtIn: join(folder, 'none'), installed }),
    install: async (files, options) => (await importModel(files, installed, options)).manifest.id,
    inspect: checkLayout,
    emit: () => {},
  };
}

/** `files`: of the repository that there is. */
export async function setScene(t: TestContext, files: Parameters<typeof setUp>[1] = model): Promise<Scene> {
  const setting = await setUp(t, files);
  const events: DownloadStatus[] = [];
  const waiting = new Set<() => void>();
  const opened: Downloads[] = [];
  t.after(() => Promise.all(opened.map((downloads) => downloads.close())));
  const emit = (status: DownloadStatus) => {
    setting.hub.received = status.bytes;
    events.push(status);
    for (const look of waiting) look();
  };
  let seen = 0;
  const until = (fits: (status: DownloadStatus) => boolean) =>
    new Promise<DownloadStatus>((resolve) => {
      const look = () => {
        const at = events.findIndex((event, index) => index >= seen && fits(event));
        if (at < 0) return;
        seen = at + 1;
        waiting.delete(look);
        resolve(events[at]!);
      };
      waiting.add(look);
      look();
    });
  return {
    ...setting,
    events,
    open(changes = {}) {
      const base = optionsFor(setting.folder, () => setting.client());
      const downloads = new Downloads({ ...base, emit, ...changes });
      opened.push(downloads);
      return downloads;
    },
    until,
    reached: (state) => until((event) => event.state === state),
  };
}

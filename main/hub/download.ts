import { join } from 'node:path';
import { takeFromCache } from './cache.ts';
import { requireSpace, type HubClient } from './client.ts';
import { bytesHere, fetchFile } from './fetch-file.ts';
import { inspectLayout } from './layout.ts';
import type { HubRepository } from './repository.ts';
import { makeFolder } from '../files.ts';

export interface DownloadHooks {
  signal: AbortSignal;
  onFile(name: string, state: 'downloading' | 'checking'): void;
  /** Of all files: bytes here, and how many of them the Hub cache on this machine gave in this call. */
  onBytes(bytes: number, cached: number): void;
  /** Looks at a folder with everything but the content of the weights (see `inspectLayout`) and may refuse it. */
  inspect?(layout: string): void | Promise<void>;
}

export function totalBytes(plan: HubRepository): number {
  return plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Brings every file of a plan into `folder`, in the plan's order: what is there stays, then the Hub cache of this
 * machine is asked, then the Hub. Each file's content hash is checked. May be called again after any failure.
 * @throws SaccadeError
 */
export async function download(
  client: HubClient,
  plan: HubRepository,
  folder: string,
  hooks: DownloadHooks,
): Promise<void> {
  makeFolder(folder);
  const here = new Map<string, number>();
  for (const file of plan.files) here.set(file.path, bytesHere(folder, file));
  let cached = 0;
  const report = () =>
    hooks.onBytes(
      [...here.values()].reduce((a, b) => a + b, 0),
      cached,
    );
  report();
  const missing = totalBytes(plan) - [...here.values()].reduce((a, b) => a + b, 0);
  // Installing copies the files, and the download is deleted only afterwards.
  await requireSpace(client.disk, folder, missing + totalBytes(plan));
  let checked = false;
  for (const file of plan.files) {
    hooks.signal.throwIfAborted();
    if (!checked && file.path.endsWith('.safetensors')) {
      checked = true;
      if (hooks.inspect) await inspectLayout(client, plan, folder, hooks.inspect, hooks.signal);
    }
    hooks.onFile(file.path, 'downloading');
    const target = join(folder, file.path);
    if (here.get(file.path) === 0) {
      const found = await takeFromCache(client.settings.cacheFolder, plan, file, target, hooks.signal);
      if (found) {
        cached += file.bytes;
        here.set(file.path, file.bytes);
        report();
        continue;
      }
    }
    await fetchFile(client, plan, file, folder, {
      signal: hooks.signal,
      onBytes(bytes) {
        here.set(file.path, bytes);
        report();
      },
      onChecking: () => hooks.onFile(file.path, 'checking'),
    });
  }
}

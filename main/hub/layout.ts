import { copyFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubClient } from './client.ts';
import { bytesHere } from './fetch-file.ts';
import { patiently } from './patience.ts';
import { fileAddress, readAll } from './repository.ts';
import type { HubFile, HubRepository } from './repository.ts';
import { discard, request } from './request.ts';
import { makeFolder } from '../files.ts';

/** Enough for the headers of most models; the reference implementation allows headers of 100 MB. */
const firstBytes = 128 * 1024;
const mostBytes = 32 * 1024 * 1024;

const isWeights = ({ path }: HubFile) => path.endsWith('.safetensors');

/**
 * Lets `inspect` look at a model before its weights are fetched: at a folder with the small files, which are in
 * `folder` already, and with weights that have their true header and length but nothing behind it. The hashes of the
 * weights can't be checked on so little, and are checked later all the same.
 * Does nothing where part of the weights is here, or where the Hub gives no ranges.
 * @throws what `inspect` throws
 */
export async function inspectLayout(
  client: HubClient,
  plan: HubRepository,
  folder: string,
  inspect: (layout: string) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const weights = plan.files.filter(isWeights);
  if (weights.some((file) => bytesHere(folder, file) > 0)) return;
  const layout = join(folder, 'layout');
  makeFolder(layout);
  try {
    for (const file of weights) {
      const header = await fetchHeader(client, plan, file, signal);
      if (!header) return;
      const path = join(layout, file.path);
      await writeFile(path, header);
      await truncate(path, file.bytes);
    }
    for (const file of plan.files)
      if (!isWeights(file)) await copyFile(join(folder, file.path), join(layout, file.path));
    await inspect(layout);
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

/** The length and the JSON a safetensors file begins with; null: can't be had, or is no such file. */
async function fetchHeader(
  client: HubClient,
  plan: HubRepository,
  file: HubFile,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const begin = await fetchBeginning(client, plan, file, Math.min(firstBytes, file.bytes), signal);
  if (!begin || begin.length < 8) return null;
  const length = begin.readBigUInt64LE();
  if (length > BigInt(mostBytes) || Number(length) + 8 > file.bytes) return null;
  const end = 8 + Number(length);
  const whole = end <= begin.length ? begin : await fetchBeginning(client, plan, file, end, signal);
  return whole && whole.length >= end ? whole.subarray(0, end) : null;
}

function fetchBeginning(
  client: HubClient,
  plan: HubRepository,
  file: HubFile,
  bytes: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const what = `${file.path} of ${plan.repository}`;
  return patiently(client.patience, signal, async () => {
    const headers = { range: `bytes=0-${bytes - 1}` };
    const response = await request(client, fileAddress(client, plan, file.path), { signal, what, headers });
    if (response.status === 206) return readAll(client, response, what, signal, bytes);
    await discard(response);
    return null;
  });
}

import { statSync } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { diskError, type HubClient } from './client.ts';
import { matchesHash } from './hash.ts';
import { PassingError, patiently } from './patience.ts';
import { fileAddress } from './repository.ts';
import type { HubFile, HubRepository } from './repository.ts';
import { bodyOf, discard, request } from './request.ts';

export interface FetchHooks {
  signal: AbortSignal;
  /** Bytes of this file that are here; may fall when it begins anew. */
  onBytes(bytes: number): void;
  /** All bytes are here and are being hashed. */
  onChecking(): void;
}

/** What has arrived waits as `<name>.part`, with its ETag in `<name>.part.etag`. */
function placesOf(folder: string, file: HubFile) {
  const target = join(folder, file.path);
  return { target, part: `${target}.part`, etag: `${target}.part.etag` };
}

/** Bytes of a file that are here already, complete or not. */
export function bytesHere(folder: string, file: HubFile): number {
  const { target, part } = placesOf(folder, file);
  const found = statSync(target, { throwIfNoEntry: false }) ?? statSync(part, { throwIfNoEntry: false });
  return found ? Math.min(found.size, file.bytes) : 0;
}

/**
 * Fetches one file into `folder`, going on where an earlier attempt ended. It gets its name only once its content
 * hash is right; one with a wrong hash is deleted and fetched once more.
 * @throws SaccadeError `hub-wrong-hash`, `disk-full`, and those of `request`
 */
export async function fetchFile(
  client: HubClient,
  source: HubRepository,
  file: HubFile,
  folder: string,
  hooks: FetchHooks,
): Promise<void> {
  const { target, part, etag } = placesOf(folder, file);
  if ((await stat(target).catch(() => null))?.size === file.bytes) return hooks.onBytes(file.bytes);
  for (let attempt = 1; ; attempt++) {
    await fetchPart(client, source, file, folder, hooks);
    hooks.onChecking();
    if (await matchesHash(part, file.bytes, file.hash, hooks.signal)) break;
    await Promise.all([rm(part, { force: true }), rm(etag, { force: true })]);
    hooks.onBytes(0);
    if (attempt === 2)
      throw new SaccadeError(
        'hub-wrong-hash',
        `${file.path} of ${source.repository} arrived twice with other content than the Hub says, and was deleted. Check HF_ENDPOINT and the proxy, or try again later.`,
      );
  }
  await rename(part, target);
  await rm(etag, { force: true });
}

/** Until all bytes are there, whatever they are. */
async function fetchPart(
  client: HubClient,
  source: HubRepository,
  file: HubFile,
  folder: string,
  hooks: FetchHooks,
): Promise<void> {
  const { part } = placesOf(folder, file);
  let here = 0;
  const handle = await open(part, 'a');
  try {
    here = (await handle.stat()).size;
    if (here > file.bytes) await handle.truncate((here = 0));
    hooks.onBytes(here);
    await patiently(
      client.patience,
      hooks.signal,
      async () => {
        if (here === file.bytes) return;
        const { response, at } = await startTransfer(client, source, file, folder, here, hooks.signal);
        if (at !== here) await handle.truncate((here = 0));
        // Another range than the one asked for can't be used; the next attempt asks for everything.
        if (at !== 0 && at !== here) {
          await discard(response);
          throw otherRange(file, source);
        }
        for await (const chunk of bodyOf(response, client, hooks.signal)) {
          if (here + chunk.length > file.bytes) {
            await handle.truncate((here = 0));
            throw tooLong(file, source);
          }
          await write(client, handle, chunk);
          hooks.onBytes((here += chunk.length));
        }
        if (here < file.bytes) throw truncated(file, here);
      },
      () => here,
    );
  } finally {
    await handle.close();
  }
}

/** Asks for what is missing. `at` is where the answer's bytes begin; -1: it holds none of use. */
async function startTransfer(
  client: HubClient,
  source: HubRepository,
  file: HubFile,
  folder: string,
  here: number,
  signal: AbortSignal,
): Promise<{ response: Response; at: number }> {
  const { etag } = placesOf(folder, file);
  const headers: Record<string, string> = {};
  if (here > 0) {
    headers['range'] = `bytes=${here}-`;
    const known = await readFile(etag, 'utf8').catch(() => '');
    if (known) headers['if-range'] = known;
  }
  const what = `${file.path} of ${source.repository}`;
  const url = file.address ?? fileAddress(client, source, file.path);
  const response = await request(client, url, { signal, what, headers, accept: [416] });
  if (response.status === 206) {
    const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    return { response, at: from === undefined ? -1 : Number(from) };
  }
  if (response.status !== 200) return { response, at: -1 };
  await writeEtag(etag, response.headers.get('etag'));
  return { response, at: 0 };
}

/** Only strong ones hold for ranges (RFC 9110 §13.1.5). */
async function writeEtag(path: string, etag: string | null): Promise<void> {
  if (etag && /^"[^"]*"$/.test(etag)) await writeFile(path, etag);
  else await rm(path, { force: true });
}

async function write(client: HubClient, handle: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    await client.disk.write(handle, chunk);
  } catch (error) {
    throw diskError(error);
  }
}

function truncated(file: HubFile, here: number): PassingError {
  return new PassingError(
    'hub-truncated',
    `${file.path} broke off after ${here} of ${file.bytes} bytes. Resume the download.`,
  );
}

function tooLong(file: HubFile, source: HubRepository): PassingError {
  return new PassingError(
    'hub-answer',
    `${file.path} of ${source.repository} should have ${file.bytes} bytes, and more came. Check HF_ENDPOINT and the proxy.`,
  );
}

function otherRange(file: HubFile, source: HubRepository): PassingError {
  return new PassingError(
    'hub-answer',
    `${file.path} of ${source.repository}: the Hub answered with another range than was asked for. Resume the download later.`,
  );
}

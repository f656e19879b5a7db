/**
 * `saccade providers install cuda`: onnxruntime's native folder, copied into the data folder, and beside it the CUDA
 * libraries of the same version, from the package that onnxruntime-node's own install script takes them from
 * (onnxruntime-node/script/install-metadata.js). That script runs for everybody who installs the package, holds what
 * it fetched to nothing, and writes into the package; so it is switched off, and this is done on request instead.
 */
import { constants } from 'node:fs';
import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { diskError, realDisk, requireSpace, type HubClient } from '../hub/client.ts';
import { bytesHere, fetchFile } from '../hub/fetch-file.ts';
import { hashPrefix } from '../hub/hash.ts';
import { usualPatience } from '../hub/patience.ts';
import type { HubFile, HubRepository } from '../hub/repository.ts';
import {
  cudaFiles,
  cudaRoot,
  packageFolder,
  packageVersion,
  recordName,
} from '../inference/runtime/native.ts';
import type { CudaRecord, InstalledCuda } from '../inference/runtime/native.ts';
import { makeFolder } from '../files.ts';
import { unpack } from './archive.ts';
import { checkFeed, findPackage, type FeedPackage } from './feed.ts';

export const nugetIndex = 'https://api.nuget.org/v3/index.json';
export const packageName = 'Microsoft.ML.OnnxRuntime.Gpu.Linux';
/** Folder of the libraries in the package. */
export const folderInPackage = 'runtimes/linux-x64/native';

export interface InstallProgress {
  state: 'asking' | 'downloading' | 'checking' | 'unpacking';
  bytes: number;
  totalBytes: number | null;
}

export interface InstallOptions {
  signal: AbortSignal;
  onProgress(progress: InstallProgress): void;
  client?: HubClient;
  /** Address of the feed's service index. Default: SACCADE_PROVIDER_FEED, or NuGet's own. */
  feed?: string;
}

/** Asks no Hub: of main/hub only the way of fetching is used. */
const feedClient = (): HubClient => ({
  settings: { endpoint: 'https://invalid.invalid', token: null, cacheFolder: '', offline: false },
  patience: usualPatience,
  disk: realDisk,
  agent: 'saccade',
});

/**
 * May be called again after any failure, and goes on from there. What was installed before stays in use until the new
 * copy is whole.
 * @throws SaccadeError `provider-unavailable`, `provider-feed`, `provider-download`, `provider-wrong-hash`,
 * `provider-archive`, `disk-full`
 */
export async function installCuda(options: InstallOptions): Promise<InstalledCuda> {
  requireLinux();
  const { signal, onProgress, client = feedClient() } = options;
  const feed = checkFeed(options.feed ?? (process.env['SACCADE_PROVIDER_FEED'] || nugetIndex));
  const version = packageVersion();
  const root = cudaRoot();
  const parts = join(root, 'download');
  try {
    makeFolder(parts);
    onProgress({ state: 'asking', bytes: 0, totalBytes: null });
    const found = await findPackage(client, feed, packageName, version, signal);
    const archive = await fetchArchive(client, found, parts, options);
    const staging = join(root, `${version}.new`);
    await rm(staging, { recursive: true, force: true });
    makeFolder(staging);
    const record: CudaRecord = {
      format: 1,
      onnxruntime: version,
      address: found.address,
      sha512: found.sha512,
      files: {
        ...(await copyNative(staging, client, signal)),
        ...(await unpack(
          archive,
          new Map(cudaFiles.map((name) => [`${folderInPackage}/${name}`, name])),
          staging,
          {
            disk: client.disk,
            signal,
            onBytes: (bytes, totalBytes) => onProgress({ state: 'unpacking', bytes, totalBytes }),
          },
        )),
      },
    };
    await writeRecord(join(staging, recordName), record);
    const folder = join(root, version);
    await putInPlace(staging, folder);
    await tidy(root, version);
    return { folder, record };
  } catch (error) {
    throw inOurWords(diskError(error), new URL(feed).host);
  }
}

/** @throws SaccadeError `provider-not-installed` */
export async function removeCuda(): Promise<void> {
  const root = cudaRoot();
  if (!(await stat(root).catch(() => null)))
    throw new SaccadeError('provider-not-installed', `No CUDA libraries are installed in ${dirname(root)}.`);
  await rm(root, { recursive: true, force: true });
}

function requireLinux(): void {
  const machine = `${process.platform}-${process.arch}`;
  if (machine !== 'linux-x64')
    throw new SaccadeError('provider-unavailable', `CUDA runs on linux-x64; this is ${machine}.`);
}

async function fetchArchive(
  client: HubClient,
  found: FeedPackage,
  folder: string,
  { signal, onProgress }: InstallOptions,
): Promise<string> {
  const { bytes: totalBytes, fileName: path, address, sha512: hex } = found;
  // Of another version, or of a package that was published anew.
  for (const name of await readdir(folder)) if (!name.startsWith(path)) await rm(join(folder, name));
  const file: HubFile = { path, bytes: totalBytes, hash: { kind: 'sha512', hex }, address };
  const source: HubRepository = { repository: new URL(address).host, revision: '', files: [file] };
  await requireSpace(client.disk, folder, totalBytes - bytesHere(folder, file));
  await fetchFile(client, source, file, folder, {
    signal,
    onBytes: (bytes) => onProgress({ state: 'downloading', bytes, totalBytes }),
    onChecking: () => onProgress({ state: 'checking', bytes: totalBytes, totalBytes }),
  });
  return join(folder, path);
}

/** Shares the blocks with the package's files where the file system can. */
async function copyNative(
  folder: string,
  { disk }: HubClient,
  signal: AbortSignal,
): Promise<CudaRecord['files']> {
  const from = packageFolder();
  const names = (await readdir(from)).filter((name) => !cudaFiles.includes(name));
  const files: CudaRecord['files'] = {};
  for (const name of names) {
    const { size: bytes } = await stat(join(from, name));
    await requireSpace(disk, folder, bytes);
    await copyFile(join(from, name), join(folder, name), constants.COPYFILE_FICLONE);
    const hash = createHash('sha256');
    await hashPrefix(hash, join(folder, name), bytes, signal);
    files[name] = { bytes, sha256: hash.digest('hex') };
  }
  return files;
}

async function writeRecord(path: string, record: CudaRecord): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A process that computes with the old copy keeps its open files. */
async function putInPlace(staging: string, folder: string): Promise<void> {
  const old = `${folder}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(staging, folder);
}

/** Other versions, the archive, and what an interrupted call left. */
async function tidy(root: string, version: string): Promise<void> {
  for (const name of await readdir(root))
    if (name !== version) await rm(join(root, basename(name)), { recursive: true, force: true });
}

/** Failures of fetching, told of this feed instead of the Hub. */
function inOurWords(error: unknown, host: string): unknown {
  if (!(error instanceof SaccadeError) || !error.code.startsWith('hub-')) return error;
  if (error.code === 'hub-proxy') return error;
  const again = 'What has arrived is kept: the same command goes on from there.';
  if (error.code === 'hub-wrong-hash')
    return new SaccadeError(
      'provider-wrong-hash',
      `The archive arrived twice with other content than ${host} says, and was deleted. Check the proxy and SACCADE_PROVIDER_FEED, or try again later.`,
      { cause: error },
    );
  if (error.code === 'hub-not-found' || error.code === 'hub-unauthorized' || error.code === 'hub-forbidden')
    return new SaccadeError(
      'provider-feed',
      `${host} does not give ${packageName} ${packageVersion()}. Check SACCADE_PROVIDER_FEED.`,
      { cause: error },
    );
  return new SaccadeError(
    'provider-download',
    `The download from ${host} broke off (${error.code.slice('hub-'.length)}). Check the network and the proxy (HTTPS_PROXY). ${again}`,
    { cause: error },
  );
}

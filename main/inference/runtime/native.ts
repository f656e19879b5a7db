/**
 * Which onnxruntime this process computes with: the one in its package, or the copy in the data folder that has the
 * CUDA libraries beside it. onnxruntime looks for them beside its own library and nowhere else, and the package's
 * folder may belong to the system.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Onnxruntime from 'onnxruntime-node';
import { home } from '../../home.ts';

const nodeRequire = createRequire(import.meta.url);

const binding = 'onnxruntime_binding.node';
/** What the CUDA provider needs beside onnxruntime's own library. */
export const cudaFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

const packageRoot = (): string => join(dirname(nodeRequire.resolve('onnxruntime-node')), '..');

/** Of the installed package, for example "1.30.0". Loads nothing. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Native libraries of the package for this machine. */
export const packageFolder = (): string =>
  join(packageRoot(), 'bin', 'napi-v6', process.platform, process.arch);

/** Holds one folder a version of onnxruntime. */
export const cudaRoot = (): string => join(home(), 'providers', 'cuda');

/** Written last: a folder without it is not finished. */
export const recordName = 'installed.json';

/** What was installed, from where. */
export interface CudaRecord {
  format: 1;
  onnxruntime: string;
  /** Where the archive came from. */
  address: string;
  /** Of the archive, hex, as the feed tells it. */
  sha512: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

export interface InstalledCuda {
  folder: string;
  record: CudaRecord;
}

/** The finished copy for this version of onnxruntime, or why there is none; null: nobody installed one. */
export function installedCuda(root = cudaRoot()): InstalledCuda | string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  if (!isFolder(root)) return null;
  const version = packageVersion();
  const folder = join(root, version);
  let record: CudaRecord;
  try {
    record = JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as CudaRecord;
  } catch {
    return `The CUDA libraries for onnxruntime ${version} are not installed.`;
  }
  for (const [name, { bytes }] of Object.entries(record.files)) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (found !== bytes)
      return `${join(folder, name)} should have ${bytes} bytes and has ${found ?? 'none'}.`;
  }
  return { folder, record };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Null: nothing loaded yet, or loaded from the package without trouble. */
let problem: string | null = null;
let loaded: typeof Onnxruntime | null = null;

/**
 * The package's JavaScript over the native library of the copy, where one is installed. The package requires its
 * binding by a fixed relative path; a module that is in `require.cache` under that path is taken as it is
 * (nodejs.org/api/modules.html#requirecache).
 */
export function loadOnnxruntime(): typeof Onnxruntime {
  if (loaded) return loaded;
  // Since 1.29 onnxruntime reports every session to its maker unless this is set before it starts, and leaves an
  // identifier and a database in the user's cache folder (github.com/microsoft/onnxruntime/pull/27379).
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const installed = installedCuda();
  if (installed !== null && typeof installed !== 'string') {
    const own = nodeRequire.resolve(join(packageFolder(), binding));
    const copy = join(installed.folder, binding);
    try {
      nodeRequire(copy);
      nodeRequire.cache[own] ??= nodeRequire.cache[nodeRequire.resolve(copy)];
    } catch (error) {
      // The package's own library still computes on everything but CUDA.
      problem = `The copy of onnxruntime in ${installed.folder} can't be loaded: ${(error as Error).message}`;
    }
  }
  loaded = nodeRequire('onnxruntime-node') as typeof Onnxruntime;
  return loaded;
}

/** Where the CUDA libraries have to lie, or why none can be used. */
export function cudaFolder(): { folder: string } | { reason: string } {
  const installed = installedCuda();
  if (problem) return { reason: problem };
  if (typeof installed === 'string') return { reason: `${installed} ${toInstall}` };
  return { folder: installed?.folder ?? packageFolder() };
}

export const toInstall = '`saccade providers install cuda` downloads them.';

/** Every execution provider as data: where it runs, what it needs, what the binding takes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { Precision, ProviderName } from '../../contract/values.ts';
import { canOpen, missingNeeds } from './libraries.ts';
import { cudaFiles, cudaFolder, packageFolder, toInstall } from './native.ts';

export interface ProviderInfo {
  /** Shown to people. */
  title: string;
  /** What onnxruntime-node 1.30 takes for it. No provider but CUDA and DirectML can be told which device to use. */
  option: InferenceSession.ExecutionProviderConfig;
  /** `platform-architecture` of the machines that its library is made for; null: all. */
  platforms: string[] | null;
  /** Files beside onnxruntime's own library. */
  files: string[];
  /** Shared libraries of the system. */
  libraries: string[];
  /** What to measure for `auto`, in order; int8 joins on the CPU where it has been earned. */
  precisions: Precision[];
}

const vulkanLoader = 'libvulkan.so.1';
const whereIsVulkan =
  'It comes with libvulkan1 (Debian, Ubuntu), vulkan-loader (Fedora) or vulkan-icd-loader (Arch).';

const gpuPrecisions: Precision[] = ['fp32', 'fp16'];

export const providerTable: Record<ProviderName, ProviderInfo> = {
  cpu: { title: 'CPU', option: 'cpu', platforms: null, files: [], libraries: [], precisions: ['fp32'] },
  webgpu: {
    title: 'WebGPU',
    option: { name: 'webgpu', validationMode: 'disabled' },
    platforms: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
    files: [],
    libraries: process.platform === 'linux' ? [vulkanLoader] : [],
    precisions: gpuPrecisions,
  },
  cuda: {
    title: 'CUDA',
    option: { name: 'cuda', deviceId: 0 },
    platforms: ['linux-x64'],
    files: cudaFiles,
    // Of the CUDA 12 and cuDNN 9 that onnxruntime 1.30 is built with.
    libraries: [
      'libcuda.so.1',
      'libcudart.so.12',
      'libcublas.so.12',
      'libcublasLt.so.12',
      'libcufft.so.11',
      'libcurand.so.10',
      'libcudnn.so.9',
    ],
    precisions: gpuPrecisions,
  },
  directml: {
    title: 'DirectML',
    option: { name: 'dml', deviceId: 0 },
    platforms: ['win32-x64', 'win32-arm64'],
    files: ['DirectML.dll'],
    libraries: [],
    precisions: gpuPrecisions,
  },
  coreml: {
    title: 'CoreML',
    // 0x010: an ML program, which knows more operators than the older format.
    option: { name: 'coreml', coreMlFlags: 0x010 },
    platforms: ['darwin-arm64'],
    files: [],
    libraries: [],
    precisions: gpuPrecisions,
  },
};

export const providerNames = Object.keys(providerTable) as ProviderName[];

/** Why a provider can't be used on this machine, as far as that shows without starting it; null: it may work. */
export function whyNot(provider: ProviderName): string | null {
  const { title, platforms, files, libraries } = providerTable[provider];
  const machine = `${process.platform}-${process.arch}`;
  if (platforms && !platforms.includes(machine))
    return `${title} runs on ${platforms.join(', ')}; this is ${machine}.`;
  if (provider === 'cuda') return whyNotCuda(files, libraries);
  return missing([
    ...files.filter((file) => !existsSync(join(packageFolder(), file))),
    ...libraries.filter((library) => !canOpen(library)),
  ]);
}

function missing(names: string[]): string | null {
  if (names.length === 0) return null;
  const told = `Missing: ${names.join(', ')}.`;
  return names.includes(vulkanLoader) ? `${told} ${whereIsVulkan}` : told;
}

/** The provider's own library knows best what it needs; `libraries` is what is known before it is here. */
function whyNotCuda(files: string[], libraries: string[]): string | null {
  const where = cudaFolder();
  if ('reason' in where) return where.reason;
  const absent = files.filter((file) => !existsSync(join(where.folder, file)));
  const needed = absent.length === 0 ? missingNeeds(join(where.folder, files.at(-1)!)) : null;
  if (!needed) {
    const reason = missing(libraries.filter((library) => !canOpen(library)));
    const fetchable = absent.length > 0 ? `Missing: ${absent.join(', ')}. ${toInstall}` : null;
    return [fetchable, reason].filter(Boolean).join(' ') || null;
  }
  // The driver's library is opened by name while it runs, so it is in no list of needs.
  const driver = libraries[0]!;
  return missing([
    ...needed.filter((name) => !existsSync(join(where.folder, name))),
    ...(needed.includes(driver) || canOpen(driver) ? [] : [driver]),
  ]);
}

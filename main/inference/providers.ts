/** Every execution provider as data: where it runs, what it needs, what the binding takes. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { Precision, ProviderName } from '../entities.ts';

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

const gpuPrecisions: Precision[] = ['fp32', 'fp16'];

export const providerTable: Record<ProviderName, ProviderInfo> = {
  cpu: { title: 'CPU', option: 'cpu', platforms: null, files: [], libraries: [], precisions: ['fp32'] },
  webgpu: {
    title: 'WebGPU',
    option: { name: 'webgpu', validationMode: 'disabled' },
    platforms: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
    files: [],
    libraries: process.platform === 'linux' ? ['libvulkan.so.1'] : [],
    precisions: gpuPrecisions,
  },
  cuda: {
    title: 'CUDA',
    option: { name: 'cuda', deviceId: 0 },
    platforms: ['linux-x64'],
    files: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
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

function nativeFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

/** Why a provider can't be used on this machine, as far as that shows without starting it; null: it may work. */
export function whyNot(provider: ProviderName): string | null {
  const { title, platforms, files, libraries } = providerTable[provider];
  const machine = `${process.platform}-${process.arch}`;
  if (platforms && !platforms.includes(machine))
    return `${title} runs on ${platforms.join(', ')}; this is ${machine}.`;
  const folder = files.length > 0 ? nativeFolder() : '';
  const missing = [
    ...files.filter((file) => !existsSync(join(folder, file))),
    ...libraries.filter((library) => !canOpen(library)),
  ];
  return missing.length > 0 ? `Missing: ${missing.join(', ')}.` : null;
}

/** Asks the system's own loader, which alone knows all of its search paths. */
function canOpen(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    // A library that is there, but is no add-on of Node, fails later and otherwise.
    return !/cannot open shared object file|No such file/i.test(String(error));
  }
}

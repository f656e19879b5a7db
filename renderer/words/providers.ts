/** What the makers call what a model runs on; the same in every language. */
import type { ProviderName } from '../../main/contract/values.ts';

export const providerNames: Record<ProviderName, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  directml: 'DirectML',
  coreml: 'Core ML',
};

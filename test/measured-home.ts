/**
 * A home whose pace is known. Without one every process of every test measures it anew, which takes seconds of all
 * cores; that it is measured where nothing is known is for main/inference/late-tuning.test.ts and the tests of empty homes.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createVerdicts } from '../main/inference/placing/verdicts.ts';
import { readManifest } from '../models/load.ts';
import { starterFolder } from './starter.ts';

/**
 * Keeps a verdict for each model's folder in `home`, by the product's own rule: for this processor, this runtime, these
 * weights. Its batch and streams are ones that every machine can run; nothing says how fast they are.
 * @param options.several in streams, where there are cores for them. Two more threads and a session more are a quarter
 * of what a command over a few photos costs
 * @param options.batch photos in one run of a session
 * @param options.streams sessions, where they were measured
 */
export async function keepPace(
  home: string,
  {
    modelFolders = [starterFolder],
    several = false,
    batch = 8,
    streams = several ? Math.min(2, availableParallelism()) : 1,
  }: { modelFolders?: string[]; several?: boolean; batch?: number; streams?: number | undefined } = {},
): Promise<void> {
  const verdicts = createVerdicts(join(home, 'verdicts.json'), () =>
    Promise.reject(new Error('Expected a verdict to keep; was asked to measure one.')),
  );
  for (const modelFolder of modelFolders) {
    const { sha256 } = readManifest(modelFolder).weights;
    await verdicts.keep({ modelFolder, provider: 'cpu', precision: 'fp32' }, sha256, {
      photosPerSecond: 100,
      batch,
      ...(streams > 1 && { streams }),
      parityError: 0,
      nodesOnCpu: 0,
    });
  }
}

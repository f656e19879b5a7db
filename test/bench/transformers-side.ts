/** transformers.js in a process of its own, asked by message: `{ root, model, dtype, device, paths }` → milliseconds. */
import { env, pipeline } from '@huggingface/transformers';

interface Question {
  root: string;
  model: string;
  dtype: 'fp32' | 'q8';
  device: string;
  paths: string[];
}

env.allowRemoteModels = false;
const pipelines = new Map<string, (path: string) => Promise<unknown>>();

process.on('message', async ({ root, model, dtype, device, paths }: Question) => {
  env.localModelPath = root;
  const key = `${model} ${dtype}`;
  const classify =
    pipelines.get(key) ?? (await pipeline('image-classification', model, { dtype, device: device as 'cpu' })) as unknown as (path: string) => Promise<unknown>; // prettier-ignore
  if (!pipelines.has(key)) {
    pipelines.set(key, classify);
    await classify(paths[0]!); // warm
  }
  const start = performance.now();
  for (const path of paths) await classify(path); // its pipeline batches nothing by itself
  process.send?.(performance.now() - start);
});

/** What a question is computed with, and asking a loaded model of it. */
import type { Settings } from '../contract/entities/settings.ts';
import type { ComputeOptions, Inference, RemoteModel } from './inference.ts';
import { isNotLoaded } from './runs/crash-rule.ts';

/** Absent: as in the settings. */
export type AskedOptions = { [Key in keyof ComputeOptions]?: ComputeOptions[Key] | undefined };

export function computeOf(settings: Settings, asked: AskedOptions = {}): ComputeOptions {
  const { model, provider, precision, batch } = settings;
  return {
    model: asked.model ?? model,
    provider: asked.provider ?? provider,
    precision: asked.precision ?? precision,
    batch: asked.batch === undefined ? batch : asked.batch,
  };
}

/** A loaded model that an interactive question can be asked of. One that is gone is loaded anew, once. */
export async function withModel<T>(
  inference: Inference,
  compute: ComputeOptions,
  ask: (model: RemoteModel) => Promise<T>,
): Promise<T> {
  const model = await inference.load(compute);
  try {
    return await ask(model);
  } catch (error) {
    if (!isNotLoaded(error)) throw error;
    await inference.forget(model);
    return ask(await inference.load(compute));
  }
}

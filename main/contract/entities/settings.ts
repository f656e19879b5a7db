import { z } from 'zod';
import { batch, language, precisionChoice, providerChoice, theme } from '../values.ts';

export const settings = z.strictObject({
  /** Id of the chosen model. */
  model: z.string(),
  provider: providerChoice,
  precision: precisionChoice,
  /** Null: chosen from the machine. */
  batch,
  /** Thumbnails and renditions kept on disk. */
  cacheMegabytes: z.int().min(50).max(1_000_000),
  language,
  theme,
  /** A RAW with a JPEG or HEIC of the same name beside it is no photo of its own. */
  stacks: z.boolean(),
  topK: z.int().min(1).max(1000),
});
export type Settings = z.infer<typeof settings>;

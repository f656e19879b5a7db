/** An expected failure as it crosses between processes. */
import { z } from 'zod';

export const failure = z.strictObject({
  /** Kebab-case, documented in docs/troubleshooting.md; never shown without its message. */
  code: z.string(),
  message: z.string(),
});
export type Failure = z.infer<typeof failure>;

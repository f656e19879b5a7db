/** An expected failure as it crosses between processes. */
import { z } from 'zod';
import { openQuestions } from '../../models/formats/answers.ts';

export const failure = z.strictObject({
  /** Kebab-case, documented in docs/troubleshooting.md; never shown without its message. */
  code: z.string(),
  message: z.string(),
  /** Of a model's import: what a person can answer, so that it goes on. */
  questions: openQuestions.optional(),
});
export type Failure = z.infer<typeof failure>;

import { z } from 'zod';
import { SaccadeError } from '../../models/error.ts';

/** The request as its schema reads it. @throws SaccadeError `bad-request` */
export function parseRequest(verb: string, schema: z.ZodType, request: unknown): unknown {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = z.prettifyError(parsed.error).replaceAll('\n', ' ').slice(0, 500);
  throw new SaccadeError('bad-request', `The request of ${verb} is not what its schema expects: ${problems}`);
}

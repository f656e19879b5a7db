/** What stands for one verb of the contract: the schema of its request, who answers, and the answer's type. */
import type { z } from 'zod';

type Served = 'library' | 'host';
export interface Verb<Schema extends z.ZodType, Answer, By extends Served = Served> {
  request: Schema;
  served: By;
  /** Never set: carries the type. */
  readonly answer?: Answer;
}
export function library<Answer>() {
  return <Schema extends z.ZodType>(request: Schema): Verb<Schema, Answer, 'library'> => ({
    request,
    served: 'library',
  });
}
export function host<Answer>() {
  return <Schema extends z.ZodType>(request: Schema): Verb<Schema, Answer, 'host'> => ({
    request,
    served: 'host',
  });
}

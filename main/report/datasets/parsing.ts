/** What readers of other programs' files share. */
import { SaccadeError } from '../../../models/error.ts';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const notOf = (program: string, expected: string): SaccadeError =>
  new SaccadeError(
    'bad-dataset',
    `This is no file of ${program} with labels of pictures: expected ${expected}.`,
  );

export function expectNames(values: readonly unknown[], program: string): string[] {
  return values.map((value) => {
    if (typeof value === 'string') return value;
    throw notOf(program, `names of classes as text; found ${JSON.stringify(value)?.slice(0, 80)}`);
  });
}

/** @throws SaccadeError `bad-dataset` */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SaccadeError('bad-dataset', `Expected ${what} to be JSON; found: ${found.slice(0, 200)}.`, {
      cause,
    });
  }
}

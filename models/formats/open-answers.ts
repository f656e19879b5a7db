import { SaccadeError } from '../error.ts';
import type { Asked, OpenQuestions } from './answers.ts';

/** An import that can go on once a person has answered. */
export class OpenAnswers extends SaccadeError {
  readonly questions: OpenQuestions;

  constructor(code: string, message: string, questions: OpenQuestions, options?: ErrorOptions) {
    super(code, message, options);
    this.questions = questions;
  }
}

/** @param what stands where it should: a sentence's beginning */
export function lacking(what: string, questions: OpenQuestions): OpenAnswers {
  const { fields } = questions;
  const code = fields.every((name) => name === 'heads') ? 'missing-heads' : 'missing-preprocessing';
  return new OpenAnswers(code, `${what} Say what its authors say: ${fieldNames(fields)}.`, questions);
}

const called: Record<Asked, string> = {
  heads: 'the number of attention heads',
  size: 'height and width of the input',
  mean: 'the mean',
  std: 'the standard deviation',
  resize: 'how photos are resized',
  interpolation: 'the filter of resizing',
  crop: 'the crop',
  labels: 'the names of the classes',
};
export const fieldNames = (fields: Asked[]): string => fields.map((name) => called[name]).join(', ');

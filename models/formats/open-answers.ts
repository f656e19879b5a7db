import { SaccadeError } from '../error.ts';
import type { OpenQuestions } from './answers.ts';

/** An import that can go on once a person has answered. */
export class OpenAnswers extends SaccadeError {
  readonly questions: OpenQuestions;

  constructor(code: string, message: string, questions: OpenQuestions, options?: ErrorOptions) {
    super(code, message, options);
    this.questions = questions;
  }
}

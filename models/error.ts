/**
 * The one class of expected errors. `code` is kebab-case and documented in docs/troubleshooting.md; `message`
 * is a sentence: what was expected, what was found, what to do. Anything else that is thrown is a defect.
 */
export class SaccadeError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SaccadeError';
    this.code = code;
  }
}

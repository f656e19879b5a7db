/** What the user has to be told. A window hears nothing before it is there: until it asks for something, it waits. */
import type { Events } from '../contract/verbs.ts';

type Notice = Events['notice'];

export class Notices {
  readonly #emit: (notice: Notice) => void;
  readonly #waiting: Notice[] = [];
  #heard: boolean;

  /** `heard`: somebody listens from the first. */
  constructor(emit: (notice: Notice) => void, heard: boolean) {
    this.#emit = emit;
    this.#heard = heard;
  }

  tell(...notices: Notice[]): void {
    this.#waiting.push(...notices);
    if (this.#heard) this.listened();
  }

  /** Somebody listens: all that waited is told. */
  listened(): void {
    this.#heard = true;
    for (const notice of this.#waiting.splice(0)) this.#emit(notice);
  }
}

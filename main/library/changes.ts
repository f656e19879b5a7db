import type { Events } from '../contract/verbs.ts';

type Changed = Events['library.changed'];

const none: Changed = {
  folders: false,
  photos: false,
  labels: false,
  heads: false,
  models: false,
  settings: false,
};
const everyMs = 250;

/** Gathers what has changed, and tells it at most four times a second; the last change is never left out. */
export class Changes {
  readonly #emit: (changed: Changed) => void;
  #gathered = none;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(emit: (changed: Changed) => void) {
    this.#emit = emit;
  }

  note(...what: (keyof Changed)[]): void {
    this.#gathered = { ...this.#gathered, ...Object.fromEntries(what.map((key) => [key, true])) };
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#lastMs = performance.now();
        const changed = this.#gathered;
        this.#gathered = none;
        this.#emit(changed);
      },
      Math.max(0, this.#lastMs + everyMs - performance.now()),
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

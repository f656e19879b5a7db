/** Lets so many in at once, the others in the order they came, urgent ones first. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #urgent: (() => void)[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  async through<T>(work: () => Promise<T>, urgent = false): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((enter) => (urgent ? this.#urgent : this.#waiting).push(enter));
    try {
      return await work();
    } finally {
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

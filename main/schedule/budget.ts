/** Work that needs so much of something there is only so much of; in the order it came. */
export class Budget {
  readonly #total: number;
  readonly #waiting: { amount: number; begin: () => void }[] = [];
  #free: number;

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** More than there is at all: it gets all, alone. */
  async with<T>(wanted: number, work: () => Promise<T>): Promise<T> {
    const amount = Math.min(wanted, this.#total);
    await new Promise<void>((begin) => {
      this.#waiting.push({ amount, begin });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#free += amount;
      this.#admit();
    }
  }

  /** The first waits until there is enough for it: smaller ones behind it would keep it out for ever. */
  #admit(): void {
    for (let first = this.#waiting[0]; first && first.amount <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.amount;
      first.begin();
    }
  }
}

import type { Period } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** Of which months the photos of a list by date are. */
export class Months {
  readonly #bridge: Bridge;
  /** In the order of the list. */
  items: readonly Period[] = $state.raw([]);
  #wanted: { filter: PhotoFilter; descending: boolean } | null = null;
  #turn = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Null: the list is in another order. */
  show(wanted: { filter: PhotoFilter; descending: boolean } | null): void {
    this.#wanted = wanted;
    if (wanted) return void this.refresh();
    this.#turn++;
    this.items = [];
  }
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    if (!this.#wanted) return;
    const { filter, descending } = this.#wanted;
    const answer = await this.#bridge.ask('photos.months', { filter });
    if (turn !== this.#turn || !answer.ok) return;
    const { items } = answer.value;
    this.items = descending ? items.toReversed() : items;
  }
}

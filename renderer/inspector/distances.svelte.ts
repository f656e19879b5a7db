import type { Attended } from '../../main/contract/entities/trial.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Pages } from '../state/pages.svelte.ts';

/** More photos move the mean of a head by less than one can see. */
const most = 200;
/** Distances are of all patches, whichever token is asked for. */
const anyToken = { patch: 0 };

/** How far heads look, of one photo or as the mean over the list. */
export class Distances {
  readonly #bridge: Bridge;
  readonly #pages: Pages;
  #sums = $state.raw<Float64Array | null>(null);
  #shape = $state.raw<{ layers: number; heads: number }>({ layers: 0, heads: 0 });
  #photos = $state(0);
  running = $state(false);
  failure = $state.raw<Failure | null>(null);
  #turn = 0;
  /** [L, H], pixels of the model's input, and of how many photos; null: nothing is measured. */
  readonly mean: { distances: Float64Array; layers: number; heads: number; photos: number } | null =
    $derived.by(() => {
      const photos = this.#photos;
      return this.#sums && { distances: this.#sums.map((sum) => sum / photos), ...this.#shape, photos };
    });

  constructor(bridge: Bridge, pages: Pages) {
    this.#bridge = bridge;
    this.#pages = pages;
  }

  /** Photos that will be measured. */
  get wanted(): number {
    return Math.min(most, this.#pages.total ?? 0);
  }

  reset(): void {
    this.stop();
    this.#sums = this.failure = null;
    this.#photos = 0;
  }
  stop(): void {
    this.#turn++;
    this.running = false;
  }
  async ofPhoto(photoId: number): Promise<void> {
    this.reset();
    const turn = this.#turn;
    const answer = await this.#bridge.ask('inspect.attend', { photoId, query: anyToken });
    if (turn !== this.#turn) return;
    if (answer.ok) this.#count(answer.value);
    else this.failure = answer.error;
  }
  /** From the top of the list on; photos that can't be read are passed over. */
  async ofList(): Promise<void> {
    this.reset();
    const turn = this.#turn;
    this.running = true;
    for (let at = 0; at < this.wanted; at++) {
      const photo = this.#pages.at(at) ?? (await this.#pages.load(at));
      if (turn !== this.#turn) return;
      if (!photo) continue;
      const answer = await this.#bridge.ask('inspect.attend', { photoId: photo.id, query: anyToken });
      if (turn !== this.#turn) return;
      if (answer.ok) this.#count(answer.value);
      else if (answer.error.code === 'no-map') {
        this.failure = answer.error;
        break;
      }
    }
    this.running = false;
  }

  #count({ distance, layers, heads }: Attended): void {
    const before = this.#sums;
    this.#shape = { layers, heads };
    this.#photos++;
    this.#sums = Float64Array.from(distance, (value, i) => value + (before?.[i] ?? 0));
  }
}

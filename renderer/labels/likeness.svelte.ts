import type { SearchResult } from '../../main/contract/entities/likeness.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter, Selection } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** Photos shown of a search. */
const top = 500;

/** Photos by how alike they are to others, or to a text; and the mark that a person sets among them. */
export class Likeness {
  readonly #bridge: Bridge;
  /** What was asked for; null: nothing. */
  asked: { text: string } | { photos: number } | null = $state.raw(null);
  result: SearchResult | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  busy = $state(false);
  /** Cosine from which on photos count as found. */
  mark = $state(0);
  #turn = 0;

  /** Above the mark, best first. */
  readonly found: readonly PhotoItem[] = $derived(
    (this.result?.items ?? []).filter(({ score }) => score >= this.mark).map(({ photo }) => photo),
  );

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }
  async likeWords(text: string, filter: PhotoFilter): Promise<void> {
    this.asked = { text };
    await this.#ask(() => this.#bridge.ask('photos.searchWords', { text, filter, top }));
  }
  async likePhotos(selection: Selection, photos: number): Promise<void> {
    this.asked = { photos };
    await this.#ask(() => this.#bridge.ask('photos.like', { selection, top }));
  }
  async #ask(
    ask: () => Promise<{ ok: true; value: SearchResult } | { ok: false; error: Failure }>,
  ): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    this.result = this.failure = null;
    const answer = await ask();
    if (turn !== this.#turn) return;
    this.busy = false;
    if (!answer.ok) {
      this.failure = answer.error;
      return;
    }
    this.result = answer.value;
    this.mark = firstMark(answer.value);
  }
}

/**
 * Where the mark stands first: no score means the same for every text, so it is taken from the scores of this one,
 * two deviations above their mean. The person moves it.
 */
export function firstMark({ distribution, items }: Pick<SearchResult, 'distribution' | 'items'>): number {
  const { least, most, counts } = distribution;
  const step = (most - least) / Math.max(1, counts.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return least;
  const at = (i: number) => least + (i + 0.5) * step;
  const mean = counts.reduce((sum, count, i) => sum + count * at(i), 0) / total;
  const variance = counts.reduce((sum, count, i) => sum + count * (at(i) - mean) ** 2, 0) / total;
  const mark = mean + 2 * Math.sqrt(variance);
  // At least one photo is above it.
  return Math.min(mark, items[0]?.score ?? most);
}

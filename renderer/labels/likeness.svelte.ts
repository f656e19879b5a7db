import type { SearchResult } from '../../main/contract/entities/likeness.ts';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter, Selection } from '../../main/contract/requests.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

type Question = () => Promise<Result<SearchResult>>;

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
  #question: Question | null = null;
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
    await this.#begin(() => this.#bridge.ask('photos.searchWords', { text, filter, top }));
  }
  async likePhotos(selection: Selection, photos: number): Promise<void> {
    this.asked = { photos };
    await this.#begin(() => this.#bridge.ask('photos.like', { selection, top }));
  }
  /** Photos have gone, come or changed: what is shown stays until the answer is there, and the mark where it is. */
  async refresh(): Promise<void> {
    if (!this.busy) await this.#answer();
  }
  async #begin(question: Question): Promise<void> {
    this.#turn++;
    this.#question = question;
    this.busy = true;
    this.result = this.failure = null;
    await this.#answer();
  }
  async #answer(): Promise<void> {
    const turn = this.#turn;
    const answer = await this.#question?.();
    if (!answer || turn !== this.#turn) return;
    this.busy = false;
    // Those that all others were like may be gone themselves, or the folder that was looked in.
    if (!answer.ok && this.result) await this.#dropGone(this.result);
    else if (!answer.ok) this.failure = answer.error;
    else {
      if (!this.result) this.mark = firstMark(answer.value);
      this.result = answer.value;
      this.failure = null;
    }
  }
  /** What can't be asked again is shown as it was, without photos that are in the library no more. */
  async #dropGone(result: SearchResult): Promise<void> {
    const ids = result.items.map(({ photo }) => photo.id);
    const answer = await this.#bridge.ask('photos.gone', { ids });
    if (!answer.ok || result !== this.result) return;
    const gone = new Set(answer.value.ids);
    if (gone.size)
      this.result = { ...result, items: result.items.filter(({ photo }) => !gone.has(photo.id)) };
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

import { queryWords, termText, wordParts } from '../../main/contract/query-words.ts';
import type { Suggestion } from '../../main/contract/entities/photo.ts';
import type { Bridge } from '../../main/contract/wire.ts';

/** What may be chosen while a search is typed: a value there is, or the beginning of a word that names a field. */
export interface Offered {
  /** As the word becomes. */
  text: string;
  /** Null: a word by itself, without a value. */
  suggestion: Suggestion | null;
  /** A word that goes on: what follows its colon is still to be typed. */
  open: boolean;
}

const most = 8;

/** Completions of the word that the caret stands in. */
export class Suggestions {
  readonly #bridge: Bridge;
  items: readonly Offered[] = $state.raw([]);
  /** Index of the one that Enter takes; null: Enter means the text as it stands. */
  active: number | null = $state(null);
  /** Of the word in the text. */
  #from = 0;
  #to = 0;
  /** That word; empty: nothing is asked for it. */
  #typed = '';
  #turn = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  close(): void {
    this.#turn++;
    this.#typed = '';
    this.items = [];
    this.active = null;
  }

  /** @param words that may begin: fields with their colon, states; as this language has them */
  async show(text: string, caret: number, words: readonly string[]): Promise<void> {
    const turn = ++this.#turn;
    const word = queryWords(text).find(({ from, to }) => from < caret && caret <= to);
    [this.#from, this.#to] = word ? [word.from, word.to] : [caret, caret];
    const typed = word?.text ?? '';
    const begun = words
      .filter((each) => each !== typed && each.startsWith(typed.toLowerCase()))
      .map((each): Offered => ({ text: each, suggestion: null, open: each.endsWith(':') }));
    this.#typed = typed;
    const found = (await this.#find(typed)) ?? [];
    if (turn !== this.#turn) return;
    this.items = [...begun, ...found];
    this.active = null;
  }

  /**
   * What there is may have become more, as cameras do that are read behind a run: it is offered without a key that is
   * pressed. What is seen keeps its place, as a hand may be on its way to it.
   */
  async refresh(): Promise<void> {
    const turn = this.#turn;
    const found = await this.#find(this.#typed);
    if (!found || turn !== this.#turn) return;
    const chosen = this.active === null ? undefined : this.items[this.active]?.text;
    const seen = new Map(this.items.map((each) => [each.text, each]));
    const now = new Map(found.map((each) => [each.text, each]));
    const others = this.items.filter(({ suggestion }) => !suggestion);
    const stay = this.items.flatMap(({ text, suggestion }) => (suggestion && now.get(text)) ?? []);
    this.items = [...others, ...stay, ...found.filter(({ text }) => !seen.has(text))];
    const at = this.items.findIndex(({ text }) => text === chosen);
    this.active = at < 0 ? null : at;
  }

  /** Null: nothing is typed, or there is no answer. */
  async #find(typed: string): Promise<Offered[] | null> {
    if (typed === '') return null;
    const answer = await this.#bridge.ask('photos.suggest', { word: typed, limit: most });
    if (!answer.ok) return null;
    return answer.value.items.map((suggestion) => ({ text: suggestion.text, suggestion, open: false }));
  }

  move(by: 1 | -1): void {
    const count = this.items.length;
    if (count === 0) return;
    const from = this.active ?? (by > 0 ? -1 : count);
    this.active = (from + by + count) % count;
  }

  /** The text with the word completed, and where the caret goes. */
  taken(text: string, { text: word, open }: Offered): { text: string; caret: number } {
    // A label's name in the language that is read finds as well as the one that it is stored by.
    const before = text.slice(0, this.#from);
    const after = text.slice(this.#to).trimStart();
    const put = open ? word : `${word} `;
    return { text: before + put + after, caret: before.length + put.length };
  }
}

/** A suggestion's word with its name in another language. */
export function localWord({ field, text }: Suggestion, name: string): string {
  return termText(field, [{ text: name, whole: text.includes('"') }], wordParts(text).not);
}

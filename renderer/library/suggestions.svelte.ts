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
  #turn = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  close(): void {
    this.#turn++;
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
      .filter((each) => typed !== '' && each !== typed && each.startsWith(typed.toLowerCase()))
      .map((each): Offered => ({ text: each, suggestion: null, open: each.endsWith(':') }));
    const answer =
      typed === '' ? null : await this.#bridge.ask('photos.suggest', { word: typed, limit: most });
    if (turn !== this.#turn) return;
    const found = answer?.ok ? answer.value.items : [];
    this.items = [
      ...(typed === ''
        ? words.map((each): Offered => ({ text: each, suggestion: null, open: each.endsWith(':') }))
        : begun),
      ...found.map((suggestion): Offered => ({ text: suggestion.text, suggestion, open: false })),
    ].slice(0, most + begun.length);
    this.active = null;
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

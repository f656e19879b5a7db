import type { Label } from '../../models/manifest.ts';
import type { PhotoDetail } from '../../main/contract/entities/photo.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Act } from '../../main/contract/entities/review.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { completed, namesIn, withCommas } from './names-in.ts';
import type { Person, PersonAct } from './person.svelte.ts';

/** Where photos are labelled: the grid, the inspector, a queue. */
export interface Desk {
  /** The one photo looked at; null: none, or many are picked. */
  readonly photoId: number | null;
  /** What a word goes to; null: nothing is there. */
  readonly selection: Selection | null;
  /** Given to photos drawn at random. */
  readonly drawn: boolean;
  next(): void;
  /** To a photo that was labelled here before. */
  goTo(photoId: number): void;
}

export interface Suggestion {
  /** As it is given. */
  name: string;
  /** As the model has it, in every language; absent: only a label that people use. */
  label?: Label;
  /** As the head in use says; null: only a label that people use. */
  probability: number | null;
}

/** One digit each. */
const mostSuggested = 9;
const mostCompleted = 8;
/** Photos whose labelling can be gone back to. */
const remembered = 200;

/** Labelling by keys: what is offered for the photo in sight, and what a key does. */
export class Labelling {
  readonly #bridge: Bridge;
  readonly #person: Person;
  readonly #desk: () => Desk;
  on = $state(false);
  /** What is typed; the field has the focus while it is not null. */
  typed: string | null = $state(null);
  /** Of the photo looked at. */
  detail: PhotoDetail | null = $state.raw(null);
  #way: readonly { actId: number; photoId: number }[] = [];
  #last: Promise<void> = Promise.resolve();
  readonly #tell: (act: Act) => void;

  readonly suggestions: readonly Suggestion[] = $derived.by(() => {
    const likeliest = (this.detail?.predictions ?? []).map(({ label, probability }) => ({
      name: label.name,
      label,
      probability,
    }));
    const others = this.#person.labels
      .filter(({ name }) => !likeliest.some((one) => one.name === name))
      .map(({ name }) => ({ name, probability: null }));
    return [...likeliest, ...others].slice(0, mostSuggested);
  });
  /** What is being typed, after the last comma. */
  readonly #wanted: string = $derived((this.typed?.split(',').at(-1) ?? '').trim());
  /** Of all labels there are, those that hold what was typed when they were asked for, in any language. */
  #found: readonly string[] = $state.raw([]);
  #asked = $state('');
  /** Completions that stand in what is typed. */
  readonly #taken = new Set<string>();
  /** Labels that begin with what is typed, then those that hold it. */
  readonly completions: readonly string[] = $derived.by(() => {
    const wanted = this.#wanted.toLocaleLowerCase();
    if (!wanted) return [];
    const at = (name: string) => name.toLocaleLowerCase().indexOf(wanted);
    const known = [...this.#person.labels, ...this.suggestions]
      .map(({ name }) => name)
      .filter((name) => at(name) >= 0);
    // What was found may hold it in another language.
    const found = this.#asked === this.#wanted ? this.#found : this.#found.filter((name) => at(name) >= 0);
    return [...new Set([...known, ...found])]
      .sort((a, b) => Number(at(a) !== 0) - Number(at(b) !== 0))
      .slice(0, mostCompleted);
  });

  /** @param tell says what became of many photos at once */
  constructor(bridge: Bridge, person: Person, desk: () => Desk, tell: (act: Act) => void) {
    this.#tell = tell;
    this.#bridge = bridge;
    this.#person = person;
    this.#desk = desk;
  }
  /** There may be thousands of labels, of which only the first are at hand. */
  async complete(): Promise<void> {
    const wanted = this.#wanted;
    if (!wanted) return;
    const answer = await this.#bridge.ask('review.labels', { search: wanted, limit: mostCompleted });
    if (!answer.ok || wanted !== this.#wanted) return;
    this.#found = answer.value.items.map(({ name }) => name);
    this.#asked = wanted;
  }
  start(): void {
    this.on = true;
    void this.#person.refresh();
  }
  /** Out of the field first, then out of labelling. False: it was off. */
  leave(): boolean {
    if (!this.on) return false;
    if (this.typed === null) this.on = false;
    this.typed = null;
    return true;
  }
  /** Reads what is known of the photo looked at. */
  async look(photoId: number | null, again = false): Promise<void> {
    if (photoId !== this.detail?.id) this.detail = null;
    if (photoId === null || (this.detail && !again)) return;
    const answer = await this.#bridge.ask('photos.get', { photoId });
    if (answer.ok && this.#desk().photoId === photoId) this.detail = answer.value;
  }
  /** `add`: beside the labels it has, and the photo stays. */
  suggest(rank: number, add: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const name = this.suggestions[rank]?.name;
      if (name !== undefined) await this.#give([name], add);
    });
  }
  /** What is typed, with that completion in the place of what was typed of it. */
  take(name: string): string {
    this.#taken.add(name);
    return completed(this.typed ?? '', name);
  }
  /** What is typed, several with commas between. */
  enter(text: string, add: boolean): Promise<void> {
    const own = this.#person.labels.map(({ name }) => name);
    const offered = this.suggestions.map(({ name }) => name);
    const names = namesIn(text, withCommas([...own, ...offered, ...this.#found, ...this.#taken]));
    // What was typed stays, to be shortened.
    this.typed = this.#person.canGive(names) ? null : text;
    if (this.typed !== null) return Promise.resolve();
    this.#taken.clear();
    return this.#inTurn(async () => {
      if (names.length) await this.#give(names, add);
    });
  }
  say(kind: 'confirm' | 'reject' | 'none' | 'clear'): Promise<void> {
    return this.#inTurn(async () => {
      // Nothing was said that could be right or wrong.
      const silent = this.#desk().photoId !== null && !this.detail?.predictions.length;
      if (!silent || kind === 'none' || kind === 'clear') await this.#act({ kind });
    });
  }
  /** Takes the last word back, and goes back to its photo where it was given here. */
  undo(): Promise<void> {
    return this.#inTurn(async () => {
      const act = await this.#person.undo();
      const given = act && this.#way.find(({ actId }) => actId === act.id);
      if (given && this.on) this.#desk().goTo(given.photoId);
      await this.look(this.#desk().photoId, true);
    });
  }
  async #give(names: string[], add: boolean): Promise<void> {
    if (!add) return this.#act({ kind: 'label', labels: names });
    for (const label of names) await this.#act({ kind: 'add', label }, true);
  }
  async #act(act: PersonAct, stay = false): Promise<void> {
    const desk = this.#desk();
    const { photoId, selection } = desk;
    if (!selection) return;
    const done = await this.#person.act(selection, act, desk.drawn);
    if (done === undefined) return;
    if (done && photoId !== null) this.#way = [...this.#way, { actId: done.id, photoId }].slice(-remembered);
    if (photoId !== null && !stay) desk.next();
    else if (done && photoId === null) this.#tell(done);
    await this.look(this.#desk().photoId, true);
  }
  /** Keys come faster than answers: each waits for the one before, and for what is known of its own photo. */
  #inTurn(job: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.look(this.#desk().photoId);
      await job();
    });
    return this.#last;
  }
}

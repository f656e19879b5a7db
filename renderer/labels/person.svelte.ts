import type { Act } from '../../main/contract/entities/review.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Answer, Request } from '../../main/contract/verbs.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import { mostOfLabel } from '../../main/contract/label-length.ts';
import type { Bridge } from '../../main/contract/wire.ts';

export type PersonAct = Request<'review.act'>['act'];
/** Labels offered for completion and in the sidebar. */
const most = 200;
const page = 50;

/** A person's words on photos: the labels there are, what was done, and taking it back. */
export class Person {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  /** Given labels with their photos first, then those that the head in use knows. */
  labels: readonly { name: string; photos: number }[] = $state.raw([]);
  /** Those of files and sidecars, most photos first. */
  keywords: readonly { name: string; photos: number }[] = $state.raw([]);
  history: readonly Act[] = $state.raw([]);
  canUndo = $state(false);
  canRedo = $state(false);
  #next = $state.raw<string | null>(null);

  /** Given to at least one photo. */
  readonly given: readonly { name: string; photos: number }[] = $derived(
    this.labels.filter(({ photos }) => photos > 0),
  );

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }
  async refresh(): Promise<void> {
    const [labels, keywords, history] = await Promise.all([
      this.#bridge.ask('review.labels', { limit: most }),
      this.#bridge.ask('photos.keywords', { filter: {}, limit: most }),
      this.#bridge.ask('review.history', { limit: page }),
    ]);
    if (labels.ok) this.labels = labels.value.items;
    if (keywords.ok) this.keywords = keywords.value.items;
    if (history.ok) this.#took(history.value, false);
  }
  async more(): Promise<void> {
    const cursor = this.#next;
    if (!cursor) return;
    const answer = await this.#bridge.ask('review.history', { limit: page, cursor });
    if (cursor !== this.#next) return; // asked for twice: a page comes once
    if (answer.ok) this.#took(answer.value, true);
    else this.#fail(answer.error);
  }
  /** Whether all of these can be given; what can't is told. */
  canGive(names: readonly string[]): boolean {
    const long = names.find((name) => name.length > mostOfLabel);
    if (long !== undefined)
      this.#fail({
        code: 'label-too-long',
        message: `Expected a label of at most ${mostOfLabel} characters; found one of ${long.length}: “${long.slice(0, 40)}…”. Shorten it.`,
      });
    return long === undefined;
  }
  /** What it became; null: it changed nothing; undefined: it failed, and was told. */
  async act(selection: Selection, act: PersonAct, drawn = false): Promise<Act | null | undefined> {
    return this.#done(await this.#bridge.ask('review.act', { selection, act, drawn }));
  }
  /** @param actId only where that was done last; absent: whatever was */
  async undo(actId?: number): Promise<Act | null | undefined> {
    return this.#done(await this.#bridge.ask('review.undo', { actId }));
  }
  async redo(actId?: number): Promise<Act | null | undefined> {
    return this.#done(await this.#bridge.ask('review.redo', { actId }));
  }
  #done(answer: Result<{ act: Act | null }>): Act | null | undefined {
    if (!answer.ok) {
      this.#fail(answer.error);
      return undefined;
    }
    void this.refresh();
    return answer.value.act;
  }
  #took(value: Answer<'review.history'>, more: boolean): void {
    this.history = more ? [...this.history, ...value.items] : value.items;
    this.canUndo = value.canUndo;
    this.canRedo = value.canRedo;
    this.#next = value.next;
  }
}

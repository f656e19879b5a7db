import type {
  HeadDetail,
  HeadSummary,
  TeachingStatus,
  WordsRead,
  Note,
} from '../../main/contract/entities/head.ts';
import type { Request } from '../../main/contract/verbs.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Label } from '../../models/manifest.ts';

const underway: readonly TeachingStatus['state'][] = ['reading', 'features', 'teaching'];

/** Sets of labels: what the model came with, taught ones, written ones; and the teaching in hand. */
export class Heads {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  items: readonly HeadSummary[] | null = $state.raw(null);
  /** Labels of sets that somebody looked through, by id and version. */
  #names: ReadonlyMap<string, readonly Label[]> = $state.raw(new Map());
  /** Of the set looked at. */
  detail: HeadDetail | null = $state.raw(null);
  teaching: TeachingStatus | null = $state.raw(null);
  /** What was told of the set that was written last. */
  written: { head: number | null; notes: readonly Note[] } | null = $state.raw(null);
  /** How many texts of the set being written are read; null: not told yet. */
  writing: WordsRead | null = $state.raw(null);
  /** Whose name or folder is asked for; null: nothing is. */
  asking: { what: 'rename' | 'export'; head: HeadSummary } | null = $state.raw(null);
  /** Somebody is asked whether it is to be removed; null: nobody is. */
  leaving: HeadSummary | null = $state.raw(null);
  busy = $state(false);
  /** Why the sets can't be listed, as where the model in use is gone; null: they can. */
  failure: Failure | null = $state.raw(null);
  /** Told of each list that has come anew, with the one before. */
  onlisted: ((before: readonly HeadSummary[]) => void) | null = null;
  /** The set asked for last, which `detail` is about once it is answered. */
  #looked: number | null = null;
  /** Counts what was asked for; an answer to something older is dropped. */
  #turn = 0;

  readonly inUse: HeadSummary | null = $derived(this.items?.find(({ inUse }) => inUse) ?? null);
  /** The model sees and does not name, and no set of labels is in use. */
  readonly namesNothing: boolean = $derived(this.inUse?.labels === 0);
  readonly teaches: boolean = $derived(this.teaching !== null && underway.includes(this.teaching.state));

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  async refresh(): Promise<void> {
    const told = this.teaching;
    const [heads, teaching] = await Promise.all([
      this.#bridge.ask('heads.list', {}),
      this.#bridge.ask('heads.teaching', {}),
    ]);
    this.failure = heads.ok ? null : heads.error;
    const before = this.items;
    if (heads.ok) this.items = heads.value.items;
    if (before && heads.ok) this.onlisted?.(before);
    if (teaching.ok && this.teaching === told) this.teaching = teaching.value;
    // Removed by another window's or program's hand: what is listed tells that, and the page goes on to the one in use.
    if (heads.ok && !heads.value.items.some(({ id }) => id === this.#looked)) this.detail = null;
    if (this.detail) await this.show(this.#looked);
  }
  async show(headId: number | null): Promise<void> {
    const turn = ++this.#turn;
    this.#looked = headId;
    const answer = await this.#bridge.ask('heads.show', { headId });
    if (turn !== this.#turn) return;
    if (answer.ok) this.detail = answer.value;
    else {
      this.detail = null;
      this.#fail(answer.error);
    }
  }
  /** What a set can say, in the order of its indices; nothing until `learn` has asked. */
  namesOf({ id, version }: HeadSummary): readonly Label[] {
    return this.#names.get(`${id} ${version}`) ?? [];
  }
  async learn({ id, version }: HeadSummary): Promise<void> {
    const key = `${id} ${version}`;
    if (this.#names.has(key)) return;
    const answer = await this.#bridge.ask('heads.show', { headId: id });
    // A set that is gone has no names; whoever asks about it is told so.
    if (answer.ok && answer.value.version === version)
      this.#names = new Map(this.#names).set(key, answer.value.names);
  }
  async use(headId: number | null): Promise<boolean> {
    return this.#then(() => this.#bridge.ask('heads.use', { headId }));
  }
  async teach(request: Request<'heads.teach'>): Promise<boolean> {
    return this.#changeTeaching(() => this.#bridge.ask('heads.teach', request));
  }
  async cancelTeaching(): Promise<void> {
    await this.#changeTeaching(() => this.#bridge.ask('heads.cancelTeaching', {}));
  }
  /** What was told since it was asked is newer than the answer. */
  async #changeTeaching(ask: () => Promise<Result<TeachingStatus | null>>): Promise<boolean> {
    const { teaching } = this;
    const answer = await ask();
    if (!answer.ok) this.#fail(answer.error);
    else if (this.teaching === teaching) this.teaching = answer.value;
    return answer.ok;
  }
  /** A teaching moved on: one that was asked for, or one after a person's word. */
  async taught(status: TeachingStatus): Promise<void> {
    this.teaching = status;
    if (status.state === 'finished') await this.refresh();
  }
  async write(request: Request<'heads.write'>): Promise<boolean> {
    this.busy = true;
    const answer = await this.#bridge.ask('heads.write', request);
    this.busy = false;
    this.writing = null;
    if (answer.ok) {
      const { head, notes } = answer.value;
      this.#turn++;
      this.#looked = head.id;
      this.detail = head;
      this.written = { head: head.id, notes };
    } else if (answer.error.code !== 'cancelled') this.#fail(answer.error);
    await this.refresh();
    return answer.ok;
  }
  async cancelWriting(): Promise<void> {
    const answer = await this.#bridge.ask('heads.cancelWriting', {});
    if (!answer.ok) this.#fail(answer.error);
  }
  /** More of the set's texts are read. */
  wrote(read: WordsRead): void {
    if (this.busy) this.writing = read;
  }
  async setDoubt(headId: number, threshold: number | null): Promise<void> {
    const answer = await this.#bridge.ask('heads.setDoubt', { headId, threshold });
    if (!answer.ok) this.#fail(answer.error);
    else if (this.#looked === headId) this.detail = answer.value;
  }
  async rename(headId: number, name: string): Promise<boolean> {
    return this.#then(() => this.#bridge.ask('heads.rename', { headId, name }));
  }
  async remove(headId: number): Promise<boolean> {
    // Its page stays until the list is without it: a page without a set asks for one, and would for this one.
    return this.#then(() => this.#bridge.ask('heads.remove', { headId }));
  }
  /** The files written, or null where it failed and was told. */
  async export(headId: number, path: string): Promise<readonly string[] | null> {
    const answer = await this.#bridge.ask('heads.export', { headId, path });
    if (answer.ok) return answer.value.files;
    this.#fail(answer.error);
    return null;
  }
  async #then(ask: () => Promise<{ ok: true } | { ok: false; error: Failure }>): Promise<boolean> {
    this.busy = true;
    const answer = await ask();
    this.busy = false;
    if (!answer.ok) this.#fail(answer.error);
    await this.refresh();
    return answer.ok;
  }
}

import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Parts } from '../state/parts.svelte.ts';
import { copyText } from '../state/files.ts';
import type { Saying } from '../state/notices.svelte.ts';
import type { Subject } from '../state/subject.ts';
import { moved } from './grid-moves.ts';
import type { GridMove } from './grid-moves.ts';
import { mostPicked } from './selection.svelte.ts';

const tooMany: Saying = ({ words }) => words.tooManySelected(mostPicked);
const notCopied: Saying = ({ words }) => words.copyFailed;

/** Moving among the photos and picking them, whether they are loaded or not. */
export class Picking {
  readonly #app: Parts;

  constructor(app: Parts) {
    this.#app = app;
    app.pages.onrenewed = (before) => {
      // Photos that come and go before it push nothing on to others: keys mean a photo, not its place.
      app.picked.follow(app.pages, before);
      app.inspector.follow();
    };
  }

  /** What is picked, or everything the filter finds. */
  get selection(): Selection {
    return this.#app.picked.orAll(this.#app.query.filter);
  }
  /** How many photos that is. */
  get count(): number {
    const total = this.#app.pages.total ?? 0;
    return this.#app.picked.isEmpty ? total : this.#app.picked.count(total);
  }
  get subject(): Subject {
    const { picked, pages } = this.#app;
    const at = picked.single === null ? null : pages.positionOf(picked.single);
    const photo = at === null ? null : (pages.at(at) ?? null);
    const { selection, count } = this;
    return { selection, count, photoId: picked.single, photo, picked: !picked.isEmpty };
  }

  /** Moves among the photos, and picks the one, the range up to it, or none. */
  async move(by: GridMove, pick: 'one' | 'range' | 'none'): Promise<void> {
    const { picked, pages, tiles } = this.#app;
    const to = moved(picked.focus, by, tiles.shape, pages.total ?? 0);
    if (to === null) return;
    picked.moveTo(to, pick === 'range');
    if (pick === 'range') return this.pickRange(to);
    if (pick === 'none') return;
    const item = pages.at(to) ?? (await pages.load(to));
    if (item && picked.focus === to) picked.replace([item.id]);
  }
  /** Lets go of photos that have left the library, by whosever hand: nothing could be done with them. */
  async dropGone(): Promise<void> {
    const { picked, bridge } = this.#app;
    const ids = [...picked.named];
    if (!ids.length) return;
    const answer = await bridge.ask('photos.gone', { ids });
    if (answer.ok) picked.drop(answer.value.ids);
  }
  toggleFocused(): void {
    const { picked, pages } = this.#app;
    const item = picked.focus === null ? undefined : pages.at(picked.focus);
    if (item) picked.toggle(item.id);
  }

  /** Picks the range from the anchor to a position. */
  async pickRange(to: number): Promise<void> {
    const { picked, notices } = this.#app;
    const from = picked.anchor ?? to;
    const [first, last] = from < to ? [from, to] : [to, from];
    const ids = last - first < mostPicked ? await this.#idsBetween(first, last) : null;
    if (!ids || !picked.replace(ids)) notices.refuse(tooMany, 'info');
  }
  async copyPaths(subject: Subject): Promise<void> {
    const { notices } = this.#app;
    const paths = subject.photo ? [subject.photo.path] : await this.#paths(subject);
    if (!paths?.length) return;
    if (await copyText(paths.join('\n'))) notices.tell(({ words }) => words.copied(paths.length));
    else notices.refuse(notCopied);
  }

  async #idsBetween(first: number, last: number): Promise<number[] | null> {
    const { pages, bridge } = this.#app;
    const here = Array.from({ length: last - first + 1 }, (_, i) => pages.at(first + i));
    if (here.every((item): item is PhotoItem => item !== undefined)) return here.map((item) => item.id);
    const ids: number[] = [];
    while (ids.length <= last - first) {
      const limit = Math.min(500, last - first + 1 - ids.length);
      const answer = await bridge.ask('photos.page', { ...pages.query!, at: first + ids.length, limit });
      if (!answer.ok || answer.value.items.length === 0) return ids;
      ids.push(...answer.value.items.map((item) => item.id));
    }
    return ids;
  }
  /** Null: they are too many, and that was told. */
  async #paths({ selection, count }: Subject): Promise<string[] | null> {
    const { pages, bridge, notices, query } = this.#app;
    const wanted = 'ids' in selection ? new Set(selection.ids) : null;
    const known = pages.items.filter((item) => wanted?.has(item.id));
    if (wanted && known.length === wanted.size) return known.map((item) => item.path);
    const paths: string[] = [];
    if (wanted && wanted.size <= 200) {
      for (const photoId of wanted) {
        const answer = await bridge.ask('photos.get', { photoId });
        if (answer.ok) paths.push(answer.value.path);
      }
      return paths;
    }
    if (count > mostPicked) {
      notices.refuse(tooMany, 'info');
      return null;
    }
    // So many are picked in the list alone.
    const { filter, except } = 'ids' in selection ? { filter: query.filter, except: [] } : selection;
    const isAsked = (id: number) => (wanted ? wanted.has(id) : !except.includes(id));
    for (let cursor: string | null | undefined; cursor !== null;) {
      const answer = await bridge.ask('photos.page', { filter, sort: query.sort, limit: 500, cursor });
      if (!answer.ok) return paths;
      paths.push(...answer.value.items.filter(({ id }) => isAsked(id)).map(({ path }) => path));
      cursor = answer.value.next;
    }
    return paths;
  }
}

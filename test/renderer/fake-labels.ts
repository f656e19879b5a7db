/** A person's words, in memory: what the fake host answers about labels of one's own. */
import { SaccadeError } from '../../models/error.ts';
import type { HeadSummary } from '../../main/contract/entities/head.ts';
import type { PersonWords, PhotoItem } from '../../main/contract/entities/photo.ts';
import type { Act, QueueItem } from '../../main/contract/entities/review.ts';
import type { Answer, Request, VerbName } from '../../main/contract/verbs.ts';
import type { Selection } from '../../main/contract/requests.ts';

type LabelVerb = Extract<VerbName, `review.${string}` | `looks.${string}` | `heads.${string}`>;
type Handlers = { [N in LabelVerb]?: (request: Request<N>) => Answer<N> };

export const noWords: PersonWords = { labels: [], rejected: [], none: false, drawn: false };
export const ownHead: HeadSummary = {
  id: null,
  name: 'Starter',
  kind: 'own',
  model: 'starter',
  unfit: null,
  labels: 10,
  answers: 'one',
  none: false,
  version: 1,
  createdMs: null,
  inUse: true,
  accuracy: null,
};

export class FakeWords {
  readonly of = new Map<number, PersonWords>();
  readonly acts: { act: Act; before: Map<number, PersonWords> }[] = [];
  heads: HeadSummary[] = [ownHead];
  readonly #picked: (selection: Selection) => readonly PhotoItem[];

  constructor(picked: (selection: Selection) => readonly PhotoItem[]) {
    this.#picked = picked;
  }
  #queue(): QueueItem[] {
    const photos = this.#picked({ filter: {}, except: [] });
    return photos
      .filter(({ status }) => status !== 'missing')
      .map((photo) => ({
        ...{ photo, person: this.of.get(photo.id) ?? noWords, suggestions: [], against: null },
      }));
  }
  /** Labels by a text that they are found by, of thousands that no list begins with. */
  far: Record<string, string> = {};
  labels(search = ''): { name: string; photos: number }[] {
    if (search) return Object.entries(this.far).filter(([text]) => text.includes(search)).map(([, name]) => ({ name, photos: 0 })); // prettier-ignore
    const counts = new Map<string, number>();
    for (const { labels } of this.of.values())
      for (const name of labels) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, photos]) => ({ name, photos }));
  }
  readonly handlers: Handlers = {
    'heads.list': () => ({ items: this.heads }),
    'heads.show': ({ headId }) => ({
      ...this.heads.find(({ id }) => id === headId)!,
      ...{ names: [], temperature: 1, doubt: null, doubtSet: false, origin: { from: 'model' } },
    }),
    'heads.teaching': () => null,
    'heads.remove': ({ headId }) => {
      this.heads = this.heads.filter(({ id }) => id !== headId);
      return null;
    },
    'review.queue': ({ limit, cursor }) => {
      const open = this.#queue().filter(({ photo, person }) => !person.labels.length && photo.id > Number(cursor ?? 0)); // prettier-ignore
      const items = open.slice(0, limit);
      return { items, left: open.length, next: open.length > limit ? String(items.at(-1)!.photo.id) : null };
    },
    'review.items': ({ ids }) => ({ items: this.#queue().filter(({ photo }) => ids.includes(photo.id)) }),
    'review.labels': ({ search = '' }) => ({ items: this.labels(search) }),
    'review.history': () => ({
      items: this.acts.map(({ act }) => act).reverse(),
      next: null,
      canUndo: this.acts.some(({ act }) => !act.undone),
      canRedo: false,
    }),
    'review.act': ({ selection, act }) => {
      const photos = this.#picked(selection);
      const before = new Map(photos.map(({ id }) => [id, this.of.get(id) ?? noWords]));
      for (const { id, top } of photos) {
        const words = before.get(id)!;
        const labels =
          act.kind === 'label'
            ? act.labels
            : act.kind === 'add'
              ? [...words.labels, act.label]
              : act.kind === 'confirm' && top
                ? [top.label.name]
                : [];
        this.of.set(id, { ...noWords, labels, none: act.kind === 'none' });
      }
      const about = act.kind === 'label' ? act.labels : [];
      const done = {
        id: this.acts.length + 1,
        atMs: 0,
        kind: act.kind,
        about,
        undone: false,
        undoable: true,
      };
      this.acts.push({ act: { ...done, photos: photos.length }, before });
      return { act: this.acts.at(-1)!.act };
    },
    'review.undo': ({ actId }) => {
      const last = this.acts.findLast(({ act }) => !act.undone);
      if (actId !== undefined && last?.act.id !== actId)
        throw new SaccadeError('done-since', 'Something else was done since.');
      if (!last) return { act: null };
      for (const [id, words] of last.before) this.of.set(id, words);
      last.act = { ...last.act, undone: true };
      return { act: last.act };
    },
  };
}

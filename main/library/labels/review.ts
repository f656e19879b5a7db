/** A person's words on a selection: what each act makes of what was said before. */
import { nameKey, saysNone } from '../../../models/heads/label-names.ts';
import type { PersonWords } from '../../contract/entities/photo.ts';
import type { Act } from '../../contract/entities/review.ts';
import type { Request } from '../../contract/verbs.ts';
import { type PhotoChange, recordAct } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWords, setWordsOf, spelled, wordsOf } from '../catalog/person.ts';
import { heldBesideFirst, mostInItem, readingsOf, rowsOf } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { selected } from '../lists/page.ts';

type PersonAct = Request<'review.act'>['act'];

const without = (names: string[], label: string) => names.filter((name) => nameKey(name) !== nameKey(label));
const within = (names: string[], label: string) => [...without(names, label), label];

/** Null: the act says nothing of this photo. @param held what the head in use says first, and what holds beside it */
function changed(
  act: PersonAct,
  before: PersonWords,
  held: readonly string[],
): Omit<PersonWords, 'drawn'> | null {
  const { labels, rejected } = before;
  const [first = null, ...others] = held;
  switch (act.kind) {
    case 'confirm':
      if (first === null) return null;
      if (saysNone(first)) return { labels: [], rejected, none: true };
      // What a person said it is not stays so, but for what is said first of it.
      return {
        labels: [first, ...others.filter((name) => without(rejected, name).length === rejected.length)].reduce(within, labels), // prettier-ignore
        rejected: without(rejected, first),
        none: false,
      };
    case 'label':
      return {
        labels: act.labels,
        rejected: act.labels.reduce(without, rejected),
        none: false,
      };
    case 'add':
      return { labels: within(labels, act.label), rejected: without(rejected, act.label), none: false };
    case 'remove':
      return { labels: without(labels, act.label), rejected, none: before.none };
    case 'reject': {
      const label = act.label ?? first;
      if (label === null || saysNone(label)) return null;
      return { labels: without(labels, label), rejected: within(rejected, label), none: before.none };
    }
    case 'none':
      return { labels: [], rejected: [], none: true };
    case 'clear':
      return { labels: [], rejected: [], none: false };
  }
}

/** In the spelling that is known already, each once. "None of these" is no label, however it is said. */
function tidied(catalog: Catalog, act: PersonAct): PersonAct {
  if (act.kind === 'label') {
    const labels = act.labels.filter((label) => !saysNone(label));
    if (act.labels.length && !labels.length) return { kind: 'none' };
    const names = new Map(labels.map((label) => [nameKey(label), spelled(catalog, label)]));
    return { ...act, labels: [...names.values()] };
  }
  if (act.kind === 'add' && saysNone(act.label)) return { kind: 'none' };
  if ('label' in act && act.label !== undefined) return { ...act, label: spelled(catalog, act.label) };
  return act;
}

function aboutOf(act: PersonAct): string[] {
  if (act.kind === 'label') return act.labels;
  return 'label' in act && act.label !== undefined ? [act.label] : [];
}

const photosAtOnce = 1000;

/** Null: it changed nothing. */
export function reviewAct(catalog: Catalog, request: Request<'review.act'>): Act | null {
  return catalog.transaction(() => {
    const act = tidied(catalog, request.act);
    const { sql, values } = selected(catalog, request.selection);
    const ids = catalog
      .all<{ id: number }>(`SELECT id FROM photos WHERE ${sql}`, ...values)
      .map(({ id }) => id);
    const changes: PhotoChange[] = [];
    const firsts = new Set<string>();
    for (let at = 0; at < ids.length; at += photosAtOnce) {
      const rows = rowsOf(catalog, ids.slice(at, at + photosAtOnce));
      const words = wordsOf(catalog, ids.slice(at, at + photosAtOnce));
      const shown = shownLabels(catalog);
      const readings = readingsOf(rows, shown, mostInItem(shown));
      for (const [i, { id }] of rows.entries()) {
        const before = words.get(id) ?? noWords;
        const reading = readings[i]!;
        const held = [...reading.predictions.slice(0, 1), ...heldBesideFirst(reading, shown)].map(({ label }) => label.name); // prettier-ignore
        const next = changed(act, before, held);
        if (!next) continue;
        const after = { ...next, drawn: request.drawn ?? before.drawn };
        if (JSON.stringify(after) === JSON.stringify(before)) continue;
        setWordsOf(catalog, id, after);
        changes.push({ photoId: id, before, after });
        if (held[0] !== undefined) firsts.add(held[0]);
      }
    }
    if (changes.length === 0) return null;
    const ofFirst = act.kind === 'confirm' || (act.kind === 'reject' && act.label === undefined);
    const about = ofFirst && firsts.size === 1 ? [...firsts] : aboutOf(act);
    const words = { of: 'words' } as const;
    return recordAct(
      catalog,
      { kind: act.kind, about, photos: changes.length, change: words, inverse: words },
      changes,
    );
  });
}

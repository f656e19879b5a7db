/** A person's words, taken down so that all of them can be taken back. */
import { nameKey, namesOf } from '../../../models/heads/label-names.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { Slots } from '../../schedule/slots.ts';
import { history } from '../catalog/acts.ts';
import { agreement } from '../labels/agreement.ts';
import { estimateOf } from '../labels/estimate.ts';
import { queue, queueItems } from '../labels/queue.ts';
import { reviewAct } from '../labels/review.ts';
import { takeStep } from '../labels/steps.ts';
import { conditionOf } from '../lists/filter.ts';
import { givenLabels } from '../lists/given-labels.ts';
import { shownLabels } from '../lists/labels.ts';
import type { LibraryState } from '../state.ts';

export function reviewVerbs({ core }: LibraryState) {
  const catalog = () => core().catalog;

  /** Files take their time: which act is next is known once those of the one before are where they belong. */
  const turns = new Slots(1);

  async function step(undoes: boolean, only: number | undefined) {
    const inForce = (change: () => void) => core().showing.changeHeads(change, true);
    const taken = await turns.run(() => takeStep(catalog(), core().moves, undoes, inForce, only));
    if (!taken) return { act: null };
    const { change, failed } = taken;
    if (change.of === 'files') core().filesMoved(failed);
    else core().changes.note('photos', 'labels');
    // Another version of a set may have been taught from other words.
    if (change.of === 'words' || change.of === 'head') core().teaching.follow();
    return { act: taken.act };
  }

  return {
    'review.act': (request) => {
      const act = reviewAct(catalog(), request);
      if (act) core().wordsChanged();
      return { act };
    },
    'review.undo': ({ actId }) => step(true, actId),
    'review.redo': ({ actId }) => step(false, actId),
    'review.history': ({ limit, cursor }) => history(catalog(), limit, cursor),
    'review.labels': ({ search = '', limit }) => {
      const given = givenLabels(catalog(), search, limit);
      const known = new Set(given.map(({ name }) => nameKey(name)));
      const wanted = nameKey(search);
      const others = shownLabels(catalog())
        .all.filter(
          (label) =>
            namesOf(label).some((name) => nameKey(name).includes(wanted)) && !known.has(nameKey(label.name)),
        )
        .map(({ name }) => ({ name, photos: 0 }));
      return { items: [...given, ...others].slice(0, limit) };
    },
    'review.queue': async (request) => {
      const { queue: kind, by = 'person', filter } = request;
      const suspects = kind === 'audit' ? await core().teaching.suspects(by, filter ?? {}) : [];
      return queue(catalog(), request, suspects);
    },
    'review.items': ({ ids }) => ({ items: queueItems(catalog(), ids) }),
    'review.estimate': ({ filter = {}, label }) =>
      estimateOf(catalog(), conditionOf(catalog(), filter), label),
    'review.agreement': ({ rows, columns, filter = {} }) =>
      agreement(catalog(), rows, columns, conditionOf(catalog(), filter)),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

import { expect, test, vi } from 'vitest';
import { queryTerms } from '../../main/contract/query-words.ts';
import type { Suggestion } from '../../main/contract/entities/photo.ts';
import { ListQuery } from '../../renderer/library/list-query.svelte.ts';
import { queryText } from '../../renderer/library/query-text.ts';
import { Suggestions } from '../../renderer/library/suggestions.svelte.ts';
import { Application } from '../../renderer/state/application.svelte.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { FakeHost } from './fake-bridge.ts';

const names = { label: (index: number) => ['dog', 'hot dog', 'cat'][index]!, folder: null };

test('labels are wanted alone, beside others, or not at all', () => {
  const query = new ListQuery();
  query.toggleLabel(0, 'only');
  query.togglePerson('Rex', 'also');
  expect(query.filter).toEqual({ labels: [0], person: ['Rex'] });
  query.match = 'all';
  expect(query.filter.match).toBe('all');
  query.toggleLabel(1, 'not');
  expect(query.filter.withoutLabels).toEqual([1]);
  // Wanted after all: it is no longer among those that are not.
  query.toggleLabel(1, 'also');
  expect([query.labels, query.withoutLabels]).toEqual([[0, 1], []]);
  query.toggleLabel(2, 'only');
  expect(query.filter).toEqual({ labels: [2] });
  query.toggleLabel(2, 'only');
  expect(query.filter).toEqual({});
});

test('what narrows a list is said in words that find the same', () => {
  const query = new ListQuery();
  expect(queryText(query, names)).toBe('');
  query.search = ' camera:x100 ';
  query.toggleLabel(1, 'only');
  query.togglePerson('Rex', 'also');
  query.toggleLabel(2, 'not');
  query.toggleStatus('unsure', false);
  query.damaged = true;
  query.confidence = [0.5, 1];
  const text = queryText(query, { ...names, folder: '/home/me/My photos' });
  expect(text).toBe('camera:x100 folder:"/home/me/My photos" label:"hot dog","Rex" -label:"cat" status:unsure status:damaged probability:50-100'); // prettier-ignore
  expect(queryTerms(text).map(({ field }) => field)).toEqual(['camera', 'folder', 'label', 'label', 'status', 'status', 'probability']); // prettier-ignore
  query.match = 'all';
  expect(queryText(query, names)).toContain('label:"hot dog" label:"Rex"');
});

test('a suggestion takes the place of the word that the caret stands in', async () => {
  const found: Suggestion = {
    field: 'camera',
    name: 'Canon EOS R5',
    photos: 3,
    text: 'camera:"Canon EOS R5"',
  };
  const bridge = { ask: () => Promise.resolve({ ok: true, value: { items: [found] } }) } as unknown as Bridge;
  const suggestions = new Suggestions(bridge);
  await suggestions.show('beach camera:can unsure', 16, ['camera:', 'unsure']);
  expect(suggestions.items.map(({ text }) => text)).toEqual([found.text]);
  suggestions.move(1);
  expect(suggestions.active).toBe(0);
  expect(suggestions.taken('beach camera:can unsure', suggestions.items[0]!)).toEqual({
    text: 'beach camera:"Canon EOS R5" unsure',
    caret: 28,
  });
  await suggestions.show('ca', 2, ['camera:', 'unsure']);
  expect(suggestions.items.map(({ text }) => text)).toEqual(['camera:', found.text]);
  expect(suggestions.taken('ca', suggestions.items[0]!)).toEqual({ text: 'camera:', caret: 7 });
});

test('what is offered is asked for anew while it is open: what comes goes behind what is seen, and the choice stays', async () => {
  const host = new FakeHost({ photos: 20 });
  const app = new Application(host.bridge);
  const { ask } = host.bridge;
  const camera = (name: string, photos: number): Suggestion => ({
    ...{ field: 'camera', name, photos },
    text: `camera:"${name}"`,
  });
  let there: Suggestion[] = [];
  let asked = 0;
  host.bridge.ask = async (verb, request) => {
    if (verb !== 'photos.suggest') return ask(verb, request);
    asked++;
    return { ok: true, value: { items: there } } as never;
  };
  const { suggestions } = app;
  const offered = () => suggestions.items.map(({ suggestion }) => suggestion && `${suggestion.name} ${suggestion.photos}`); // prettier-ignore
  await suggestions.show('camera:x', 8, []);
  expect(suggestions.items).toEqual([]);
  there = [camera('X-T5', 2), camera('X100V', 1)];
  host.edited(1);
  await vi.waitFor(() => expect(offered()).toEqual(['X-T5 2', 'X100V 1']));
  suggestions.move(-1);
  there = [camera('X100V', 5), camera('X-E4', 3)];
  await suggestions.refresh();
  expect(offered()).toEqual(['X100V 5', 'X-E4 3']);
  there = [camera('X-E4', 9), camera('X-H2', 8), camera('X100V', 6)];
  await suggestions.refresh();
  expect(offered()).toEqual(['X100V 6', 'X-E4 9', 'X-H2 8']);
  expect(suggestions.active).toBe(0);
  suggestions.close();
  const before = asked;
  await suggestions.refresh();
  expect([asked, suggestions.items]).toEqual([before, []]);
});

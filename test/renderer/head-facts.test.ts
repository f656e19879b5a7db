/** What is told of a taught set. */
import { mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

vi.setConfig({ testTimeout: 60_000 });

let shown: Record<string, unknown>;
afterEach(async () => {
  await unmount(shown);
  document.body.replaceChildren();
});

test('photos held out are told as whole ones, also where near-duplicates narrow no interval', async () => {
  const host = new FakeHost({ photos: 40 });
  const mine = { ...host.words.heads[0]!, id: 7, name: 'Kinds', kind: 'taught' as const };
  host.words.heads = [mine];
  const accuracy = { share: 12 / 31, low: 0.24, high: 0.56, right: (12 * 30) / 31, of: 30 };
  const figures = { examples: 31, folds: 5, l2: 1, sure: 1, labels: [], confusion: null };
  const report = { ...figures, accuracy, accuracyOfSure: null };
  const origin = { from: 'examples' as const, examples: 31, l2: 1, report };
  host.words.handlers['heads.show'] = () => ({
    ...mine,
    names: [],
    temperature: 1,
    doubt: null,
    doubtSet: false,
    origin,
  });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(document.querySelector('[data-grid] [role=option]')).not.toBeNull(), 10_000);
  app.navigation.goLabels('sets');
  await vi.waitFor(() => expect(document.body.textContent).toContain('39% right (24% – 56%)'), 10_000);
  expect(document.body.textContent).toContain('12 of 31 photos that were held out');
});

test('in Chinese what is told of a set is, and its labels are called as elsewhere', async () => {
  const host = new FakeHost({ photos: 40 });
  const dog = { id: 'dog', name: 'dog', names: { 'zh-CN': '狗' } };
  const mine = { ...host.words.heads[0]!, id: 7, name: '种类', kind: 'taught' as const };
  host.words.heads = [mine];
  const origin = { from: 'examples' as const, examples: 3, l2: 1, report: null };
  host.words.handlers['heads.show'] = () => ({
    ...mine,
    names: [dog],
    temperature: 1,
    doubt: null,
    doubtSet: false,
    origin,
  });
  const message =
    'Too few examples of "dog": 1, expected at least 5. It is taught, but how well cannot be told.';
  host.words.handlers['heads.teaching'] = () => ({
    ...{ state: 'finished', name: '种类', done: 1, total: 1, head: 7, examples: 3, leftOut: [] },
    ...{ notes: [{ code: 'too-few-examples', message }], leftOutTotal: 0, error: null },
  });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(document.querySelector('[data-grid] [role=option]')).not.toBeNull(), 10_000);
  await app.preferences.change({ language: 'zh-CN' });
  app.navigation.goLabels('sets');
  await vi.waitFor(() => expect(document.body.textContent).toContain('“狗”只有 1 个示例'), 10_000);
  expect(document.body.textContent).not.toContain('Too few examples');
});

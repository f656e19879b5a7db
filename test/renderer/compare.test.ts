/** The page that compares what two say, while other windows change what they say. */
import { mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost, model } from './fake-bridge.ts';

vi.setConfig({ testTimeout: 60_000 });

let shown: Record<string, unknown>;
afterEach(async () => {
  await unmount(shown);
  document.body.replaceChildren();
});

async function comparing(host: FakeHost) {
  const label = { id: 'cat', name: 'cat' };
  let said = 0;
  host.words.handlers['review.agreement'] = () => ({
    comparison: ++said,
    rows: { name: 'one', labels: [label] },
    columns: { name: 'other', labels: [label] },
    cells: [{ row: 0, column: 0, photos: said }],
    agree: null,
  });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(document.querySelector('[data-grid] [role=option]')).not.toBeNull(), 10_000);
  app.navigation.goLabels('compare');
  await vi.waitFor(() => expect(app.comparison.table?.comparison).toBe(1));
  const asked = () =>
    host.asked.filter(({ verb }) => verb === 'review.agreement').map(({ request }) => request);
  return { app, asked };
}

test('words that another window says are compared too, and nobody is asked where nobody looks', async () => {
  const host = new FakeHost({ photos: 40 });
  const { app, asked } = await comparing(host);
  host.edited(2);
  await vi.waitFor(() => expect(app.comparison.table?.comparison).toBe(2), 5_000);
  // Sets that are listed anew, and are those they were, are no other question.
  await app.heads.refresh();
  app.navigation.go('library');
  host.edited(3);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect(asked()).toHaveLength(2);
});

test('where a judge is removed elsewhere another one takes its place, and both can be chosen still', async () => {
  const host = new FakeHost({ photos: 40 });
  host.models.push({ ...model, id: 'other', name: 'Other' });
  const { app, asked } = await comparing(host);
  app.comparison.chosen = { rows: JSON.stringify({ by: 'model', modelId: 'other' }), columns: null };
  await vi.waitFor(() => expect(asked().at(-1)).toMatchObject({ rows: { by: 'model', modelId: 'other' } }));
  host.models = [model];
  await app.models.refresh();
  await vi.waitFor(() => expect(asked().at(-1)).toMatchObject({ rows: { by: 'person' } }));
  expect(document.querySelectorAll('.who .picker')).toHaveLength(2);
});

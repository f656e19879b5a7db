/** What the page of one label offers and shows of what is known of it. */
import { mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { LabelLooks } from '../../main/contract/entities/looks.ts';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost, labels, photo } from './fake-bridge.ts';

vi.setConfig({ testTimeout: 60_000 });

let shown: Record<string, unknown>;
afterEach(async () => {
  await unmount(shown);
  document.body.replaceChildren();
});

const crop = (i: number, value: number) => ({
  ...{ photo: photo(i), row: 1, column: 1, value, share: null },
  region: { x: 0, y: 0, width: 16, height: 16 },
});
const grid = { rows: 2, columns: 2, mean: new Float32Array(4) };
const where = {
  ...{ ...grid, photos: 3, likeOthers: null, others: 0, othersOfModel: false, findings: [] },
};

async function opened(answer: Partial<LabelLooks>): Promise<HTMLElement> {
  const host = new FakeHost({ photos: 40 });
  const full: LabelLooks = {
    ...{ index: 0, label: labels[0]!, head: null, photos: 5, known: 3 },
    ...{ where, speakFor: [], speakAgainst: [], ...answer },
  };
  host.words.handlers['looks.labels'] = () => ({ items: [{ index: 0, label: labels[0]!, photos: 5 }] });
  host.words.handlers['looks.label'] = () => full;
  host.words.handlers['looks.photos'] = () => ({ items: [], total: 0, next: null });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(document.querySelector('[data-grid] [role=option]')).not.toBeNull(), 10_000);
  app.navigation.lookAtHead(null, 0);
  await vi.waitFor(() => expect(document.querySelector('main .known')).not.toBeNull(), 10_000);
  return document.querySelector('main')!;
}

test.each([
  [5, 3, 'Look at 2 more'],
  [900, 3, 'Look at 200 more'],
])('of %i photos of which %i are known it offers: %s', async (photos, known, said) => {
  const page = await opened({ photos, known });
  expect(page.querySelector('.known button')!.textContent).toBe(said);
});

test('a patch whose part would be written as 0.00 is not shown as evidence', async () => {
  const page = await opened({
    speakFor: [crop(0, 0.8), crop(1, 0.006), crop(2, 0.0049)],
    speakAgainst: [crop(3, -0.0049), crop(4, -0.0001)],
  });
  const [most, least] = ['Speaks most for it', 'Speaks most against it'].map((title) =>
    [...page.querySelectorAll('h2')].find((one) => one.textContent === title)?.closest('section'),
  );
  expect([...most!.querySelectorAll('li')].map((one) => one.textContent!.trim())).toEqual(['+0.80', '+0.01']);
  expect(least!.querySelectorAll('li')).toHaveLength(0);
  expect(least!.textContent).toContain('No patch does, by as much as 0.01');
});

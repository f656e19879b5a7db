import { expect, test, vi } from 'vitest';
import { Facets } from '../../renderer/library/facets.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

async function shown(filter = {}) {
  const host = new FakeHost({ photos: 500 });
  const facets = new Facets(host.bridge);
  facets.show(filter);
  await vi.waitFor(() => expect(facets.loaded).toBe(true));
  return { host, facets };
}
const total = (facets: Facets) => facets.items.reduce((sum, { photos }) => sum + photos, 0);

test('labels, states and own labels are counted under the filter', async () => {
  const { facets } = await shown();
  const { ok = 0, unsure = 0, failed = 0 } = facets.status;
  expect(Object.values(facets.status).reduce((sum, photos) => sum + photos, 0)).toBe(500);
  expect(total(facets)).toBe(ok + unsure);
  expect(failed).toBeGreaterThan(0);
  expect(facets.own).toBeGreaterThan(0);
  facets.show({ status: ['failed'] });
  await vi.waitFor(() => expect(facets.status).toEqual({ failed }));
  expect(facets.items).toEqual([]);
});

test('a label once seen keeps its name where the filter no longer finds it', async () => {
  const { facets } = await shown();
  const { index, label } = facets.items[0]!;
  facets.show({ status: ['failed'] });
  await vi.waitFor(() => expect(facets.items).toEqual([]));
  expect(facets.named(index)?.label).toEqual(label);
  expect(facets.named(9999)).toBeUndefined();
});

test('a search narrows the labels; the answer to an older one that comes later is dropped', async () => {
  const { host, facets } = await shown();
  const word = facets.items.at(-1)!.label.name;
  const ask = host.bridge.ask;
  let late = () => {};
  const held = new Promise<void>((resolve) => (late = resolve));
  host.bridge.ask = async (verb, request) => {
    const answer = await ask(verb, request);
    if ((request as { search?: string }).search === 'zzz') await held;
    return answer;
  };
  facets.search = 'zzz';
  facets.search = ` ${word} `;
  await vi.waitFor(() => expect(facets.items.every(({ label }) => label.name.includes(word))).toBe(true));
  const found = facets.items;
  late();
  await new Promise((resolve) => setTimeout(resolve));
  expect(facets.items).toBe(found);
  expect(found.length).toBeGreaterThan(0);
});

test('counts that can’t be had leave those that were shown', async () => {
  const { host, facets } = await shown();
  const before = facets.items;
  host.failing.set('photos.facets', { code: 'catalog-locked', message: 'in use' });
  await facets.refresh();
  expect(facets.items).toBe(before);
});

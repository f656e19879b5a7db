import { expect, test, vi } from 'vitest';
import { Pages, pageSize } from '../../renderer/state/pages.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

const query = { filter: {}, sort: { key: 'name', descending: false } } as const;
const asks = (host: FakeHost) => host.asked.filter(({ verb }) => verb === 'photos.page');

async function opened(photos: number) {
  const host = new FakeHost({ photos });
  const pages = new Pages(host.bridge);
  pages.show(query);
  await vi.waitFor(() => expect(pages.total).toBe(photos));
  return { host, pages };
}

test('the first page tells how long the list is and shows its photos by position', async () => {
  const { pages } = await opened(1000);
  expect(pages.at(0)?.id).toBeDefined();
  expect(pages.at(pageSize - 1)).toBeDefined();
  expect(pages.at(pageSize)).toBeUndefined();
});

test('a jump asks for what is in view only, not for what lies between', async () => {
  const { host, pages } = await opened(5000);
  pages.want(4010, 4040);
  await vi.waitFor(() => expect(pages.at(4020)).toBeDefined());
  expect(asks(host).map(({ request }) => (request as { at: number }).at)).toEqual([0, 4000]);
});

test('the cache stays small, and what is in view is never forgotten', async () => {
  const photos = 34 * pageSize;
  const { pages } = await opened(photos);
  for (let at = 0; at < photos; at += pageSize) {
    pages.want(at, at + 10);
    await vi.waitFor(() => expect(pages.at(at)).toBeDefined(), { interval: 1 });
  }
  expect(pages.items.length).toBeLessThanOrEqual(30 * pageSize);
  expect(pages.at(photos - pageSize)).toBeDefined();
  expect(pages.at(0)).toBeUndefined();
});

test('a refresh keeps what is shown until the new page has come', async () => {
  const { host, pages } = await opened(300);
  const before = pages.at(0);
  pages.refresh();
  expect(pages.at(0)).toBe(before);
  await vi.waitFor(() => expect(asks(host)).toHaveLength(2));
});

test('another filter replaces the list at once, and a late answer to the old one is dropped', async () => {
  const host = new FakeHost({ photos: 1000, delay: 5 });
  const pages = new Pages(host.bridge);
  pages.show(query);
  pages.show({ ...query, filter: { status: ['failed'] } });
  await vi.waitFor(() => expect(pages.total).not.toBeNull());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(pages.total).toBe(11);
  expect(pages.at(0)?.status).toBe('failed');
});

test('a failure is told and goes away with the next answer', async () => {
  const host = new FakeHost({ photos: 10 });
  host.failing.set('photos.page', { code: 'broken', message: 'no' });
  const pages = new Pages(host.bridge);
  pages.show(query);
  await vi.waitFor(() => expect(pages.failure?.code).toBe('broken'));
  host.failing.clear();
  pages.refresh();
  await vi.waitFor(() => expect(pages.total).toBe(10));
  expect(pages.failure).toBeNull();
});

test('a photo outside of the cache can be fetched by its position', async () => {
  const { host, pages } = await opened(1000);
  const item = await pages.load(777);
  const later = await new Pages(host.bridge).load(777);
  expect(later).toBeNull();
  pages.want(777, 777);
  await vi.waitFor(() => expect(pages.at(777)).toBeDefined());
  expect(item?.id).toBe(pages.at(777)?.id);
  expect(await pages.load(-1)).toBeNull();
});

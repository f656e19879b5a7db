/** A queue of photos to be looked at, while others say something of the same photos. */
import { beforeEach, expect, test, vi } from 'vitest';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

beforeEach(() => localStorage.clear());

async function reviewing() {
  const host = new FakeHost({ photos: 120 });
  const app = new Application(host.bridge);
  await app.start();
  app.navigation.goLabels('review');
  await app.review.open('unsure');
  const { review } = app;
  const ids = () => review.items!.map(({ photo }) => photo.id);
  const say = (...photos: number[]) =>
    host.bridge.ask('review.act', { selection: { ids: photos }, act: { kind: 'label', labels: ['mine'] } });
  return { host, review, ids, say };
}

test('photos that another window spoke of leave what comes, and the one in sight stays', async () => {
  const { host, review, ids, say } = await reviewing();
  review.step(1);
  const { left } = review;
  expect(review.photoId).toBe(2);
  await say(2, 4, 5);
  host.edited(7);
  await vi.waitFor(() => expect(ids().slice(0, 5)).toEqual([1, 2, 3, 6, 7]));
  expect([review.photoId, review.left]).toEqual([2, left - 2]);
  expect(review.current?.person.labels).toEqual(['mine']);
  expect(review.items![4]!.photo.version).toBe('v1 edited');
});

test('photos that are gone leave the queue, in sight or not', async () => {
  const { host, review, ids } = await reviewing();
  for (let i = 0; i < 3; i++) review.step(1);
  const { left } = review;
  expect(review.photoId).toBe(4);
  await host.bridge.ask('photos.trash', { selection: { ids: [2, 4, 6] } });
  await vi.waitFor(() => expect(ids().slice(0, 4)).toEqual([1, 3, 5, 7]));
  expect([review.photoId, review.at, review.left]).toEqual([5, 2, left - 2]);
});

test('as many are left as there are, also once more of them were asked for', async () => {
  const { review, ids, say } = await reviewing();
  for (let { left } = review; left > 0; left--) {
    await vi.waitFor(() => expect(review.photoId).not.toBeNull());
    expect(review.left).toBe(left);
    await say(review.photoId!);
    review.next();
  }
  expect([review.photoId, review.left]).toEqual([null, 0]);
  expect(new Set(ids()).size).toBe(ids().length);
});

/** A list that somebody else changes while it is looked at: keys go on meaning the photo that they meant. */
import { flushSync } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

beforeEach(() => localStorage.clear());

async function started(photos = 60) {
  const host = new FakeHost({ photos });
  const app = new Application(host.bridge);
  await app.start();
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).toBe(photos));
  flushSync();
  const elsewhere = async (...ids: number[]) => {
    await host.bridge.ask('photos.trash', { selection: { ids } });
    await vi.waitFor(() => expect(app.pages.total).toBe(photos - ids.length));
  };
  return { host, app, elsewhere };
}

test('the focus and the start of a range stay on their photos when others leave before them', async () => {
  const { app, elsewhere } = await started();
  const at = (position: number) => app.pages.at(position)!.id;
  const [first, focused, after] = [at(0), at(20), at(21)];
  app.picked.moveTo(20);
  app.picked.replace([focused]);
  await elsewhere(first, at(3));
  expect([app.picked.focus, app.picked.anchor]).toEqual([18, 18]);
  expect(app.desk.photoId).toBe(focused);
  await app.picking.move('right', 'one');
  expect(app.desk.photoId).toBe(after);
});

test('photos that somebody else threw away are selected no more, nor left out of all', async () => {
  const { app, elsewhere } = await started();
  const [gone, stays] = [app.pages.at(4)!.id, app.pages.at(5)!.id];
  app.picked.replace([gone, stays]);
  await elsewhere(gone);
  await vi.waitFor(() => expect(app.picked.ids).toEqual([stays]));
  app.picked.all({});
  app.picked.toggle(stays);
  await app.bridge.ask('photos.trash', { selection: { ids: [stays] } });
  await vi.waitFor(() => expect(app.picking.selection).toEqual({ filter: {}, except: [] }));
  await vi.waitFor(() => expect(app.picking.count).toBe(58));
});

test('the photo that is inspected keeps its place in the list, and a step goes to its neighbour', async () => {
  const { app, elsewhere } = await started();
  const ids = [9, 10, 11].map((position) => app.pages.at(position)!.id);
  app.navigation.inspect(10);
  await app.inspector.opened;
  await elsewhere(app.pages.at(2)!.id);
  expect([app.inspector.position, app.inspector.photo?.id]).toEqual([9, ids[1]]);
  app.inspector.step(1);
  await app.inspector.opened;
  expect(app.inspector.photo?.id).toBe(ids[2]);
  expect(app.notices.items).toEqual([]);
});

test('an inspected photo that somebody else threw away is told, and the next takes its place', async () => {
  const { app, elsewhere } = await started();
  const [gone, next] = [app.pages.at(10)!, app.pages.at(11)!];
  app.navigation.inspect(10);
  await app.inspector.opened;
  await elsewhere(gone.id);
  await vi.waitFor(() => expect(app.inspector.photo?.id).toBe(next.id));
  expect(app.inspector.position).toBe(10);
  expect(app.notices.items).toHaveLength(1);
  expect(app.notices.items[0]!.say(app.speech)).toContain(gone.name);
});

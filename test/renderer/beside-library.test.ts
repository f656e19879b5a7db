/** Lists beside the library, whose photos are moved and trashed by their menus. */
import { beforeEach, expect, test, vi } from 'vitest';
import { Application } from '../../renderer/state/application.svelte.ts';
import { subjectOf } from '../../renderer/state/subject.ts';
import { FakeHost } from './fake-bridge.ts';

beforeEach(() => localStorage.clear());

async function started() {
  const host = new FakeHost({ photos: 60 });
  const app = new Application(host.bridge);
  await app.start();
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).toBe(60));
  const asked = (verb: string) => host.asked.filter((one) => one.verb === verb).map(({ request }) => request);
  return { host, app, asked };
}

test('a photo that is trashed leaves those that are like another, and the mark stays', async () => {
  const { host, app, asked } = await started();
  const { likeness } = app;
  const shown = () => likeness.result?.items.map(({ photo }) => photo.id);
  app.navigation.likeThese(subjectOf(app.pages.at(0)!));
  await vi.waitFor(() => expect(shown()).toHaveLength(59));
  likeness.mark = 0.8;
  const gone = likeness.result!.items[3]!.photo;
  app.actions.askToMove(true, subjectOf(gone));
  const moving = app.moving.go('');
  const before = likeness.result;
  await moving;
  await vi.waitFor(() => expect(shown()).toHaveLength(58));
  expect(before).not.toBeNull();
  expect(shown()).not.toContain(gone.id);
  expect(likeness.mark).toBe(0.8);
  // Where nobody looks nothing is searched.
  app.navigation.go('library');
  const times = asked('photos.like').length;
  app.actions.askToMove(true, subjectOf(app.pages.at(7)!));
  await app.moving.go('');
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect(asked('photos.like')).toHaveLength(times);
  // Nor is what is shown lost with the one that all were like, or with the folder that was looked in: but for what is gone.
  host.failing.set('photos.like', { code: 'no-results', message: 'gone' });
  await likeness.refresh();
  expect([shown()?.length, likeness.failure]).toEqual([57, null]);
}, 10_000);

test('paths are those of the photos that a menu speaks of, not of those that are picked', async () => {
  const { app } = await started();
  let copied = '';
  vi.stubGlobal('navigator', {
    language: 'en',
    clipboard: { writeText: (text: string) => ((copied = text), Promise.resolve()) },
  });
  const [first, second, third] = [0, 1, 2].map((at) => app.pages.at(at)!);
  app.picked.replace([first!.id]);
  const two = { ...subjectOf(second!), selection: { ids: [second!.id, third!.id] }, count: 2, photoId: null, photo: null }; // prettier-ignore
  await app.picking.copyPaths(two);
  expect(copied.split('\n')).toEqual([second!.path, third!.path]);
  // Not at hand.
  const { id, path } = app.pages.at(9)!;
  app.pages.show({ filter: { search: 'nothing' }, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).toBe(0));
  await app.picking.copyPaths({ ...subjectOf(second!), selection: { ids: [id] }, photo: null });
  expect(copied).toBe(path);
  await app.picking.copyPaths({ ...two, selection: { filter: {}, except: [first!.id] }, count: 59 });
  expect(copied.split('\n')).toHaveLength(59);
  expect(copied).not.toContain(`${first!.path}\n`);
  vi.unstubAllGlobals();
});

import { expect, test } from 'vitest';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

test('whether new photos are classified is asked once, and until it is answered they are not', async () => {
  const host = new FakeHost();
  const app = new Application(host.bridge);
  await app.start();
  const said = () =>
    host.asked.filter(({ verb }) => verb === 'folders.setClassifyNew').map(({ request }) => request);
  host.emit('folders.arrived', { folderId: 1, photos: 3 });
  const [notice] = app.notices.items;
  expect(notice?.say(app.speech)).toBe('3 new photos in “Pictures”');
  expect(said()).toEqual([{ folderId: 1, classify: false }]);
  notice!.action!.run();
  expect(said()[1]).toEqual({ folderId: 1, classify: true });
});

/** Models whose files went or were exchanged since they were imported. */
import { flushSync, mount, unmount } from 'svelte';
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
async function alertsOf(host: FakeHost): Promise<string[]> {
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(app.models.items).not.toBeNull(), 10_000);
  app.navigation.go('models');
  const alerts = () => [...document.querySelectorAll('main [role=alert]')].map((one) => one.textContent);
  await vi.waitFor(() => {
    flushSync();
    expect(alerts()).not.toEqual([]);
  }, 10_000);
  return alerts();
}

test('a model whose weights are gone says so on its page, with what to do', async () => {
  const host = new FakeHost();
  const message = 'Expected the weights of Starter in /models/starter; there is no such file. Put it back.';
  host.unsound.set('starter', { code: 'weights-gone', message });
  expect(await alertsOf(host)).toEqual([message]);
});

test('the model in use whose folder is gone is still listed, with what to do', async () => {
  const [said] = await alertsOf(new FakeHost({ settings: { model: 'mine' } }));
  expect(said).toMatch(/folder is gone .* import the model again/);
});

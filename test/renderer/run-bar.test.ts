/** The bar below the photos: what it says has room, or a line of its own. */
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

test('why a run stopped is text in full that can be selected, not a line that is cut with a title for the mouse', async () => {
  const host = new FakeHost({ photos: 40 });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(document.querySelector('[data-grid] [role=option]')).not.toBeNull(), 10_000);
  const message =
    'The weights of Starter in /models/starter are not those that were imported. Put them back.';
  const status = host.running(12, 40);
  host.emit('run.progress', { ...status, state: 'stopped', error: { code: 'weights-changed', message } });
  flushSync();
  const why = [...document.querySelectorAll('footer span')].find((one) => one.textContent === message)!;
  expect(why.getAttribute('title')).toBeNull();
  expect(why.classList.contains('cut')).toBe(false);
  expect(why.classList.contains('selectable')).toBe(true);
});

test('what a run classified is not called new until it is counted again', async () => {
  const host = new FakeHost({ photos: 40 });
  const app = new Application(host.bridge);
  shown = mount(App, { target: document.body, props: { app } });
  await vi.waitFor(() => expect(app.facets.loaded).toBe(true), 10_000);
  const bar = await vi.waitFor(() => document.querySelector('footer') ?? expect.fail('no bar yet'), 10_000);
  host.running(39, 40);
  host.running(40, 40, 'finished');
  flushSync();
  expect(bar.textContent).toContain('38 photos classified');
  expect(bar.textContent).not.toContain('not yet classified');
  await vi.waitFor(() => expect(bar.textContent).toContain('2 photos not yet classified'));
});

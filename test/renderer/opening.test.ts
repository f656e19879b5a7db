/** Before the library answers: a line, and after a while why that may take long. */
import { mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost } from './fake-bridge.ts';

let shown: Record<string, unknown>;
afterEach(async () => {
  vi.useRealTimers();
  await unmount(shown);
  document.body.replaceChildren();
});

test('a library that takes long to open says why it may', async () => {
  vi.useFakeTimers();
  const host = new FakeHost();
  host.bridge.ask = () => new Promise(() => {});
  shown = mount(App, { target: document.body, props: { app: new Application(host.bridge) } });
  await vi.advanceTimersByTimeAsync(1000);
  expect(document.querySelector('[role=status]')?.textContent).toBe('Loading…');
  await vi.advanceTimersByTimeAsync(6000);
  expect(document.querySelector('[role=status]')?.textContent).toMatch(/after an update/);
});

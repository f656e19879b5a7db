import { flushSync } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { commandsOf } from '../../renderer/commands.ts';
import { Application } from '../../renderer/state/application.svelte.ts';
import { commandOf } from '../../renderer/state/keys.ts';
import type { Place } from '../../renderer/state/keys.ts';
import { FakeHost } from './fake-bridge.ts';

beforeEach(() => localStorage.clear());

/** Keys that move something, or begin to type: by name there is nothing to do. */
const steps = new Set(['move', 'pan', 'cursor', 'mark', 'type', 'commands']);
const keys = [
  ...'abcdefghijklmnopqrstuvwxyz0123456789[]/?+-= ',
  ...['Enter', 'Escape', 'Delete', 'Backspace', 'F10', 'ArrowLeft', 'ArrowRight'],
];

/** All that keys do there. */
function keyed(place: Place, labelling: boolean, tool: 'eraser' | null): string[] {
  const presses = keys.flatMap((key) =>
    [0, 1, 2, 3].map((with_) => ({ key, ctrlKey: (with_ & 1) > 0, shiftKey: (with_ & 2) > 0, metaKey: false, altKey: false })),
  ); // prettier-ignore
  const commands = presses.map((press) => commandOf(press, place, 'nothing', labelling, tool));
  return [...new Set(commands.flatMap((one) => (one && !steps.has(one.do) ? [one.do] : [])))];
}

test('everything that has a key is found by its name, where the key works', async () => {
  const host = new FakeHost({ photos: 50 });
  const app = new Application(host.bridge);
  await app.start();
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).not.toBeNull());
  app.picked.moveTo(0);
  const found = () => new Set(commandsOf(app).map(({ command }) => command?.do));
  const missing = (place: Place, labelling = false, tool: 'eraser' | null = null) =>
    keyed(place, labelling, tool).filter((one) => !found().has(one as never));
  app.info = { ...app.info!, can: { ...app.info!.can, trash: true } };

  expect(missing('library')).toEqual([]);
  app.labelling.start();
  await app.labelling.look(app.pages.at(0)!.id);
  flushSync();
  expect(app.labelling.suggestions.length).toBeGreaterThan(0);
  expect(missing('library', true)).toEqual([]);
  app.labelling.leave();

  app.navigation.inspect(0);
  await vi.waitFor(() => expect(app.inspector.inspection?.contribution).toBeTruthy());
  flushSync();
  expect(missing('inspector')).toEqual([]);
  app.inspector.tools.take('eraser');
  expect(missing('inspector', false, 'eraser')).toEqual([]);
  const names = commandsOf(app).map(({ name }) => name);
  expect(names).toHaveLength(new Set(names).size);
});

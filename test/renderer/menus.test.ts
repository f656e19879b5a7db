import { flushSync, mount, unmount } from 'svelte';
import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { focusedKind } from '../../renderer/state/dispatch.ts';
import { subjectOf } from '../../renderer/state/subject.ts';
import { FakeHost } from './fake-bridge.ts';

vi.setConfig({ testTimeout: 60_000 });
const soon = <T>(check: () => T) => vi.waitFor(check, 10_000);

let app: Application;
let host: FakeHost;
let window_: Record<string, unknown>;

beforeEach(async () => {
  localStorage.clear();
  host = new FakeHost({ photos: 40 });
  app = new Application(host.bridge);
  window_ = mount(App, { target: document.body, props: { app } });
  await soon(() => {
    flushSync();
    expect(tiles()).toHaveLength(3);
  });
});
afterEach(async () => {
  await unmount(window_);
  document.body.replaceChildren();
});

const tiles = () => [...document.querySelectorAll<HTMLElement>('[data-grid] [role=option]')];
const menu = () => document.querySelector<HTMLElement>('[role=menu]');
const items = () => [...(menu()?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
const named = (text: string) => items().find((item) => item.textContent.trim() === text)!;
const asked = (verb: string) => host.asked.filter((one) => one.verb === verb).map(({ request }) => request);
const secondButton = () => new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2 });

test('a photo of the selection brings all of it, another one itself alone', async () => {
  const [first, second] = [app.pages.at(0)!, app.pages.at(1)!];
  app.picked.replace([first.id, second.id]);
  flushSync();
  tiles()[1]!.dispatchEvent(secondButton());
  await soon(() => expect(menu()?.getAttribute('aria-label')).toBe('For 2 photos'));
  expect(app.picking.subject.selection).toEqual({ ids: [first.id, second.id] });
  app.menus.open = false;
  await soon(() => expect(menu()).toBeNull());
  tiles()[2]!.dispatchEvent(secondButton());
  await soon(() => expect(menu()?.getAttribute('aria-label')).toBe('For 1 photo'));
  expect(app.picked.ids).toEqual([app.pages.at(2)!.id]);
});

test('keys open the menu of the photo they stand on, walk it and leave it', async () => {
  const grid = document.querySelector<HTMLElement>('[data-grid]')!;
  grid.focus();
  app.picked.moveTo(2);
  flushSync();
  const press = (key: string, more: KeyboardEventInit = {}) =>
    document.activeElement!.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
    );
  expect(press('F10', { shiftKey: true })).toBe(false);
  await soon(() => expect(items().length).toBeGreaterThan(5));
  expect(app.picked.ids).toEqual([app.pages.at(2)!.id]);
  await soon(() => expect(menu()!.contains(document.activeElement)).toBe(true));
  press('End');
  await soon(() => expect(document.activeElement).toBe(items().filter((one) => one.getAttribute('aria-disabled') !== 'true').at(-1))); // prettier-ignore
  press('Home');
  await soon(() => expect(document.activeElement).toBe(items()[0]));
  // A letter goes to its item, and is no command: L begins labelling anywhere else.
  press('m');
  await soon(() => expect(document.activeElement).toBe(named('More like this')));
  expect(focusedKind(document.activeElement)).toBe('layer');
  press('l');
  expect(app.labelling.on).toBe(false);
  press('Escape');
  await soon(() => expect(menu()).toBeNull());
  expect(document.activeElement).toBe(grid);
});

test('what a menu does goes to its own photos, whatever is picked in the library', async () => {
  app.picked.replace([app.pages.at(0)!.id]);
  const other = app.pages.at(5)!;
  app.menus.show(secondButton(), { subject: subjectOf(other) });
  await soon(() => expect(items().length).toBeGreaterThan(5));
  named('Your own label…').click();
  flushSync();
  expect(app.navigation.subject.selection).toEqual({ ids: [other.id] });
  await app.actions.setOwnLabel('boat', app.navigation.subject);
  expect(asked('review.act').at(-1)).toMatchObject({ selection: { ids: [other.id] } });
  // Another sheet is about the selection again.
  app.navigation.sheet = 'export';
  expect(app.navigation.subject.selection).toEqual({ ids: [app.pages.at(0)!.id] });
  app.navigation.sheet = null;
  app.actions.askToMove(false, subjectOf(other));
  expect(app.moving.asked).toMatchObject({ selection: { ids: [other.id] }, photos: 1, trash: false });
});

test('a folder has its menu where it stands in the tree', async () => {
  const row = document.querySelector<HTMLElement>('[role=treeitem][data-row="1"]')!;
  row.dispatchEvent(secondButton());
  const { id, name } = app.folders.roots![0]!;
  await soon(() => expect(menu()?.getAttribute('aria-label')).toBe(`Actions for ${name}`));
  named('Remove from the library…').click();
  flushSync();
  expect(app.folders.leaving?.id).toBe(id);
  expect(app.query.folderId).toBeNull();
  const dialog = await soon(() => {
    const found = document.querySelector('[role=dialog]');
    expect(found?.textContent).toContain(name);
    return found!;
  });
  [...dialog.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Remove')!.click();
  await soon(() => expect(asked('folders.remove')).toEqual([{ folderId: id }]));
});

test('nothing is moved that nobody picked', async () => {
  app.menus.show(secondButton(), { subject: app.picking.subject });
  await soon(() => expect(items().length).toBeGreaterThan(3));
  expect(named('Move to a folder…').getAttribute('aria-disabled')).toBe('true');
  expect(named('Export and share…').getAttribute('aria-disabled')).not.toBe('true');
});

test('a dialog gives the focus to what is to be filled in, and it goes back where it was', async () => {
  const grid = document.querySelector<HTMLElement>('[data-grid]')!;
  grid.focus();
  for (const [sheet, field] of [
    ['commands', '[role=combobox]'],
    ['export', 'select'],
    ['own-label', 'input'],
    ['import-labels', 'select'],
  ] as const) {
    app.navigation.sheet = sheet;
    flushSync();
    await soon(() => expect(document.activeElement).toBe(document.querySelector(`[role=dialog] ${field}`)));
    app.navigation.sheet = null;
    flushSync();
    await soon(() => expect(document.activeElement).toBe(grid));
  }
  // From a menu, whose item is gone when the dialog closes.
  app.menus.show(secondButton(), { subject: subjectOf(app.pages.at(1)!) });
  await soon(() => expect(items().length).toBeGreaterThan(5));
  named('Your own label…').click();
  await soon(() => expect(document.activeElement).toBe(document.querySelector('[role=dialog] input')));
  app.navigation.sheet = null;
  flushSync();
  await soon(() => expect(document.activeElement).toBe(grid));
});

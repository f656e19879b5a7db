import { flushSync, mount, unmount } from 'svelte';
import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import App from '../../renderer/App.svelte';
import { Application } from '../../renderer/state/application.svelte.ts';
import { focusedKind } from '../../renderer/state/dispatch.ts';
import { subjectOf } from '../../renderer/state/subject.ts';
import { FakeHost, model } from './fake-bridge.ts';
import { ownHead } from './fake-labels.ts';

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

const rowOf = (name: string) => [...document.querySelectorAll<HTMLElement>('main li > button')].find((one) => one.textContent.includes(name))!; // prettier-ignore
const texts = (of: Iterable<HTMLElement>) => [...of].map((one) => one.textContent.trim());
const buttons = () => texts(document.querySelectorAll<HTMLElement>('article header button'));
/** By keys of the row, and by its button. */
async function itemsOf(name: string): Promise<string[]> {
  rowOf(name).focus();
  expect(app.menus.showByKeys()).toBe(true);
  await soon(() => expect(menu()?.getAttribute('aria-label')).toBe(`Actions for ${name}`));
  const found = texts(items());
  app.menus.open = false;
  await soon(() => expect(menu()).toBeNull());
  return found;
}

test('a model has its menu where it stands in the list, of the actions of its page', async () => {
  host.models = [model, { ...model, id: 'mine', name: 'Mine', builtIn: false }, { ...model, id: 'onnx', name: 'Foreign', builtIn: false, exports: null }]; // prettier-ignore
  app.navigation.go('models');
  await soon(() => expect(rowOf('Mine')).toBeDefined());
  expect(await itemsOf('Mine')).toEqual(['Use this model', 'Export…', 'Remove…']);
  // Another one is in sight meanwhile.
  expect(buttons()).toEqual(['In use', 'Export…']);
  expect(await itemsOf('Foreign')).toEqual(['Use this model', 'Remove…']);
  rowOf('Foreign').click();
  await soon(() => expect(buttons()).toEqual(['Use this model', 'Remove…']));
  rowOf('Mine').parentElement!.dispatchEvent(secondButton());
  await soon(() => expect(items()).toHaveLength(3));
  named('Export…').click();
  await soon(() => expect(document.querySelector('[role=dialog]')?.textContent).toContain('Export Mine'));
  app.modelExport.close();
  await soon(() => expect(document.querySelector('[role=dialog]')).toBeNull());
  rowOf('Mine').parentElement!.dispatchEvent(secondButton());
  await soon(() => expect(items()).toHaveLength(3));
  named('Remove…').click();
  await soon(() => expect(document.querySelector('[role=dialog]')?.textContent).toContain('Remove “Mine”?'));
  expect(asked('models.remove')).toEqual([]);
  [...document.querySelectorAll<HTMLElement>('[role=dialog] button')].find((one) => one.textContent.trim() === 'Remove')!.click(); // prettier-ignore
  await soon(() => expect(asked('models.remove')).toEqual([{ modelId: 'mine' }]));
});

test('so has a set of labels', async () => {
  const taught = { ...ownHead, id: 3, name: 'Kinds', kind: 'taught', inUse: false } as const;
  host.words.heads = [ownHead, taught, { ...taught, id: 4, name: 'Words', kind: 'written' }];
  await app.heads.refresh();
  app.navigation.goLabels('sets');
  await soon(() => expect(rowOf('Kinds')).toBeDefined());
  expect(await itemsOf('Kinds')).toEqual(['Use this set', 'Teach again with what I said since', 'Rename…', 'Export as a model…', 'Remove…']); // prettier-ignore
  expect(await itemsOf('Words')).toEqual(['Use this set', 'Change the words…', 'Rename…', 'Export…', 'Remove…']); // prettier-ignore
  expect(buttons()).toEqual(['In use']);
  rowOf('Words').click();
  await soon(() => expect(buttons()).toHaveLength(5));
  rowOf('Kinds').parentElement!.dispatchEvent(secondButton());
  await soon(() => expect(items()).toHaveLength(5));
  named('Rename…').click();
  await soon(() =>
    expect(document.querySelector<HTMLInputElement>('[role=dialog] input')?.value).toBe('Kinds'),
  );
});

test('the focus is brought back by no menu that was left long ago', async () => {
  const row = document.querySelector<HTMLElement>('[role=tree]')!;
  row.focus();
  app.menus.show(secondButton(), { subject: subjectOf(app.pages.at(1)!) });
  await soon(() => expect(items().length).toBeGreaterThan(5));
  app.menus.open = false;
  await soon(() => expect(menu()).toBeNull());
  expect(document.activeElement).toBe(row);
  row.blur();
  app.navigation.sheet = 'export';
  flushSync();
  await soon(() => expect(document.querySelector('[role=dialog]')).not.toBeNull());
  app.navigation.sheet = null;
  flushSync();
  await soon(() => expect(document.activeElement).toBe(document.querySelector('[data-grid]')));
});

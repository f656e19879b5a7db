import { flushSync } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Bridge } from '../../main/contract/wire.ts';
import { Application } from '../../renderer/state/application.svelte.ts';
import { FakeHost, model } from './fake-bridge.ts';
import type { FakeOptions } from './fake-bridge.ts';
import { taughtByPerson } from '../../renderer/components/judges.ts';

beforeEach(() => localStorage.clear());

async function started(options: FakeOptions = {}) {
  const host = new FakeHost({ photos: 500, ...options });
  const app = new Application(host.bridge);
  await app.start();
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.total).not.toBeNull());
  flushSync();
  return { host, app };
}
const asked = (host: FakeHost, verb: string) =>
  host.asked.filter((one) => one.verb === verb).map(({ request }) => request);

test('a host that fails to start is told, and tried again', async () => {
  const host = new FakeHost();
  host.failing.set('settings.get', { code: 'catalog-locked', message: 'in use' });
  const app = new Application(host.bridge);
  await app.start();
  expect(app.startFailure?.code).toBe('catalog-locked');
  host.failing.clear();
  await app.start();
  expect(app.startFailure).toBeNull();
  expect(app.folders.roots).toHaveLength(2);
});

test('sets of labels that cannot be listed say why, until they can', async () => {
  const { host, app } = await started();
  host.failing.set('heads.list', { code: 'no-model', message: 'There is no model "timm".' });
  await app.heads.refresh();
  expect(app.heads.failure?.code).toBe('no-model');
  host.failing.clear();
  await app.heads.refresh();
  expect(app.heads.failure).toBeNull();
});

test('a set that is looked at and removed elsewhere is let go of without an error', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  host.words.heads = [own, { ...own, id: 7, name: 'mine', inUse: false }];
  await app.heads.refresh();
  await app.heads.show(7);
  expect(app.heads.detail?.name).toBe('mine');
  host.words.heads = [own];
  host.failing.set('heads.show', { code: 'no-head', message: 'There is no head 7 (any more).' });
  await app.heads.refresh();
  expect(app.heads.detail).toBeNull();
  expect(app.notices.items).toEqual([]);
});

test('an export that was to go by a set which is removed elsewhere goes by the one in use, and that is told', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  host.words.heads = [own, { ...own, id: 7, name: 'mine', inUse: false }];
  await app.heads.refresh();
  app.sharing.options.head = 7;
  app.modelExport.labels = { id: 7, written: false };
  app.navigation.sheet = 'export';
  await app.heads.refresh();
  expect([app.sharing.options.head, app.modelExport.labels?.id, app.notices.items]).toEqual([7, 7, []]);
  host.words.heads = [own];
  await app.heads.refresh();
  expect([app.sharing.options.head, app.modelExport.labels]).toEqual(['used', null]);
  expect(app.notices.items.map(({ say }) => say(app.speech))).toEqual([app.speech.words.chosenSetLeft]);
});

test('the page of a set that is removed stays until the set is gone: without one, it would ask for this one', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  host.words.heads = [own, { ...own, id: 7, name: 'mine', kind: 'taught' }];
  await app.heads.refresh();
  await app.heads.show(7);
  const removing = app.heads.remove(7);
  expect(app.heads.detail?.name).toBe('mine');
  await removing;
  expect(app.heads.detail).toBeNull();
  expect(app.heads.items).toEqual([own]);
});

test('a set that may have been taught with a person’s words says so where both are compared', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  const mine = { ...own, id: 7, name: 'mine', kind: 'taught' as const };
  host.words.heads = [own, mine];
  await app.heads.refresh();
  const head = (headId: number | null) => ({ by: 'head' as const, headId });
  expect(taughtByPerson(app, { by: 'person' }, head(7))).toEqual(mine);
  expect(taughtByPerson(app, head(7), { by: 'person' })).toEqual(mine);
  expect(taughtByPerson(app, { by: 'person' }, head(null))).toBeNull();
  expect(taughtByPerson(app, head(null), head(7))).toBeNull();
});

test('an added folder is shown, and classified once it is scanned', async () => {
  const { host, app } = await started({ empty: true });
  await app.actions.addFolder('/home/ada/Pictures');
  await vi.waitFor(() => expect(asked(host, 'runs.start')).toHaveLength(1));
  expect(asked(host, 'runs.start')[0]).toEqual({
    selection: { filter: { folderId: 1 }, except: [] },
    again: false,
    retryFailed: false,
  });
  expect(app.query.filter).toEqual({ folderId: 1 });
});

test('a scan that ends before its folder is answered still starts the run', async () => {
  const { host, app } = await started();
  app.run.expectScan();
  host.emit('scan.progress', { folderId: 9, found: 3, done: true });
  app.run.whenScanned(9);
  await vi.waitFor(() => expect(asked(host, 'runs.start')).toHaveLength(1));
});

test('a model chosen during a run classifies after it, and until then the other is named as the one that computes', async () => {
  const { host, app } = await started();
  host.models.push({ ...model, id: 'other', name: 'Other' });
  await app.models.refresh();
  host.running(10, 500);
  await app.actions.useModel('other', true);
  expect([app.modelInUse?.name, app.modelAtWork?.name, app.run.waiting]).toEqual(['Other', 'Starter', 1]);
  expect([asked(host, 'runs.start'), app.notices.items]).toEqual([[], []]);
  host.running(500, 500, 'finished');
  expect(app.modelAtWork?.name).toBe('Other');
  await vi.waitFor(() => expect(asked(host, 'runs.start')).toHaveLength(1));
});

test('a folder that leaves takes the view with it only where it or one below it is shown', async () => {
  const { app } = await started();
  await app.folders.toggle(app.folders.find(1)!);
  app.query.folderId = 2;
  await app.actions.removeFolder(5);
  expect(app.query.folderId).toBe(2);
  await app.actions.removeFolder(1);
  expect(app.query.folderId).toBeNull();
});

test('a folder that is removed elsewhere gives way to all photos, also from under one that is inspected', async () => {
  const { host, app } = await started();
  app.query.folderId = 2;
  app.pages.show({ filter: app.query.filter, sort: app.query.sort });
  await vi.waitFor(() => expect(app.pages.at(0)).toBeDefined());
  app.navigation.inspect(0);
  await app.inspector.opened;
  host.failing.set('photos.page', {
    code: 'no-such-folder',
    message: 'The library has no folder 2 (any more).',
  });
  host.edited(400);
  await vi.waitFor(() => expect(app.query.folderId).toBeNull());
  expect(app.inspector.position).toBeNull();
  expect(app.notices.items.map(({ say }) => say(app.speech))).toEqual([app.speech.words.folderLeft]);
});

test('folders added during a run are classified after it, and forgotten with it when it is cancelled', async () => {
  const { host, app } = await started();
  const folders = () => asked(host, 'runs.start').map((one) => (one as { selection: unknown }).selection);
  const add = (folderId: number) => {
    app.run.whenScanned(folderId);
    host.emit('scan.progress', { folderId, found: 3, done: true });
  };
  for (const folderId of [1, 2, 3]) add(folderId);
  await vi.waitFor(() => expect(app.run.status?.state).toBe('running'));
  expect(app.run.waiting).toBe(2);
  host.running(500, 500, 'finished');
  await vi.waitFor(() => expect(app.run.status?.state).toBe('running'));
  expect(folders()).toEqual([1, 2].map((folderId) => ({ filter: { folderId }, except: [] })));
  host.running(10, 500, 'cancelled');
  expect([app.run.waiting, folders().length]).toEqual([0, 2]);
});

test('a run that ends before it is answered that it began has ended, and what waited for it begins', async () => {
  const host = new FakeHost({ photos: 500 });
  const ask: Bridge['ask'] = async (verb, request) => {
    const answer = await host.bridge.ask(verb, request);
    if (verb === 'runs.start') host.running(0, 0, 'finished');
    return answer;
  };
  const app = new Application({ ...host.bridge, ask });
  await app.start();
  for (const folderId of [1, 2]) {
    app.run.whenScanned(folderId);
    host.emit('scan.progress', { folderId, found: 0, done: true });
  }
  await vi.waitFor(() => expect(asked(host, 'runs.start')).toHaveLength(2));
  await vi.waitFor(() => expect([app.run.status?.state, app.run.waiting]).toEqual(['finished', 0]));
});

test('Space starts, pauses and goes on', async () => {
  const { host, app } = await started();
  await app.actions.startOrPause();
  expect(app.run.status?.state).toBe('running');
  await app.actions.startOrPause();
  expect(app.run.status?.state).toBe('paused');
  await app.actions.startOrPause();
  expect(app.run.status?.state).toBe('running');
  expect(asked(host, 'runs.start')).toHaveLength(1);
});

test('many changes in a row read the list again a few times only', async () => {
  const { host, app } = await started();
  const before = asked(host, 'photos.page').length;
  for (let i = 0; i < 50; i++)
    host.emit('library.changed', {
      folders: false,
      photos: true,
      labels: true,
      heads: false,
      models: false,
      settings: false,
    });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(asked(host, 'photos.page').length - before).toBeLessThanOrEqual(1);
  expect(app.pages.total).toBe(500);
});

test('a restarted process is told without a blank page', async () => {
  const { host, app } = await started();
  host.emit('process.restarted', { process: 'inference', reason: 'was ended by SIGKILL' });
  expect(app.notices.items[0]).toMatchObject({ level: 'warning', failure: { code: 'inference-restarted' } });
  expect(app.pages.total).toBe(500);
});

test('a range is picked by position, also beyond the pages at hand', async () => {
  const { app } = await started();
  app.picked.moveTo(90);
  app.picked.moveTo(260, true);
  await app.picking.pickRange(260);
  expect(app.picked.count(500)).toBe(171);
});

test('exporting what the filter finds never lists ids', async () => {
  URL.createObjectURL = () => 'blob:x';
  const { host, app } = await started();
  app.query.toggleStatus('failed', false);
  flushSync();
  await app.actions.export('csv', app.picking.subject);
  expect(asked(host, 'photos.export')[0]).toMatchObject({
    selection: { filter: { status: ['failed'] }, except: [] },
  });
});

test('a refused setting is taken back and told', async () => {
  const { host, app } = await started();
  host.failing.set('settings.set', { code: 'bad-request', message: 'no' });
  await app.preferences.change({ provider: 'cuda' });
  expect(app.preferences.settings?.provider).toBe('auto');
  expect(app.notices.items).toHaveLength(1);
});

test('inspecting asks once, steps to neighbours, and stops at the ends', async () => {
  const { host, app } = await started();
  await app.inspector.open(0);
  expect(app.inspector.overlay.map?.method).toBe('class');
  expect(app.inspector.step(-1)).toBe(false);
  expect(app.inspector.step(1)).toBe(true);
  await vi.waitFor(() => expect(app.inspector.inspection).not.toBeNull());
  expect(asked(host, 'inspect.photo')).toHaveLength(2);
});

test('changing method, layer and head needs no further inspection', async () => {
  const { host, app } = await started();
  await app.inspector.open(0);
  app.inspector.overlay.nextMethod();
  expect(app.inspector.overlay.method).toBe('cls');
  app.inspector.overlay.stepLayer(-1);
  expect(app.inspector.overlay.layer).toBe(10);
  app.inspector.overlay.showHead(3, 2);
  expect(app.inspector.overlay.map).toMatchObject({ layers: [3, 3], head: 2 });
  expect(asked(host, 'inspect.photo')).toHaveLength(1);
});

test('brackets walk a range of layers one by one and back to all', async () => {
  const { app } = await started();
  await app.inspector.open(0);
  expect(app.inspector.overlay.layers).toEqual([0, 11]);
  app.inspector.overlay.stepLayer(-1);
  expect(app.inspector.overlay.layers).toEqual([11, 11]);
  app.inspector.overlay.stepLayer(-1);
  expect(app.inspector.overlay.layers).toEqual([10, 10]);
  app.inspector.overlay.stepLayer(1);
  app.inspector.overlay.stepLayer(1);
  expect(app.inspector.overlay.layers).toEqual([0, 11]);
});

test('a failed inspection is told, and a map that can’t be drawn is not drawn', async () => {
  const { host, app } = await started();
  host.failing.set('inspect.photo', { code: 'photo-missing', message: 'gone' });
  await app.inspector.open(0);
  expect(app.inspector.failure?.code).toBe('photo-missing');
  expect(app.inspector.overlay.map).toBeNull();
  host.failing.clear();
  await app.inspector.again();
  app.inspector.inspection!.rollout!.fill(0);
  app.inspector.overlay.draw({ method: 'rollout' });
  expect(app.inspector.overlay.range).toMatchObject({ ok: false });
});

test('Escape leads out step by step', async () => {
  const { app } = await started();
  app.navigation.inspect(3);
  app.navigation.headGrid = true;
  app.navigation.back();
  expect([app.navigation.headGrid, app.inspector.position]).toEqual([false, 3]);
  app.navigation.back();
  expect([app.inspector.position, app.picked.focus]).toEqual([null, 3]);
  app.picked.replace([1]);
  app.navigation.back();
  expect(app.picked.isEmpty).toBe(true);
});

test('a step out of a photo that another page showed leads back to it', async () => {
  const { app } = await started();
  app.navigation.go('labels');
  await app.navigation.findInLibrary({ id: 4 });
  expect([app.navigation.view, app.inspector.position !== null]).toEqual(['library', true]);
  app.navigation.back();
  expect([app.navigation.view, app.inspector.position]).toEqual(['labels', null]);
  app.navigation.back();
  app.navigation.inspect(3);
  app.navigation.back();
  expect(app.navigation.view).toBe('library');
});

test('the language follows the setting, then the system; labels follow the language', async () => {
  const { app } = await started();
  const label = { id: 'cat', name: 'cat', names: { 'zh-CN': '猫' } };
  app.speech.use('system', 'zh-Hans-CN');
  expect([app.speech.language, app.speech.label(label)]).toEqual(['zh-CN', '猫']);
  app.speech.use('en', 'zh-CN');
  expect(app.speech.label(label)).toBe('cat');
  app.speech.use('system', 'fr');
  expect(app.speech.language).toBe('en');
});

test('what is seen in a photo is seen anew where its file, the model or the labels are other ones', async () => {
  const { host, app } = await started();
  host.models.push({ ...model, id: 'other', name: 'Other' });
  const { inspector } = app;
  const inspected = () => asked(host, 'inspect.photo').length;
  const shown = async (photoId: number) => {
    app.navigation.inspect(photoId - 1);
    await inspector.opened;
    await inspector.looking.ask({ patch: 3 });
    await inspector.curves.measure(4);
    inspector.trial.drawTo({ row: 0, column: 0 });
    inspector.trial.endStroke();
    expect([inspector.looking.attended, inspector.curves.measured, inspector.trial.active]).not.toContain(
      null,
    );
    return inspected();
  };
  const isAnew = async (before: number) => {
    await vi.waitFor(() => expect(inspected()).toBe(before + 1));
    await inspector.opened;
    expect([inspector.stale, inspector.position]).toEqual([false, 1]);
    expect([inspector.looking.attended, inspector.curves.measured, inspector.trial.active]).toEqual([null, null, false]); // prettier-ignore
  };

  let before = await shown(2);
  host.edited(2);
  await isAnew(before);
  expect([inspector.photo?.version, inspector.photo?.map]).toEqual(['v1 edited', null]);

  before = await shown(2);
  await app.actions.useModel('other');
  await isAnew(before);
  expect(inspector.inspection?.model).toBe('other');

  before = await shown(2);
  host.words.heads = [{ ...host.words.heads[0]!, id: 7, name: 'mine' }];
  host.headsChanged();
  await isAnew(before);

  // Another photo's file, or another setting, is none of its business.
  before = await shown(2);
  host.edited(3);
  await app.preferences.change({ theme: 'dark' });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(inspected()).toBe(before);
});

test('a photo that was not found while its folder was renamed is inspected where it is then', async () => {
  const { host, app } = await started();
  const { inspector } = app;
  host.failing.set('inspect.photo', { code: 'missing-file', message: 'There is nothing there (any more).' });
  app.navigation.inspect(1);
  await inspector.opened;
  expect(inspector.failure?.code).toBe('missing-file');
  host.failing.clear();
  host.renamed(2, '/home/ada/Renamed/2.jpg');
  await vi.waitFor(() =>
    expect([inspector.failure, inspector.inspection]).toEqual([null, expect.anything()]),
  );
  // Where it was seen before, nothing is asked again.
  const times = asked(host, 'inspect.photo').length;
  host.renamed(2, '/home/ada/Again/2.jpg');
  await vi.waitFor(() => expect(inspector.detail?.path).toBe('/home/ada/Again/2.jpg'));
  expect(asked(host, 'inspect.photo')).toHaveLength(times);
});

test('evidence for a set beside the one in use is let go of where that is removed or taught again elsewhere', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  const mine = { ...own, id: 7, name: 'mine', kind: 'taught' as const, inUse: false };
  const explains = async () => {
    await app.inspector.open(0);
    await app.inspector.explainOf(7, 1);
    expect(app.inspector.headId).toBe(7);
  };
  host.words.heads = [own, mine];
  await app.heads.refresh();
  await explains();
  host.words.heads = [own, { ...mine, version: mine.version + 1 }];
  host.headsChanged();
  await vi.waitFor(() => expect(app.inspector.headId).toBeUndefined());
  await explains();
  host.words.heads = [own];
  host.headsChanged();
  await vi.waitFor(() => expect(app.inspector.headId).toBeUndefined());
});

test('labels that the list is narrowed to are let go of with their set, also where the page asked for the sets before', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  app.query.labels = [3];
  host.words.heads = [
    { ...own, inUse: false },
    { ...own, id: 7, name: 'mine', kind: 'taught' },
  ];
  // As by the page of a set that is put into use, whose question is answered before the change is told.
  await app.heads.refresh();
  host.headsChanged();
  await vi.waitFor(() => expect(app.query.labels).toEqual([]));
});

test('a review of one label begins anew where another set comes into use, whose labels have other numbers', async () => {
  const { host, app } = await started();
  const own = host.words.heads[0]!;
  host.words.heads = [own];
  await app.heads.refresh();
  app.navigation.goLabels('review');
  app.review.label = 3;
  await app.review.open('sample');
  const before = asked(host, 'review.queue').length;
  host.words.heads = [
    { ...own, inUse: false },
    { ...own, id: 7, name: 'mine', kind: 'taught' },
  ];
  host.headsChanged();
  await vi.waitFor(() => expect(asked(host, 'review.queue')).toHaveLength(before + 1));
  expect(asked(host, 'review.queue').at(-1)).toMatchObject({ queue: 'sample', label: undefined });
  expect(app.review.label).toBeNull();
  // A word teaches the same set again: the queue goes on.
  app.review.label = 1;
  host.words.heads = host.words.heads.map((head) => ({ ...head, version: head.version + 1 }));
  host.headsChanged();
  await vi.waitFor(() => expect(app.heads.inUse?.version).toBe(own.version + 1));
  expect([app.review.label, asked(host, 'review.queue').length]).toEqual([1, before + 1]);
});

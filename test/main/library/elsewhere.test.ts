/** What another process, such as the command line, changes while a window is open. */
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import { reviewAct } from '../../../main/library/labels/review.ts';
import { classifyPaths, makeModel, makePlace, openLibrary, writePhotos, type Asked } from './setup.ts';

type Changed = Extract<Asked['heard'][number], { name: 'library.changed' }>['payload'];

/** Until a change of such a kind is told. */
async function told(library: Asked, from: number, kind: keyof Changed): Promise<void> {
  const heard = () =>
    library.heard.slice(from).some((event) => event.name === 'library.changed' && event.payload[kind]);
  while (!heard()) await sleep(20);
}

test(
  'a window is told of labels, sets and models that another process changes',
  { timeout: 30_000 },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, { 'cat.jpg': '3 of 1', 'dog.jpg': '7 of 2' });
    const window = await openLibrary(place, { window: true });
    await window.scan();
    await window.runAll();
    const beside = await openLibrary(place);
    const [cat] = await beside.items();

    let from = window.heard.length;
    await beside.call('photos.setOwnLabel', { selection: { ids: [cat!.id] }, label: 'Mine' });
    await told(window, from, 'labels');

    from = window.heard.length;
    makeModel(join(place.home, 'models', 'second'), 'second', 'b');
    await told(window, from, 'models');
    const { items } = await window.call('models.list', {});
    assert.deepEqual(items.map(({ id }) => id), ['starter', 'second']); // prettier-ignore
  },
);

test(
  'a folder that the window removes while a command classifies it takes no answer from that',
  { timeout: 30_000 },
  async (t) => {
    const place = makePlace(t);
    const photos = Array.from({ length: 9 }, (_, i) => [`${i}.jpg`, `${i}`]);
    writePhotos(place, Object.fromEntries(photos));
    const window = await openLibrary(place, { window: true });
    const folderId = await window.scan();
    const beside = await openLibrary(place);
    const { jobId } = await beside.call('internal.classify', {
      ...{ paths: [place.photos], recursive: true, topK: 1, map: null, retryFailed: false, again: false },
    });
    const count = (table: 'contents' | 'results') => {
      const catalog = openCatalog(join(place.home, 'catalog.sqlite'));
      try {
        return catalog.one<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)!.n;
      } finally {
        catalog.close();
      }
    };
    while (count('results') < 9) await sleep(5);
    await window.call('folders.remove', { folderId });
    // What comes now has the numbers of what is dropped.
    const others = photos.map(([name], i) => [`others/${name}`, `${i + 23}`]);
    writePhotos(place, Object.fromEntries(others));
    await classifyPaths(window, { paths: [join(place.photos, 'others')] });
    const { items } = await beside.call('internal.results', { jobId, limit: 20 });
    assert.deepEqual(
      items.map((item) => (item.status === 'ok' ? item.labels[0]!.label.name : item.error.message)),
      photos.map(([, content]) => `class ${content}`),
    );
    await beside.close();
    assert.equal(count('contents'), 18);
    // Alone, it keeps nothing that no file has.
    await window.call('folders.remove', { folderId: await window.scan() });
    assert.equal(count('contents'), 9);
  },
);

test(
  'a folder that another window adds is watched when that one is gone, and one that it removes no more',
  { timeout: 60_000 },
  async (t) => {
    const place = makePlace(t);
    const window = await openLibrary(place, { window: true });
    const beside = await openLibrary(place, { window: true });
    writePhotos(place, { 'cat.jpg': '3 of 1' });
    const folderId = await beside.scan();
    // Taken up once nobody has written for a while.
    while (!window.heard.some(({ name, payload }) => name === 'scan.progress' && payload.done))
      await sleep(50);
    await beside.close();
    writePhotos(place, { 'dog.jpg': '7 of 2' });
    while ((await window.items()).length < 2) await sleep(50);

    const other = await openLibrary(place);
    await other.call('folders.remove', { folderId });
    writePhotos(place, { 'owl.jpg': '9 of 2' });
    await sleep(3000);
    assert.deepEqual(await window.items(), []);
    const told = window.heard.flatMap((event) =>
      event.name === 'notice' ? event.payload.failure.message : [],
    );
    assert.deepEqual(told, []);
  },
);

test('a model with which another process classifies is not removed', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'second'), 'second', 'b');
  writePhotos(place, { 'cat.jpg': '3 of 1', 'dog.jpg': '7 of 2' });
  const window = await openLibrary(place, { window: true });
  await window.scan();
  await window.call('settings.set', { model: 'second' });
  await window.call('runs.start', {
    selection: { filter: {}, except: [] },
    again: false,
    retryFailed: false,
  });
  await window.call('runs.pause', {});
  await window.call('settings.set', { model: 'starter' });
  const beside = await openLibrary(place);
  const remove = () => beside.call('models.remove', { modelId: 'second' });
  await assert.rejects(remove(), { code: 'model-in-use' });
  await window.call('runs.cancel', {});
  await remove();
});

test('what the window does itself is told once, and nothing is told while nobody does anything', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'cat.jpg': '3 of 1' });
  const window = await openLibrary(place, { window: true });
  await window.scan();
  await window.runAll();
  await sleep(1500);
  const from = window.heard.length;
  await window.call('settings.set', { topK: 4 });
  await sleep(2500);
  const told = window.heard.slice(from).filter(({ name }) => name === 'library.changed');
  assert.deepEqual(told.map(({ payload }) => payload), [
    { folders: false, photos: false, labels: false, heads: false, models: false, settings: true },
  ]); // prettier-ignore
});

/** Waits. In how many versions is not asked: a busy machine may well leave a window time between two photos. */
async function taughtOf(library: Asked, examples: number) {
  for (;;) {
    const head = (await library.call('heads.list', {})).items.find(({ name }) => name === 'ours');
    const { origin } = head ? await library.call('heads.show', { headId: head.id }) : {};
    if (origin?.from === 'examples' && origin.examples === examples) return;
    await sleep(20);
  }
}

test(
  'a set that follows words follows those that another process takes down, at once or when a window opens',
  { timeout: 60_000 },
  async (t) => {
    const place = makePlace(t);
    const photos = Array.from({ length: 14 }, (_, i) => [`${i}.jpg`, `${i % 2 ? 3 : 7} of ${i}`]);
    writePhotos(place, Object.fromEntries(photos));
    const window = await openLibrary(place, { window: true });
    await window.scan();
    await window.runAll();
    const ids = (await window.items()).map(({ id }) => id);
    const label = (of: number) => (of % 2 ? 'our boat' : 'our cat');
    for (const [i, id] of ids.slice(0, 10).entries())
      await window.call('photos.setOwnLabel', { selection: { ids: [id] }, label: label(i) });
    await window.call('heads.teach', { name: 'ours', source: { from: 'person' }, use: true });
    await taughtOf(window, 10);
    // As by a command that ends before anything is taught.
    const beside = openCatalog(join(place.home, 'catalog.sqlite'));
    place.closing.unshift(async () => beside.close());
    const say = (i: number) =>
      reviewAct(beside, { selection: { ids: [ids[i]!] }, act: { kind: 'label', labels: [label(i)] } });
    say(10);
    await taughtOf(window, 11);
    await window.close();
    say(11);
    await taughtOf(await openLibrary(place, { window: true }), 12);
  },
);

test(
  'a set that follows words is taught again once another process has seen photos that had words',
  { timeout: 60_000 },
  async (t) => {
    const place = makePlace(t);
    const photos = Array.from({ length: 12 }, (_, i) => [`${i}.jpg`, `${i % 2 ? 3 : 7} of ${i}`]);
    writePhotos(place, Object.fromEntries(photos));
    const window = await openLibrary(place, { window: true });
    const folderId = await window.scan();
    await window.runAll();
    const late = ['12.jpg', '13.jpg', '14.jpg'];
    writePhotos(place, Object.fromEntries(late.map((name, i) => [name, `${i % 2 ? 3 : 7} of late ${i}`])));
    await window.call('folders.rescan', { folderId });
    while ((await window.items()).length < 15) await sleep(20);
    for (const { id, name } of await window.items()) {
      const label = Number.parseInt(name, 10) % 2 ? 'our boat' : 'our cat';
      await window.call('photos.setOwnLabel', { selection: { ids: [id] }, label });
    }
    // Teaching would look at them itself, were they not away then.
    for (const name of late) renameSync(join(place.photos, name), join(place.folder, name));
    await window.call('heads.teach', { name: 'ours', source: { from: 'person' }, use: true });
    await taughtOf(window, 12);
    const seenBeside = async (name: string) => {
      renameSync(join(place.folder, name), join(place.photos, name));
      const beside = await openLibrary(place);
      await classifyPaths(beside, { paths: [join(place.photos, name)] });
      await beside.close();
    };
    await seenBeside('12.jpg');
    await seenBeside('13.jpg');
    await taughtOf(window, 14);
    await window.close();
    await seenBeside('14.jpg');
    await taughtOf(await openLibrary(place, { window: true }), 15);
  },
);

import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { verbs } from '../../../main/contract/verbs.ts';
import { internalVerbs } from '../../../main/contract/internal.ts';
import { createLibrary } from '../../../main/library/library.ts';
import { answer, caller } from '../../../main/rpc/calls.ts';
import type { SaccadeError } from '../../../models/error.ts';
import { brokenRequest, seeded, verbNames } from '../broker/requests.ts';
import { portPair } from '../rpc/pair.ts';
import { inferenceStandIn } from './inference-stand-in.ts';
import { makeModel, makePlace, openLibrary, writePhotos } from './setup.ts';

const byName = { key: 'name', descending: false } as const;
const libraryVerbs = Object.entries(verbs)
  .filter(([, { served }]) => served === 'library')
  .map(([name]) => name);

test('every library verb of the contract and every internal one has a handler', () => {
  const { handlers } = createLibrary(inferenceStandIn(), () => {});
  const expected = [...libraryVerbs, ...Object.keys(internalVerbs)].sort();
  assert.deepEqual(Object.keys(handlers).sort(), expected);
});

test('malformed requests are refused with a sentence, and the library lives on', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place);
  const call = library.call as (name: string, request: unknown) => Promise<unknown>;
  const rubbish = [
    null,
    7,
    'x',
    [],
    { confirm: 'no', photoId: -1, path: '', limit: 0 },
    { __proto__: null, odd: 1 },
  ];
  for (const name of [...libraryVerbs, ...Object.keys(internalVerbs)])
    for (const request of rubbish) await assert.rejects(call(name, request), { code: 'bad-request' }, name);
  const random = seeded(3);
  let refused = 0;
  for (const verb of verbNames.filter((name) => verbs[name].served === 'library'))
    for (let round = 0; round < 30; round++) {
      const request = brokenRequest(random, verb);
      // Chance makes some that are sound.
      if (verbs[verb].request.safeParse(request).success) continue;
      refused++;
      await assert.rejects(
        call(verb, request),
        ({ code, message }: SaccadeError) =>
          code === 'bad-request' &&
          message.length < 700 &&
          /^The request of \S+ is not what its schema expects: \S/.test(message),
      );
    }
  assert.ok(refused > 500, `only ${refused} were refused`);
  await assert.rejects(call('photos.steal', {}), { code: 'unknown-verb' });
  await assert.rejects(call('toString', {}), { code: 'unknown-verb' });
  assert.equal((await library.call('photos.count', { filter: {} })).total, 0);
});

test('before it is opened every verb says so', async () => {
  const [near, far] = portPair();
  answer(far, createLibrary(inferenceStandIn(), () => {}).handlers);
  const calls = caller<{ 'settings.get'(request: object): unknown }>(near);
  await assert.rejects(calls.call('settings.get', {}), { code: 'not-open' });
});

test('what does not exist is named', async (t) => {
  const library = await openLibrary(makePlace(t));
  await assert.rejects(library.call('photos.get', { photoId: 99 }), { code: 'no-such-photo' });
  await assert.rejects(library.call('folders.rescan', { folderId: 99 }), { code: 'no-such-folder' });
  await assert.rejects(library.call('photos.page', { filter: { folderId: 9 }, sort: byName, limit: 1 }), {
    code: 'no-such-folder',
  });
  await assert.rejects(library.call('models.show', { modelId: 'none' }), { code: 'no-model' });
  await assert.rejects(library.call('settings.set', { model: 'none' }), { code: 'no-model' });
  await assert.rejects(library.call('internal.results', { jobId: 5, limit: 1 }), { code: 'no-job' });
});

test('settings stay, and only what was named changes', async (t) => {
  const place = makePlace(t);
  const first = await openLibrary(place);
  const before = await first.call('settings.get', {});
  await first.call('settings.set', { theme: 'dark', topK: 9 });
  await first.close();
  const second = await openLibrary(place);
  assert.deepEqual(await second.call('settings.get', {}), { ...before, theme: 'dark', topK: 9 });
});

test('a person’s own label is kept through a classification, searchable, and can be taken back', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2', 'c.jpg': '3' });
  const library = await openLibrary(place);
  await library.scan();
  const [a] = await library.items();
  const selection = { filter: {}, except: [a!.id] };
  await library.call('photos.setOwnLabel', { selection, label: '祖母 Ångström' });
  await library.runAll();
  const found = await library.items({ search: 'ångs' });
  assert.deepEqual(
    found.map(({ name, ownLabel, top }) => [name, ownLabel, top?.index]),
    [
      ['b.jpg', '祖母 Ångström', 2],
      ['c.jpg', '祖母 Ångström', 3],
    ],
  );
  assert.equal((await library.items({ search: '祖' })).length, 2);
  await library.call('photos.setOwnLabel', { selection: { ids: [found[0]!.id] }, label: null });
  assert.deepEqual(
    (await library.items({ search: '祖母' })).map(({ name }) => name),
    ['c.jpg'],
  );
});

test('a folder is searched by its path from the root on, not by what lies above', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'Été/Lisbon/a.jpg': '7', 'b.jpg': '8' });
  const library = await openLibrary(place);
  await library.scan();
  const names = async (search: string) => (await library.items({ search })).map(({ name }) => name);
  assert.deepEqual(await names('lis'), ['a.jpg']);
  assert.deepEqual(await names('e\u0301té'.toUpperCase()), ['a.jpg']);
  assert.deepEqual(await names('photos/été/li'), ['a.jpg']);
  assert.deepEqual(await names(basename(place.photos)), ['a.jpg', 'b.jpg']);
  assert.deepEqual(await names(basename(place.folder)), []);
});

test('labels are found in the other language too', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '7', 'b.jpg': '8' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  assert.deepEqual(
    (await library.items({ search: '猫咪' })).map(({ name }) => name),
    ['a.jpg'],
  );
  assert.deepEqual(
    (await library.items({ search: 'class 8' })).map(({ name }) => name),
    ['b.jpg'],
  );
});

test('an export tells every photo once, as CSV a spreadsheet can’t be tricked by and as JSON lines', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { '=cmd|"x".jpg': '1', 'b,c.jpg': 'bad', 'line\nbreak.jpg': '2 unsure' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const request = { selection: { filter: {}, except: [] }, sort: byName };
  const csv = await library.call('photos.export', { ...request, format: 'csv' });
  assert.equal(csv.next, null);
  const path = (name: string) => join(place.photos, name);
  const table = parse(csv.text, { columns: true }) as Record<string, string>[];
  assert.deepEqual(
    table.map((row) => [row.path, row.status, row.unsure, row.label_1, row.error_code]),
    [
      [path('=cmd|"x".jpg'), 'ok', 'false', 'class 1', ''],
      [path('b,c.jpg'), 'error', '', '', 'corrupt-image'],
      [path('line\nbreak.jpg'), 'ok', 'true', 'class 2', ''],
    ],
  );
  const jsonl = await library.call('photos.export', { ...request, format: 'jsonl' });
  const records = jsonl.text
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { path: string; status: string; unsure?: true; labels?: { label: string }[] },
    );
  assert.deepEqual(
    records.map(({ path: where, status, unsure }) => [where, status, unsure]),
    [
      [path('=cmd|"x".jpg'), 'ok', undefined],
      [path('b,c.jpg'), 'error', undefined],
      [path('line\nbreak.jpg'), 'ok', true],
    ],
  );
  assert.deepEqual(
    records[0]?.labels?.map(({ label }) => label),
    [1, 2, 3, 4, 5].map((i) => `class ${i}`),
  );
});

test('deleting all data leaves photos and models, and an empty library that works', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  await library.call('settings.set', { theme: 'dark' });
  await library.call('data.deleteAll', { confirm: 'delete' });
  assert.deepEqual(await library.items(), []);
  assert.equal((await library.call('settings.get', {})).theme, 'system');
  assert.equal((await library.call('models.list', {})).items.length, 2);
  assert.ok(existsSync(join(place.photos, 'a.jpg')));
  await library.scan();
  assert.equal((await library.runAll()).known, 0);
});

test('a library that shall not remember writes no catalog', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place, { remember: false });
  await library.scan();
  assert.equal((await library.runAll()).done, 1);
  assert.ok(!existsSync(place.home));
});

test('a model is shown, and not removed while it is in use', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writeFileSync(join(place.home, 'models', 'other', 'CARD.md'), '# Other');
  const library = await openLibrary(place);
  const { items } = await library.call('models.list', {});
  assert.deepEqual(
    items.map(({ id, builtIn, classes }) => [id, builtIn, classes]),
    [
      ['starter', true, 20],
      ['other', false, 20],
    ],
  );
  assert.equal((await library.call('models.show', { modelId: 'other' })).sha256, 'b'.repeat(64));
  await library.call('settings.set', { model: 'other' });
  await assert.rejects(library.call('models.remove', { modelId: 'other' }), { code: 'model-in-use' });
  await library.call('settings.set', { model: 'starter' });
  await library.call('models.remove', { modelId: 'other' });
  assert.equal((await library.call('models.list', {})).items.length, 1);
  await assert.rejects(library.call('models.remove', { modelId: 'starter' }), { code: 'built-in-model' });
});

test('a model whose weights or folder are gone says so where it is looked at', async (t) => {
  const place = makePlace(t);
  const other = join(place.home, 'models', 'other');
  makeModel(other, 'other', 'b');
  const library = await openLibrary(place);
  const check = async () => (await library.call('models.check', { modelId: 'other' })).failure;
  const gone = await check();
  assert.equal(gone?.code, 'weights-gone');
  assert.match(gone.message, /model\.safetensors.*Put it back, import the model again/);
  writeFileSync(join(other, 'model.safetensors'), 'longer');
  assert.equal((await check())?.code, 'weights-changed');
  rmSync(other, { recursive: true });
  assert.equal((await check())?.code, 'no-model');
});

test('labels of a model that is gone are still named', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writePhotos(place, { 'a.jpg': '7' });
  const library = await openLibrary(place);
  await library.scan();
  await library.call('settings.set', { model: 'other' });
  await library.runAll();
  const item = async () => (await library.items())[0]!;
  assert.equal((await item()).top?.label.name, 'class 7');
  await library.call('settings.set', { model: 'starter' });
  assert.equal((await item()).top, null);
});

test('a keyword of a file, and what is looked for, are taken however long they are', async (t) => {
  const library = await openLibrary(makePlace(t));
  const [long, far] = ['k'.repeat(300), 's'.repeat(700)];
  const filter = { keywords: [long], search: far };
  assert.deepEqual(await library.call('photos.count', { filter }), { total: 0 });
  assert.deepEqual(await library.call('photos.suggest', { word: far, limit: 5 }), { items: [] });
  const { act } = await library.call('searches.save', { name: 'far', words: far });
  assert.equal(act.kind, 'save-search');
});

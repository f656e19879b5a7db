/** Data folders are joined: what computers found out, and what people said; nothing is lost without a word. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import type { MergeReport } from '../../../../main/contract/entities/merge.ts';
import type { Request } from '../../../../main/contract/verbs.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { classifyPaths, makePlace, openLibrary, writePhotos, type Asked, type Place } from '../setup.ts';

const photos = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i % 3}/${i}.jpg`, `${i % 20} photo ${i}`]));

/** Another data folder of the same photos; closed when it answers. */
async function other(
  place: Place,
  name: string,
  work: (library: Asked) => Promise<unknown>,
): Promise<string> {
  const home = join(place.folder, name);
  const library = await openLibrary({ ...place, home }, { window: false });
  await work(library);
  await library.close();
  return home;
}

const merge = (library: Asked, folder: string): Promise<MergeReport> =>
  library.call('internal.merge', { folder });

function rows(home: string): unknown {
  const catalog = new Database(join(home, 'catalog.sqlite'), { readonly: true });
  const found = catalog
    .prepare(
      `SELECT hex(c.hash) AS hash, r.label, r.probability, hex(r.top) AS top, hex(r.map) AS map, hex(f.vector) AS vector,
         c.width, c.height FROM results r JOIN contents c ON c.id = r.content_id
       LEFT JOIN features f ON f.content_id = r.content_id AND f.key_id = r.key_id ORDER BY c.hash`,
    )
    .all();
  catalog.close();
  return found;
}

test('four shards joined are what one machine finds out, and nothing is computed again', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...photos(40), 'bad.jpg': 'bad' });
  const paths = [place.photos];
  const alone = await other(place, 'alone', (library) => classifyPaths(library, { paths }));
  for (const index of [1, 2, 3, 4])
    await other(place, `shards/${index}-of-4`, (library) =>
      classifyPaths(library, { paths, shard: { index, count: 4 } }),
    );
  let decoded = 0;
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode: () => decoded++ }) });
  const { folders } = await library.call('internal.dataFolders', { path: join(place.folder, 'shards') });
  assert.deepEqual(folders.map((folder) => folder.slice(-6)), ['1-of-4', '2-of-4', '3-of-4', '4-of-4']); // prettier-ignore
  const reports: MergeReport[] = [];
  for (const folder of folders) reports.push(await merge(library, folder));
  assert.equal(reports.reduce((sum, { answers }) => sum + answers.added, 0), 41); // prettier-ignore
  assert.deepEqual(reports.map(({ shard }) => shard), [1, 2, 3, 4].map((index) => ({ index, count: 4, finished: true }))); // prettier-ignore
  assert.deepEqual(reports.flatMap(({ conflicts }) => conflicts), []); // prettier-ignore
  const { progress } = await classifyPaths(library, { paths });
  assert.deepEqual([progress.known, progress.failed, decoded], [40, 1, 0]);
  for (const folder of folders) {
    const again = await merge(library, folder);
    assert.deepEqual([again.answers.added, again.answers.improved], [0, 0]);
  }
  await library.close();
  assert.deepEqual(rows(place.home), rows(alone));
});

test('a shard that was cut off says so', async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(20));
  const cut = await other(place, 'cut', async (library) => {
    const { jobId } = await library.call('internal.classify', {
      ...{ paths: [place.photos], recursive: true, topK: 3, map: null, retryFailed: false, again: false },
      shard: { index: 2, count: 3 },
    });
    await library.call('internal.stop', { jobId });
  });
  const library = await openLibrary(place);
  assert.deepEqual((await merge(library, cut)).shard, { index: 2, count: 3, finished: false });
});

test('folders, words and heads of another library come along; what both say is kept as ours, and told', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...photos(30), 'edited.jpg': '5 before' });
  const label = async (library: Asked, name: string, text: string) => {
    const found = (await library.items()).find((item) => item.name === name)!;
    await library.call('review.act', {
      selection: { ids: [found.id] },
      act: { kind: 'label', labels: [text] },
    });
  };
  const live = async (library: Asked, words: Record<string, string>, patterns: string) => {
    const folderId = await library.scan();
    await library.runAll();
    for (const [name, text] of Object.entries(words)) await label(library, name, text);
    await library.call('folders.setPatterns', { folderId, patterns });
  };
  const teach = async (library: Asked, name: string) => {
    await library.call('heads.teach', { name, source: { from: 'person' } });
    return library.teachingEnds();
  };
  const words = Object.fromEntries(
    Array.from({ length: 24 }, (_, i) => [`${i}.jpg`, i % 2 ? 'odd' : 'even']),
  );
  const theirs = await other(place, 'theirs', async (library) => {
    await live(library, { ...words, 'edited.jpg': 'old picture', '29.jpg': 'boat' }, '*.png');
    assert.equal((await teach(library, 'parity')).state, 'finished');
  });
  writeFileSync(join(place.photos, 'edited.jpg'), '6 after, and of another size');
  const library = await openLibrary(place);
  await live(library, { '29.jpg': 'ship', '0.jpg': 'even' }, '*.gif');
  const report = await merge(library, theirs);
  assert.deepEqual(report.person, { folders: 0, photos: 23, heads: 1 });
  const told = report.conflicts.map(({ about, of, ours, theirs: said }) => [
    about,
    of.split('/').at(-1),
    ours,
    said,
  ]);
  assert.deepEqual(told, [
    ['patterns', 'photos', '*.gif', '*.png'],
    ['picture', 'edited.jpg', 'another picture', 'old picture'],
    ['words', '29.jpg', 'ship', 'boat'],
  ]);
  const now = new Map((await library.items()).map(({ name, ownLabel }) => [name, ownLabel]));
  assert.deepEqual([now.get('29.jpg'), now.get('3.jpg'), now.get('4.jpg'), now.get('edited.jpg')], ['ship', 'odd', 'even', null]); // prettier-ignore
  const { items } = await library.call('heads.list', {});
  assert.deepEqual(items.filter(({ id }) => id !== null).map(({ name }) => name), ['parity']); // prettier-ignore
  const found = await library.call('photos.page', { filter: { search: 'odd' }, sort: { key: 'name', descending: false }, limit: 100 }); // prettier-ignore
  assert.equal(found.total, 12, 'words are found');
  assert.deepEqual((await merge(library, theirs)).person, { folders: 0, photos: 0, heads: 0 });
  // Another head of that name comes in beside it.
  const third = await other(place, 'third', async (each) => {
    await live(each, { ...words, '1.jpg': 'even' }, '');
    await teach(each, 'Parity');
  });
  const beside = await merge(library, third);
  assert.deepEqual(beside.conflicts.find(({ about }) => about === 'head'), { about: 'head', of: 'Parity', ours: 'Parity', theirs: 'Parity (2)' }); // prettier-ignore
});

test('words on a photo that neither library has read stay away from another file of its name', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'same.jpg': '3 same', 'edited.jpg': '5 before' });
  const theirs = await other(place, 'theirs', async (library) => {
    await library.scan();
    await library.call('review.act', {
      selection: { filter: {}, except: [] },
      act: { kind: 'label', labels: ['boat'] },
    });
  });
  writeFileSync(join(place.photos, 'edited.jpg'), '6 after, and of another size');
  const library = await openLibrary(place);
  await library.scan();
  const { conflicts } = await merge(library, theirs);
  assert.deepEqual(conflicts.map(({ about, ours, theirs: said }) => [about, ours, said]), [['picture', 'another picture', 'boat']]); // prettier-ignore
  const now = Object.fromEntries((await library.items()).map(({ name, ownLabel }) => [name, ownLabel]));
  assert.deepEqual(now, { 'edited.jpg': null, 'same.jpg': 'boat' });
});

test('what came is one act that can be undone; what was removed or taken back here stays so, and settings are kept', async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(6));
  const label = (library: Asked, name: string, act: Request<'review.act'>['act']) =>
    library.items().then((items) =>
      library.call('review.act', {
        selection: { ids: items.filter((item) => item.name === name).map(({ id }) => id) },
        act,
      }),
    );
  const live = async (library: Asked) => {
    await library.scan();
    await library.runAll();
  };
  const head = (home: string, removed: boolean) => {
    const catalog = openCatalog(join(home, 'catalog.sqlite'));
    catalog.exec(`INSERT INTO heads (id, name, model_hash, version, removed_ms) VALUES (7, 'parity', 'h', 1, ${removed ? 5 : 'NULL'});
      INSERT INTO head_versions (head_id, version, created_ms, manifest, weights) VALUES (7, 1, 1, '{}', x'00')`);
    catalog.close();
  };
  const theirs = await other(place, 'theirs', async (library) => {
    await live(library);
    for (const name of ['1.jpg', '2.jpg', '3.jpg'])
      await label(library, name, { kind: 'label', labels: ['boat'] });
    await library.call('settings.set', { topK: 9, language: 'zh-CN' });
  });
  head(theirs, false);
  const before = await openLibrary(place);
  await live(before);
  await label(before, '3.jpg', { kind: 'label', labels: ['ship'] });
  await label(before, '3.jpg', { kind: 'clear' });
  await before.close();
  head(place.home, true);
  const library = await openLibrary(place);
  const report = await merge(library, theirs);
  assert.deepEqual(report.person, { folders: 0, photos: 2, heads: 0 });
  assert.deepEqual(report.conflicts.map(({ about, of, ours, theirs: said }) => [about, of.split('/').at(-1), ours, said]), [
    ['setting', 'topK', '5', '9'],
    ['words', '3.jpg', '', 'boat'],
    ['head', 'parity', null, 'parity'],
  ]); // prettier-ignore
  const { topK, language } = await library.call('settings.get', {});
  assert.deepEqual([topK, language], [5, 'system']);
  const said = async () => Object.fromEntries((await library.items()).flatMap(({ name, ownLabel }) => (ownLabel ? [[name, ownLabel]] : []))); // prettier-ignore
  const joined = { '1.jpg': 'boat', '2.jpg': 'boat' };
  assert.deepEqual(await said(), joined);
  const { items } = await library.call('review.history', { limit: 10 });
  assert.deepEqual(items.map(({ kind, about, photos: count }) => [kind, about, count]).at(0), ['import', [theirs], 2]); // prettier-ignore
  await library.call('review.undo', {});
  assert.deepEqual(await said(), {});
  assert.deepEqual(
    (await merge(library, theirs)).person,
    { folders: 0, photos: 2, heads: 0 },
    'and come again',
  );
  assert.deepEqual(await said(), joined);
  assert.deepEqual((await merge(library, theirs)).person, { folders: 0, photos: 0, heads: 0 });
});

test('an empty library that another is joined into shows its photos, labels and folders', async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(12));
  let before: unknown;
  const seen = async (library: Asked) =>
    (await library.items()).map(({ name, status, top, ownLabel }) => [name, status, top?.index, ownLabel]);
  const theirs = await other(place, 'theirs', async (library) => {
    await library.scan();
    await library.runAll();
    await library.call('photos.setOwnLabel', { selection: { filter: { search: '7.jpg' }, except: [] }, label: 'Grandmother' }); // prettier-ignore
    before = await seen(library);
  });
  const library = await openLibrary(place);
  await merge(library, theirs);
  assert.deepEqual(await seen(library), before);
  const { items } = await library.call('folders.children', { parentId: null, limit: 10 });
  assert.deepEqual(items.map(({ path, photos: count }) => [path, count]), [[place.photos, 12]]); // prettier-ignore
});

test('photos of the library that were classified by path elsewhere are answered', async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(9));
  const shard = await other(place, 'shard', (library) => classifyPaths(library, { paths: [place.photos] }));
  let decoded = 0;
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode: () => decoded++ }) });
  await library.scan();
  await merge(library, shard);
  assert.equal((await library.call('internal.strays', {})).count, 0);
  assert.deepEqual(new Set((await library.items()).map(({ status }) => status)), new Set(['ok']));
  const { known } = await library.runAll();
  assert.deepEqual([known, decoded], [9, 0]);
});

test('a failure gives way to an answer, and fewer labels to more', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3', 'b.jpg': '4' });
  const paths = [place.photos];
  const better = await other(place, 'better', (library) => classifyPaths(library, { paths, topK: 12 }));
  const library = await openLibrary(place);
  await classifyPaths(library, { paths, topK: 2 });
  const report = await merge(library, better);
  assert.deepEqual(report.answers, { added: 0, improved: 2, known: 0 });
  const { items, progress } = await classifyPaths(library, { paths, topK: 12 });
  assert.deepEqual([progress.known, items.map((item) => item.status === 'ok' && item.labels.length)], [2, [12, 12]]); // prettier-ignore
});

test('catalogs that are newer, damaged, in use or not there are refused by a sentence; nothing of them is taken', async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(6));
  const made = (name: string) =>
    other(place, name, (library) => classifyPaths(library, { paths: [place.photos] }));
  const newer = await made('newer');
  const ahead = new Database(join(newer, 'catalog.sqlite'));
  ahead.pragma(`user_version = ${migrations.length + 1}`);
  ahead.close();
  const damaged = await made('damaged');
  const bytes = readFileSync(join(damaged, 'catalog.sqlite'));
  bytes.fill(0x5a, 4096 * 3, 4096 * 9);
  writeFileSync(join(damaged, 'catalog.sqlite'), bytes);
  const rubbish = await made('rubbish');
  writeFileSync(join(rubbish, 'catalog.sqlite'), 'This is no catalog. '.repeat(500));
  const busy = await openLibrary({ ...place, home: join(place.folder, 'busy') });
  const library = await openLibrary(place);
  const refused: [string, RegExp][] = [
    [newer, /^Expected .*newer.catalog\.sqlite of version \d+ or older, found \d+: a newer Saccade wrote it/],
    [damaged, /^Expected .*damaged.catalog\.sqlite to be a whole catalog; .*Nothing of it was joined/],
    [rubbish, /^Expected .*rubbish.catalog\.sqlite to be a whole catalog; it can't be read/],
    [join(place.folder, 'busy'), /another Saccade has it open/],
    [place.home, /is that one\. Set SACCADE_HOME/],
  ];
  for (const [folder, said] of refused)
    await assert.rejects(merge(library, folder), (error: Error) => said.test(error.message) || assert.fail(error.message)); // prettier-ignore
  await assert.rejects(library.call('internal.dataFolders', { path: place.photos }), /there is no catalog\.sqlite/); // prettier-ignore
  await busy.close();
  assert.equal((await library.call('internal.strays', {})).count, 0);
  assert.deepEqual(readdirSync(place.home).filter((name) => name.startsWith('merging')), []); // prettier-ignore
  assert.equal((await merge(library, join(place.folder, 'busy'))).answers.added, 0, 'once it is closed');
});

test('a catalog of an earlier version is joined, and left as it was', async (t) => {
  const place = makePlace(t);
  const old = join(place.folder, 'old');
  openCatalog(join(old, 'catalog.sqlite')).close();
  const file = join(old, 'catalog.sqlite');
  for (const end of ['', '-wal', '-shm']) writeFileSync(file + end, '');
  const catalog = new Database(file);
  catalog.exec(migrations[0]!);
  catalog.exec(`INSERT INTO folders (id, path, path_key, name) VALUES (1, '/p', '${'p'}', 'p');
    INSERT INTO photos (folder_id, name, name_key, path_key, bytes, modified_ms, date_ms, own_label)
      VALUES (1, 'a.jpg', 'a', 'p/a', 1, 1, 1, 'Grandmother')`);
  catalog.pragma('user_version = 1');
  catalog.close();
  const before = readFileSync(file);
  const library = await openLibrary(place);
  assert.deepEqual((await merge(library, old)).person, { folders: 1, photos: 1, heads: 0 });
  assert.deepEqual((await library.items()).map(({ name, ownLabel }) => [name, ownLabel]), [['a.jpg', 'Grandmother']]); // prettier-ignore
  assert.deepEqual(readFileSync(file), before);
  assert.deepEqual(readdirSync(old).filter((name) => name === 'backups'), []); // prettier-ignore
});

test('answers that differ are all told, however many', async (t) => {
  const place = makePlace(t);
  const many = 12_345;
  const write = (home: string, label: number) => {
    const catalog = openCatalog(join(home, 'catalog.sqlite'));
    catalog.exec(`INSERT INTO models (hash, id, name, labels) VALUES ('h', 'm', 'M', '[{"name":"cat"},{"name":"dog"}]');
      INSERT INTO result_keys (id, model_hash, preprocessing, precision, graph_version, used_ms) VALUES (1, 'h', 'p', 'fp32', 1, 1);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})
        INSERT INTO contents (id, hash) SELECT i, CAST(printf('%032d', i) AS BLOB) FROM n;
      INSERT INTO results (content_id, key_id, label, top) SELECT id, 1, ${label}, zeroblob(8) FROM contents`);
    catalog.close();
  };
  const theirs = join(place.folder, 'theirs');
  write(theirs, 1);
  write(place.home, 0);
  const library = await openLibrary(place);
  const report = await merge(library, theirs);
  assert.deepEqual([report.differing, report.conflicts.length], [many, 10_000]);
  const { conflicts } = await library.call('internal.differingAnswers', { after: 10_000 });
  assert.equal(conflicts.length, many - 10_000);
  const all = new Set([...report.conflicts, ...conflicts].map(({ of }) => of));
  assert.equal(all.size, many);
  assert.deepEqual([conflicts[0]!.ours, conflicts[0]!.theirs], ['cat', 'dog']);
  assert.deepEqual((await library.call('internal.differingAnswers', { after: many })).conflicts, []);
});

test('of every table of the catalog it is decided whether it is joined', () => {
  const joined = ['models', 'result_keys', 'contents', 'results', 'features', 'perceptual_hashes', 'strays', 'folders', 'photos', 'left_out', 'person_words', 'person_labels', 'heads', 'head_versions', 'distinct_contents', 'written_keywords', 'saved_searches']; // prettier-ignore
  // Of this machine, of one moment, or made from the rest.
  const left = [
    'settings',
    'runs',
    'run_items',
    'run_failures',
    'acts',
    'act_photos',
    'keywords_read',
    'file_keywords',
    'file_moves',
    'photo_counts',
    'further_labels',
    'further_counts',
    'captures',
    'gear',
    'label_maps',
  ];
  const catalog = openCatalog(null);
  const tables = catalog
    .once<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .map(({ name }) => name)
    .filter((name) => !/^(sqlite_|photo_words)/.test(name));
  catalog.close();
  assert.deepEqual(tables.sort(), [...joined, ...left].sort());
  const sources = ['answers', 'photos', 'heads', 'searches'].map((name) => readFileSync(join(import.meta.dirname, '../../../../main/library/merge', `${name}.ts`), 'utf8')).join(''); // prettier-ignore
  for (const table of joined.filter((name) => !name.startsWith('person_')))
    assert.match(sources, new RegExp(`(source\\.|')${table}\\b`), table);
});

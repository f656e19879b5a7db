/** Which answers of a head are told as unsure: the same in lists and in what is written, named or in use. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { fitOf } from '../../../../models/heads/own.ts';
import type { Head } from '../../../../models/heads/head.ts';
import { readManifest } from '../../../../models/load.ts';
import { photoStatus } from '../../../../main/contract/values.ts';
import { packTop } from '../../../../main/library/catalog/blobs.ts';
import { type Catalog, openCatalog } from '../../../../main/library/catalog/database.ts';
import { setDoubt } from '../../../../main/library/catalog/doubts.ts';
import { storeFeature } from '../../../../main/library/catalog/features.ts';
import { headRow, insertHead, readHead, setHeadInUse } from '../../../../main/library/catalog/heads.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { finishShowing, labelsShownUpTo, showAgain } from '../../../../main/library/catalog/shown.ts';
import { wordsOf } from '../../../../main/library/catalog/person.ts';
import { judgedBy } from '../../../../main/library/labels/judges.ts';
import { reviewAct } from '../../../../main/library/labels/review.ts';
import { exportPhotos } from '../../../../main/library/lists/export.ts';
import { photoFacets } from '../../../../main/library/lists/facets.ts';
import { photoPage } from '../../../../main/library/lists/page.ts';
import { ownerOf, photosCalled } from '../../../../main/library/looks/asked.ts';
import { labelsCalled } from '../../../../main/library/looks/labels.ts';
import { catchUpOnAnswers } from '../../../../main/library/models/doubt.ts';
import { labelledPhotos } from '../../../../main/library/writing/photos.ts';
import { starterFolder } from '../../../starter.ts';
import { writeOld } from '../old-shapes.ts';
import { temporaryFolder } from '../../../temporary.ts';

const manifest = readManifest(starterFolder);
const hash = manifest.weights.sha256;
const fits = fitOf(manifest)!;

/** Three labels, whose logits of photo `i` are `logits[i]`: photo i's feature is 1 at i. */
function head(logits: readonly (readonly number[])[], answers: Head['answers'], threshold = 0.5): Head {
  const weight = new Float32Array(3 * fits.length);
  for (const [photo, row] of logits.entries())
    for (const [label, logit] of row.entries()) weight[label * fits.length + photo] = logit;
  return {
    ...{
      name: 'mine',
      kind: 'taught',
      reads: { how: 'linear' },
      none: false,
      calibration: { temperature: 1 },
    },
    ...{ answers, doubt: { threshold }, fits, weight, bias: new Float32Array(3) },
    labels: ['left', 'middle', 'right'].map((name) => ({ id: name, name })),
    origin: { from: 'examples', examples: 3, l2: 1, report: null },
  };
}

/** Photos of which the model's own answer is label 0, as likely as this says. */
function fill(catalog: Catalog, own: readonly number[], of = manifest): void {
  const key = { modelHash: hash, preprocessing: 'p', precision: 'fp32', graphVersion: 1 };
  const keyId = resultKeyId(catalog, key, of);
  writeValue(catalog, 'shown', keyId);
  catalog.run("INSERT INTO folders (id, path, path_key, name) VALUES (1, '/p', 'p', 'p')");
  for (const [i, probability] of own.entries()) {
    catalog.run('INSERT INTO contents (id, hash) VALUES (?, ?)', i + 1, Buffer.alloc(32, i));
    const top = Buffer.alloc(8);
    top.writeFloatLE(probability, 4);
    catalog.run(
      'INSERT INTO results (content_id, key_id, provider, unsure, top, label, probability) VALUES (?, ?, ?, 0, ?, 0, ?)',
      ...[i + 1, keyId, 'cpu', top, probability],
    );
    catalog.run(
      `INSERT INTO photos (id, folder_id, name, name_key, path_key, bytes, modified_ms, date_ms, content_id, status, label, probability)
       VALUES (?, 1, ?, ?, ?, 1, 1, 1, ?, 1, 0, 0.9)`,
      ...[i + 1, `${i}.jpg`, `${i}.jpg`, `${i}.jpg`, i + 1],
    );
    const feature = new Float32Array(fits.length);
    feature[i] = 1;
    storeFeature(catalog, keyId, i + 1, feature);
  }
}

const statuses = (catalog: Catalog) =>
  catalog
    .column<number>('SELECT status FROM photos ORDER BY id')
    .map((status) => photoStatus.options[status]);
/** Labels that are written, by photo. */
async function written(catalog: Catalog, headId?: number | null): Promise<string[][]> {
  const choice = headId === undefined ? { by: 'any' as const } : { by: 'any' as const, headId };
  const photos = await labelledPhotos(
    catalog,
    { filter: {}, except: [] },
    choice,
    AbortSignal.timeout(60_000),
  );
  return photos.map(({ labels }) => labels);
}
/** Labels under which lists have each photo, which is what each label counts. */
function listed(catalog: Catalog): string[][] {
  const found = new Map<number, string[]>();
  const { items } = photoFacets(catalog, { filter: {}, limit: 100 });
  const sort = { key: 'path', descending: false } as const;
  const all = photoPage(catalog, { filter: {}, sort, limit: 100 }).items;
  for (const { index, label, photos } of items.toSorted((a, b) => a.index - b.index)) {
    const page = photoPage(catalog, { filter: { labels: [index] }, sort, limit: 100 });
    assert.deepEqual([page.items.length, page.total], [photos, photos], label.name);
    for (const { id } of page.items) found.set(id, [...(found.get(id) ?? []), label.name]);
  }
  for (const { id, top, also } of all)
    assert.deepEqual(
      new Set([top!, ...also].map(({ label }) => label.name)),
      new Set(found.get(id)),
      'its tile',
    );
  return all.map(({ id }) => found.get(id) ?? []);
}

function exported(catalog: Catalog): unknown[] {
  const sort = { key: 'path', descending: false } as const;
  const { text } = exportPhotos(catalog, { selection: { filter: {}, except: [] }, sort, format: 'jsonl' }, 1);
  return text.trim().split('\n').map((line) => (JSON.parse(line) as { unsure?: boolean }).unsure ?? false); // prettier-ignore
}

// Probabilities of about 0.9, 0.4 and a third.
const one = [[3, 0, 0.5], [0.4, 0, 0], [0, 0, 0]]; // prettier-ignore
// Sure that one holds; sure that none does; left surely, of the middle it can't decide.
const any = [[4, -4, -4], [-4, -4, -5], [4, 0.1, -4]]; // prettier-ignore

for (const [name, given, expected, labels] of [
  ['one of these, never fitted', head(one, 'one'), ['ok', 'unsure', 'unsure'], [['left'], [], []]],
  ['one of these, fitted lower', head(one, 'one', 0.35), ['ok', 'ok', 'unsure'], [['left'], ['left'], []]],
  [
    'any of these, never fitted',
    head(any, 'any'),
    ['ok', 'unsure', 'ok'],
    [['left'], [], ['left', 'middle']],
  ],
  [
    'any of these, set lower',
    head(any, 'any', 0.02),
    ['ok', 'unsure', 'ok'],
    [['left'], [], ['left', 'middle']],
  ],
  [
    'any of these, set to nearly nothing',
    head(any, 'any', 0.01),
    ['ok', 'ok', 'ok'],
    [
      ['left', 'middle', 'right'],
      ['left', 'middle'],
      ['left', 'middle', 'right'],
    ],
  ],
  ['any of these, fitted', head(any, 'any', 0.8), ['ok', 'unsure', 'unsure'], [['left'], [], []]],
] as const)
  test(`${name}: what lists call unsure is not written as a label`, async (t) => {
    const catalog = openCatalog(null);
    t.after(() => catalog.close());
    fill(catalog, [0.9, 0.9, 0.9]);
    const { id } = insertHead(catalog, given, null);
    const beside = await written(catalog, id);
    const selection = { filter: {}, except: [] };
    await showAgain(catalog, () => setHeadInUse(catalog, hash, id));
    assert.deepEqual(statuses(catalog), expected);
    assert.deepEqual(await written(catalog), labels);
    assert.deepEqual(beside, labels, 'the same named as in use');
    const first = photoPage(catalog, {
      filter: {},
      sort: { key: 'path', descending: false },
      limit: 3,
    }).items;
    // One that is unsure is still found under what the head would say first.
    const each = labels.map((names, i) => (names.length ? names : [first[i]!.top!.label.name]));
    assert.deepEqual(listed(catalog), each);
    const counts = () => labelsCalled(catalog, { headId: id, limit: 10 }).items;
    const inUse = counts();
    assert.deepEqual(inUse.map(({ label, photos }) => [label.name, photos]).sort(), Object.entries(Object.groupBy(each.flat(), (name) => name)).map(([name, of]) => [name, of!.length]).sort()); // prettier-ignore
    // To say that it is right says so of each that holds, and of an unsure one of what comes first.
    const saidOf = () => [1, 2, 3].map((photo) => wordsOf(catalog, [photo]).get(photo)?.labels.toSorted());
    reviewAct(catalog, { selection, act: { kind: 'reject', label: 'middle' } });
    reviewAct(catalog, { selection, act: { kind: 'confirm' } });
    const notRejected = (names: readonly string[]) =>
      names.filter((label, i) => i === 0 || label !== 'middle');
    assert.deepEqual(saidOf(), each.map((names, i) => notRejected([first[i]!.top!.label.name, ...names.filter((label) => label !== first[i]!.top!.label.name)]).toSorted())); // prettier-ignore
    reviewAct(catalog, { selection, act: { kind: 'clear' } });
    reviewAct(catalog, { selection, act: { kind: 'confirm' } });
    assert.deepEqual(
      saidOf(),
      each.map((names) => names.toSorted()),
    );
    reviewAct(catalog, { selection, act: { kind: 'clear' } });
    const called = (index: number) => photosCalled(catalog, ownerOf(catalog, id), index);
    const calledInUse = inUse.map(({ index }) => called(index));
    assert.deepEqual(exported(catalog), expected.map((status) => status === 'unsure')); // prettier-ignore
    await showAgain(catalog, () => setHeadInUse(catalog, hash, null));
    assert.deepEqual(counts(), inUse, 'the same of a head that is not in use');
    assert.deepEqual(inUse.map(({ index }) => called(index)), calledInUse); // prettier-ignore
    assert.equal(catalog.one('SELECT 1 FROM further_labels'), undefined, 'of the model’s own one is given');
  });

test('the model’s own labels are written by its own threshold, or a person’s, while another head is in use', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  fill(catalog, [0.9, 0.4, 0.2]);
  const { id } = insertHead(catalog, head(one, 'one'), null);
  const own = manifest.labels[0]!.name;
  await showAgain(catalog, () => setHeadInUse(catalog, hash, id));
  assert.deepEqual(await written(catalog, null), [[own], [own], [own]], 'as the run told them');
  setDoubt(catalog, hash, 0.3);
  assert.deepEqual(await written(catalog, null), [[own], [own], []]);
});

test('of a model whose labels don’t exclude each other each that holds is written', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  fill(catalog, [0.9, 0.3], { ...manifest, outputActivation: 'sigmoid' });
  const [first, second] = manifest.labels.map(({ name }) => name);
  const top = Buffer.alloc(16);
  for (const [i, [index, probability]] of (
    [
      [0, 0.9],
      [1, 0.6],
    ] as const
  ).entries()) {
    top.writeUInt32LE(index, i * 8);
    top.writeFloatLE(probability, i * 8 + 4);
  }
  catalog.run('UPDATE results SET top = ? WHERE content_id = 1', top);
  catalog.run('UPDATE results SET unsure = 1 WHERE content_id = 2');
  assert.deepEqual(await written(catalog), [[first, second], []]);
  await showAgain(catalog, () => {});
  assert.deepEqual(listed(catalog), [[first, second], [first]]);
  await showAgain(catalog, () => setDoubt(catalog, hash, 0.2));
  assert.deepEqual(await written(catalog), [[first, second], [first]]);
  assert.deepEqual(listed(catalog), [[first, second], [first]]);
  const said = judgedBy(catalog, { by: 'head', headId: null }, { sql: 'TRUE', values: [] }).of.get(1)!;
  assert.deepEqual([said.index, said.also?.map(({ index }) => index)], [0, [1]]);
});

test('a head of an earlier version, to which nothing was fitted, is unsure below one half from now on', (t) => {
  const folder = temporaryFolder(t, 'head-doubt');
  const path = join(folder, 'catalog.sqlite');
  writeOld(
    path,
    migrations.findIndex((step) => step.includes("'showing'")),
  );
  const { weight, bias, ...described } = head(one, 'one');
  const old = new Database(path);
  old.prepare('INSERT INTO heads (id, name, model_hash, version) VALUES (1, ?, ?, 1)').run('mine', hash);
  old
    .prepare(
      'INSERT INTO head_versions (head_id, version, created_ms, manifest, weights) VALUES (1, 1, 1, ?, ?)',
    )
    .run(
      JSON.stringify({ ...described, doubt: null }),
      Buffer.from(new Float32Array([...weight, ...bias]).buffer),
    );
  old.close();
  const catalog = openCatalog(path);
  t.after(() => catalog.close());
  assert.deepEqual(readHead(catalog, headRow(catalog, 1)).doubt, { threshold: 0.5 });
  assert.equal(labelsShownUpTo(catalog), 0, 'lists are about to be brought up to date');
});

test('a catalog of before labels that hold beside the first were listed has photos under each from now on', async (t) => {
  const folder = temporaryFolder(t, 'several');
  const before = migrations.findIndex((step) => step.includes('further_labels'));
  for (const [name, answers, expected] of [
    ['several', 'any', [0]],
    ['one', 'one', []],
  ] as const) {
    const path = join(folder, `${name}.sqlite`);
    writeOld(path, before);
    const old = new Database(path);
    old.prepare('UPDATE models SET answers = ?').run(answers);
    // Its labels are 0.75 and 0.25 likely: from a threshold of a fifth on both hold.
    old.prepare("INSERT INTO settings VALUES ('doubts', ?)").run(JSON.stringify({ a: 0.2 }));
    old.close();
    const catalog = openCatalog(path);
    t.after(() => catalog.close());
    await finishShowing(catalog);
    assert.deepEqual(catalog.column('SELECT label FROM further_labels WHERE photo_id = 1'), expected, name);
    assert.equal(labelsShownUpTo(catalog), Infinity);
  }
});

test('a model of before it was told that several of its labels may hold shows each that does from the next start on', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  fill(catalog, [0.9]);
  catalog.run('UPDATE results SET top = ?', packTop([{ index: 0, probability: 0.9 }, { index: 1, probability: 0.6 }])); // prettier-ignore
  await showAgain(catalog, () => {});
  const further = () => catalog.column('SELECT label FROM further_labels');
  assert.deepEqual(further(), []);
  const installed = (outputActivation: 'softmax' | 'sigmoid') =>
    [{ folder: starterFolder, builtIn: false, manifest: { ...manifest, outputActivation } }]; // prettier-ignore
  catchUpOnAnswers(catalog, installed('softmax'));
  assert.equal(labelsShownUpTo(catalog), Infinity, 'nothing is to be done of others');
  catchUpOnAnswers(catalog, installed('sigmoid'));
  await finishShowing(catalog);
  assert.deepEqual(further(), [1]);
  catchUpOnAnswers(catalog, installed('sigmoid'));
  assert.equal(labelsShownUpTo(catalog), Infinity, 'it is done once');
});

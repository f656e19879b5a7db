import assert from 'node:assert/strict';
import test from 'node:test';
import type { PhotoFilter } from '../../../../main/contract/requests.ts';
import type { SortKey } from '../../../../main/contract/values.ts';
import { contentOf, setContent } from '../../../../main/library/catalog/contents.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import type { Catalog } from '../../../../main/library/catalog/database.ts';
import { addFolder, childFolders, ensureFolder } from '../../../../main/library/catalog/folders.ts';
import { folderKey, nameKey, searchable } from '../../../../main/library/catalog/keys.ts';
import {
  foundAgain,
  insertPhoto,
  markAway,
  markMissing,
  photoById,
  setOwnLabel,
} from '../../../../main/library/catalog/photos.ts';
import { resultKeyId, storeFailure, storeResult } from '../../../../main/library/catalog/results.ts';
import { setDoubt } from '../../../../main/library/catalog/doubts.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { showAgain, showKey } from '../../../../main/library/catalog/shown.ts';
import { countPhotos } from '../../../../main/library/lists/counts.ts';
import { photoFacets } from '../../../../main/library/lists/facets.ts';
import { conditionOf } from '../../../../main/library/lists/filter.ts';
import { noWords, setWordsOf } from '../../../../main/library/catalog/person.ts';
import { photoPage, photoPosition, selected, walk } from '../../../../main/library/lists/page.ts';
import type { ModelManifest } from '../../../../models/manifest.ts';

interface Made {
  id: number;
  name: string;
  folder: string;
  date: number;
  status: 'new' | 'ok' | 'unsure' | 'failed' | 'missing';
  label: number | null;
  probability: number;
  /** Labels that hold beside the first. */
  further: { label: number; probability: number }[];
  spread: number;
  own: string | null;
}

const classes = 40;
const labels = Array.from({ length: classes }, (_, i) => ({
  id: `n${i}`,
  name: `thing ${i}`,
  names: { 'zh-CN': i === 7 ? '暹罗猫' : `物${i}` },
}));

/**
 * A catalog of `count` photos in twenty folders, and the same photos as plain objects to compare with. `several`: of a
 * model several of whose labels may hold.
 */
async function makeCatalog(count: number, several = false): Promise<{ catalog: Catalog; made: Made[] }> {
  const catalog = openCatalog(null);
  const outputActivation = several ? 'sigmoid' : 'softmax';
  const manifest = { id: 'm', name: 'M', labels, outputActivation } as unknown as ModelManifest;
  const resultKey = { modelHash: 'h', preprocessing: 'p', precision: 'fp32', graphVersion: 1 };
  const key = resultKeyId(catalog, resultKey, manifest);
  await showKey(catalog, key);
  addFolder(catalog, '/pictures');
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const made = catalog.transaction(() =>
    Array.from({ length: count }, (_, i): Made => {
      const folder = `/pictures/Trip ${random(20)}`;
      const name = `${['IMG_', 'Ünal ', 'café', '猫'][random(4)]}${random(3000)}${i % 3 ? '.jpg' : '.PNG'}`;
      const date = 1.6e12 + random(500) * 1000;
      const row = ensureFolder(catalog, folder);
      const taken = catalog.one('SELECT 1 FROM photos WHERE folder_id = ? AND name = ?', row.id, name);
      const own = taken ? `${i} ${name}` : name;
      const id = insertPhoto(catalog, row, own, { bytes: i + 1, modifiedMs: date, changedMs: date });
      const photo: Made = {
        id,
        name: own,
        folder,
        date,
        status: 'new',
        label: null,
        probability: -1,
        further: [],
        spread: 2,
        own: null,
      };
      const kind = random(10);
      if (kind === 0) return photo;
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, i);
      const content = contentOf(catalog, hash);
      setContent(catalog, id, { bytes: i + 1, modifiedMs: date, changedMs: date }, content);
      if (kind === 1) {
        storeFailure(catalog, key, content, { code: 'corrupt-image', message: 'No.' }, 'x.jpg');
        return { ...photo, status: 'failed' };
      }
      const label = random(classes);
      const drawn = () => (several ? Math.sqrt(random(101) / 100) : random(101) / 100);
      const probability = Math.fround(drawn());
      const others = several
        ? Array.from({ length: 4 }, (_, j) => ({
            index: (label + (j + 1) * 7) % classes,
            probability: Math.fround(probability * drawn()),
          })).sort((a, b) => b.probability - a.probability)
        : [];
      const unsure = kind === 2 || (several && probability < 0.5);
      const bytes = new Uint8Array(16).map((_, j) => (j <= random(16) ? 255 : 0));
      storeResult(catalog, key, content, 'cpu', {
        width: 4,
        height: 3,
        takenMs: null,
        damaged: false,
        top: [{ index: label, probability }, ...others],
        unsure,
        clsFeature: null,
        map: {
          method: 'cls',
          layers: [0, 0],
          classIndex: null,
          rows: 4,
          columns: 4,
          scale: 1,
          offset: 0,
          bytes,
        },
        seen: { x: 0, y: 0, width: 3, height: 3 },
        thumbnail: null,
      });
      photo.spread = catalog.one<{ spread: number }>('SELECT spread FROM photos WHERE id = ?', id)!.spread;
      if (kind === 3) {
        markMissing(catalog, id);
        return { ...photo, status: 'missing', label, probability };
      }
      if (kind === 4) {
        setOwnLabel(catalog, photoById(catalog, id), 'Holiday Souvenir');
        photo.own = 'Holiday Souvenir';
      }
      if (!unsure)
        photo.further = others
          .filter((other) => other.probability >= 0.5)
          .map(({ index, ...other }) => ({ ...other, label: index }));
      return { ...photo, status: unsure ? 'unsure' : 'ok', label, probability };
    }),
  );
  return { catalog, made };
}

type Key = Buffer | number;

function keyOf(photo: Made, key: SortKey): Key {
  if (key === 'name') return Buffer.from(nameKey(photo.name));
  if (key === 'path') return Buffer.from(`${folderKey(photo.folder)}\u0001${nameKey(photo.name)}`);
  return { date: photo.date, confidence: photo.probability, focus: photo.spread }[key];
}

/** Of the labels that are wanted: of any, the likeliest; of all, the least likely. */
function confidenceIn(photo: Made, filter: PhotoFilter): number {
  if (!filter.labels) return photo.probability;
  const found = heldOf(photo)
    .filter(({ label, probability }) => filter.labels!.includes(label) && within(filter, probability))
    .map(({ probability }) => probability);
  return filter.match === 'all' ? Math.min(...found) : Math.max(...found);
}

const heldOf = (photo: Made): Made['further'] => [
  ...(photo.label === null ? [] : [{ label: photo.label, probability: photo.probability }]),
  ...photo.further,
];

const within = ({ minProbability: least = -1, maxProbability: most }: PhotoFilter, probability: number) =>
  probability >= least && (most === undefined || (probability >= 0 && probability <= most));

const compare = (a: Key, b: Key): number =>
  typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : Buffer.compare(a, b);

function finds(filter: PhotoFilter, folderOf: number | undefined, path: string, photo: Made): boolean {
  const words = searchable(filter.search ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const held = heldOf(photo);
  const text = () =>
    searchable(
      [photo.name, photo.own ?? '', photo.folder].join('\n') +
        held.map(({ label }) => `\n${labels[label]!.name}\n${labels[label]!.names['zh-CN']}`).join(''),
    );
  const has = (label: number) =>
    held.some((each) => each.label === label && within(filter, each.probability));
  return (
    (folderOf === undefined || photo.folder === path || photo.folder.startsWith(`${path}/`)) &&
    (!filter.labels || (filter.match === 'all' ? filter.labels.every(has) : filter.labels.some(has))) &&
    !filter.withoutLabels?.some((label) => held.some((each) => each.label === label)) &&
    (filter.own === undefined || filter.own === (photo.own !== null)) &&
    (!filter.status || filter.status.includes(photo.status)) &&
    // Of the label that is wanted, and without one of the photo's first.
    (filter.labels !== undefined || within(filter, photo.probability)) &&
    words.every((word) => text().includes(word))
  );
}

const filters: (PhotoFilter & { path?: string })[] = [
  {},
  { path: '/pictures/Trip 1' },
  { path: '/pictures' },
  { labels: [3, 7, 11] },
  { labels: [7] },
  { path: '/pictures/Trip 5', labels: [7] },
  { labels: [7], withoutLabels: [14, 0] },
  { labels: [7, 11], minProbability: 0.6, maxProbability: 0.9 },
  { status: ['unsure', 'failed'] },
  { minProbability: 0.25, maxProbability: 0.75 },
  { own: true },
  { own: false, status: ['ok'] },
  { search: 'img_1' },
  { search: 'ünal' },
  { search: 'Trip 1 souvenir' },
  { search: '暹罗' },
  { search: '猫 JPG' },
  { search: '%' },
  { path: '/pictures/Trip 3', labels: [1, 2, 3], status: ['ok'], minProbability: 0.5 },
];

const severalFilters: typeof filters = [
  { labels: [7, 14], match: 'all' },
  { labels: [7, 14], match: 'all', minProbability: 0.7 },
  { withoutLabels: [7] },
];

for (const several of [false, true])
  test(`every sort and filter pages through photos${several ? ' of which several labels may hold' : ''} as a plain comparison would`, async () => {
    const { catalog, made } = await makeCatalog(2500, several);
    assert.equal(
      made.some(({ further }) => further.length > 1),
      several,
    );
    for (const { path, ...filter } of [...filters, ...(several ? severalFilters : [])]) {
      const folderId = path === undefined ? undefined : ensureFolder(catalog, path).id;
      const asked = { ...filter, ...(folderId === undefined ? {} : { folderId }) };
      const found = made.filter((photo) => finds(filter, folderId, path ?? '', photo));
      const name = JSON.stringify({ path, ...filter });
      assert.ok(found.length > 0 || filter.search === '%', `${name} finds something to compare`);
      for (const key of ['name', 'path', 'date', 'confidence', 'focus'] as const)
        for (const descending of [false, true]) {
          const sign = descending ? -1 : 1;
          const keyed = found.map((photo) => ({
            id: photo.id,
            key: key === 'confidence' ? confidenceIn(photo, filter) : keyOf(photo, key),
          }));
          keyed.sort((a, b) => sign * (compare(a.key, b.key) || a.id - b.id));
          const expected = keyed.map(({ id }) => id);
          const sort = { key, descending };
          const got: number[] = [];
          let cursor: string | undefined;
          do {
            const step = walk(catalog, conditionOf(catalog, asked), sort, 125, { cursor });
            assert.equal(step.start, got.length);
            got.push(...step.ids);
            cursor = step.next ?? undefined;
          } while (cursor !== undefined);
          assert.deepEqual(got, expected, `${name} by ${key}${descending ? ' descending' : ''}`);
          const at = Math.floor(expected.length / 2);
          const middle = photoPage(catalog, { filter: asked, sort, limit: 20, at });
          assert.equal(middle.total, expected.length, name);
          assert.deepEqual(
            middle.items.map(({ id }) => id),
            expected.slice(at, at + 20),
          );
          if (expected.length) assert.equal(photoPosition(catalog, expected[at]!, asked, sort), at);
        }
    }
    catalog.close();
  });

test('confidence is in the label that is wanted, however it is asked for, and in the first one where a person gave it', async () => {
  const { catalog, made } = await makeCatalog(2500, true);
  const sort = { key: 'confidence', descending: true } as const;
  const listed = (filter: PhotoFilter) =>
    photoPage(catalog, { filter, sort, limit: 500 }).items.map(({ id }) => id);
  const byLabel = listed({ labels: [7] });
  const byFirst = made.filter(({ id }) => byLabel.includes(id)).sort((a, b) => b.probability - a.probability || b.id - a.id); // prettier-ignore
  assert.notDeepEqual(byLabel, byFirst.map(({ id }) => id)); // prettier-ignore
  assert.deepEqual(listed({ search: 'label:"thing 7"' }), byLabel);
  const all = listed({ labels: [7], search: 'label:"thing 14"' });
  assert.ok(all.length > 1);
  assert.deepEqual(all, listed({ labels: [7, 14], match: 'all' }));

  const filter: PhotoFilter = { labels: [7], person: ['Garden'] };
  const given = new Set(made.filter(({ status }) => status === 'ok').flatMap(({ id }, i) => (i % 9 ? [] : [id]))); // prettier-ignore
  for (const id of given) setWordsOf(catalog, id, { ...noWords, labels: ['Garden'] });
  const expected = made
    .filter(({ id }) => given.has(id) || byLabel.includes(id))
    .map((photo) => ({
      id: photo.id,
      key: byLabel.includes(photo.id) ? confidenceIn(photo, filter) : photo.probability,
    }))
    .sort((a, b) => b.key - a.key || b.id - a.id)
    .map(({ id }) => id);
  assert.deepEqual(listed(filter), expected.slice(0, 500));
  // Those that are left are exported in the same order.
  const rest = selected(catalog, { filter: { labels: [7] }, except: byLabel.slice(1, 3) });
  assert.deepEqual(walk(catalog, rest, sort, 500, {}).ids, byLabel.toSpliced(1, 2));
  // What comes after a photo is found by what it was, also once it is in the list no more.
  const page = photoPage(catalog, { filter: { labels: [7] }, sort, limit: 3 });
  markMissing(catalog, byLabel[2]!);
  const after = photoPage(catalog, { filter: { labels: [7] }, sort, limit: 3, cursor: page.next! });
  const now = listed({ labels: [7] });
  assert.deepEqual(after.items.map(({ id }) => id), byLabel.filter((id) => now.includes(id) || id === byLabel[2]).slice(3, 6)); // prettier-ignore
  catalog.close();
});

/** Each label with how many photos the list of it has, most first. */
function labelsIn(made: readonly Made[], filter: PhotoFilter): [number, number][] {
  const counted = labels.map((_, index): [number, number] => [
    index,
    made.filter((photo) => finds({ ...filter, labels: [index] }, undefined, '', photo)).length,
  ]);
  return counted.filter(([, photos]) => photos > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

test('each label of which several may hold counts the photos that its list has', async () => {
  const { catalog, made } = await makeCatalog(4000, true);
  const { id: folderId } = addFolder(catalog, '/pictures/Trip 1');
  for (const filter of [
    {},
    { status: ['ok'] },
    { status: ['unsure'] },
    { own: true },
    { own: false },
    { minProbability: 0.7 },
    { maxProbability: 0.7 },
    { maxProbability: 0.7, own: true },
    { search: 'img_ 1' },
    { search: 'img_ 1', minProbability: 0.6 },
    { search: 'img_', status: ['ok'] },
    { labels: [7] },
    { labels: [7], minProbability: 0.6 },
    { labels: [7, 14], status: ['ok'], minProbability: 0.6 },
    { labels: [7, 14] },
    { labels: [7, 14], match: 'all' },
    { labels: [7, 7], match: 'all' },
    { labels: [7, 14], match: 'all', minProbability: 0.7 },
    { labels: [7, 14, 21], match: 'all', status: ['ok', 'new'] },
    { labels: [7], withoutLabels: [14] },
    { withoutLabels: [7, 14] },
    { withoutLabels: [7, 14], status: ['unsure', 'ok'] },
    { labels: [7, 14], search: 'img_' },
  ] satisfies PhotoFilter[]) {
    const name = JSON.stringify(filter);
    const unlabelled: PhotoFilter = { ...filter };
    for (const key of ['labels', 'withoutLabels', 'match'] as const) delete unlabelled[key];
    const { items, status } = photoFacets(catalog, { filter, limit: 500 });
    assert.deepEqual(items.map(({ index, photos }) => [index, photos]), labelsIn(made, unlabelled), name); // prettier-ignore
    for (const { index, photos } of items.slice(0, 5))
      assert.equal(
        countPhotos(catalog, conditionOf(catalog, { ...unlabelled, labels: [index] })),
        photos,
        name,
      );
    for (const [state, photos] of Object.entries(status)) {
      const asked = { ...filter, status: [state as Made['status']] };
      assert.equal(made.filter((photo) => finds(asked, undefined, '', photo)).length, photos, `${name} ${state}`); // prettier-ignore
    }
  }
  const inTrip = photoFacets(catalog, { filter: { folderId }, limit: 500 });
  const trip = made.filter(({ folder }) => folder === '/pictures/Trip 1');
  assert.deepEqual(
    inTrip.items.map(({ index, photos }) => [index, photos]),
    labelsIn(trip, {}),
  );

  // Words of a search mean the same.
  const sort = { key: 'name', descending: false } as const;
  const list = (filter: PhotoFilter) => walk(catalog, conditionOf(catalog, filter), sort, 5000, {}).ids;
  const same: [string, PhotoFilter][] = [
    ['label:"thing 7"', { labels: [7] }],
    ['label:"thing 7" label:"thing 14"', { labels: [7, 14], match: 'all' }],
    ['label:"thing 7","thing 14"', { labels: [7, 14] }],
    ['label:"thing 7" -label:"thing 14"', { labels: [7], withoutLabels: [14] }],
    ['label:"thing 7" probability:60-90', { labels: [7], minProbability: 0.6, maxProbability: 0.9 }],
    ['-label:"thing 7" probability:60-90', { withoutLabels: [7], minProbability: 0.6, maxProbability: 0.9 }],
  ];
  for (const [search, filter] of same) {
    assert.ok(list(filter).length > 0, search);
    assert.deepEqual(list({ search }), list(filter), search);
  }
  catalog.close();
});

test('facets count labels without their own filter, and statuses without theirs', async () => {
  const { catalog, made } = await makeCatalog(1000);
  const filter: PhotoFilter = { labels: [1], status: ['ok'], minProbability: 0.2 };
  const facets = photoFacets(catalog, { filter, limit: 500 });
  const counted = new Map<number, number>();
  for (const photo of made)
    if (finds({ status: ['ok'], minProbability: 0.2 }, undefined, '', photo))
      counted.set(photo.label!, (counted.get(photo.label!) ?? 0) + 1);
  const expected = [...counted].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  assert.deepEqual(
    facets.items.map(({ index, photos }) => [index, photos]),
    expected,
  );
  const unsure = made.filter((photo) =>
    finds({ labels: [1], minProbability: 0.2, status: ['unsure'] }, undefined, '', photo),
  );
  assert.equal(facets.status['unsure'], unsure.length);
  const own = made.filter((photo) => finds({ ...filter, own: true }, undefined, '', photo));
  assert.ok(own.length > 0);
  assert.equal(facets.own, own.length);

  for (const bounded of [{ maxProbability: 0.5 }, { minProbability: 0.1, maxProbability: 0.9, own: true }]) {
    const found = made.filter((photo) => finds(bounded, undefined, '', photo));
    const { items, status } = photoFacets(catalog, { filter: bounded, limit: 500 });
    assert.equal(
      items.reduce((sum, { photos }) => sum + photos, 0),
      found.length,
    );
    for (const { index, photos } of items)
      assert.equal(photos, found.filter(({ label }) => label === index).length, `label ${index}`);
    for (const [name, photos] of Object.entries(status))
      assert.equal(photos, found.filter((photo) => photo.status === name).length, name);
  }

  const first = photoFacets(catalog, { filter: {}, limit: 15 });
  const second = photoFacets(catalog, { filter: {}, limit: 15, cursor: first.next! });
  const whole = photoFacets(catalog, { filter: {}, limit: 30 });
  assert.deepEqual([...first.items, ...second.items], whole.items);
  const cat = photoFacets(catalog, { filter: {}, search: '暹罗', limit: 5 });
  assert.deepEqual(
    cat.items.map(({ label }) => label.name),
    ['thing 7'],
  );
  catalog.close();
});

test('folders are counted with what lies below, and sorted as people sort', async () => {
  const { catalog, made } = await makeCatalog(300);
  const root = childFolders(catalog, null, 10, undefined).items[0]!;
  assert.deepEqual([root.photos, root.children], [300, 20]);
  const first = childFolders(catalog, root.id, 12, undefined);
  const rest = childFolders(catalog, root.id, 12, first.next!);
  const children = [...first.items, ...rest.items];
  assert.deepEqual(
    children.map(({ name }) => name),
    Array.from({ length: 20 }, (_, i) => `Trip ${i}`),
  );
  for (const child of children)
    assert.equal(child.photos, made.filter(({ folder }) => folder === child.path).length);
  assert.equal(rest.next, null);
  catalog.close();
});

test('a cursor that no page gave and a cursor with a position are refused', async () => {
  const { catalog } = await makeCatalog(5);
  const sort = { key: 'name', descending: false } as const;
  for (const cursor of ['', '!', 'bnVsbA', Buffer.from('[{},1,1]').toString('base64url')])
    assert.throws(() => photoPage(catalog, { filter: {}, sort, limit: 5, cursor }), { code: 'bad-cursor' });
  const cursor = photoPage(catalog, { filter: {}, sort, limit: 2 }).next!;
  assert.throws(() => photoPage(catalog, { filter: {}, sort, limit: 2, cursor, at: 1 }), {
    code: 'bad-request',
  });
  catalog.close();
});

test('names sort by the value of their numbers, whatever their case and width', () => {
  const names = ['img10.jpg', 'IMG9.jpg', 'img 1.jpg', 'img009.jpg', 'ｉｍｇ8.jpg', 'img100.jpg'];
  const sorted = names.toSorted((a, b) => compare(Buffer.from(nameKey(a)), Buffer.from(nameKey(b))));
  assert.deepEqual(sorted, ['img 1.jpg', 'ｉｍｇ8.jpg', 'IMG9.jpg', 'img009.jpg', 'img10.jpg', 'img100.jpg']);
});

test('a list that is too long to be kept whole is entered anywhere, from either end and from places met before', async () => {
  // Of which several labels may hold: without labels to find, their lists are as those of any photos.
  const { catalog, made } = await makeCatalog(22_000, true);
  const { id: folderId } = addFolder(catalog, '/pictures');
  const beside = addFolder(catalog, '/a folder before');
  insertPhoto(catalog, beside, 'a.jpg', { bytes: 1, modifiedMs: 1, changedMs: 1 });
  insertPhoto(catalog, addFolder(catalog, '/zoo'), 'a.jpg', { bytes: 1, modifiedMs: 1, changedMs: 1 });
  const labelled = { folderId, labels: Array.from({ length: 36 }, (_, i) => i) };
  for (const filter of [
    labelled,
    { folderId },
    { folderId, own: false },
    { search: 'pictures g' },
  ] satisfies PhotoFilter[]) {
    const found = made.filter((photo) => finds({ ...filter, folderId: undefined }, undefined, '', photo));
    assert.equal(countPhotos(catalog, conditionOf(catalog, filter)), found.length);
    const facets = photoFacets(catalog, { filter, limit: 500 });
    for (const { index, photos } of facets.items)
      assert.equal(
        photos,
        made.filter((photo) => finds({ ...filter, labels: [index], folderId: undefined }, undefined, '', photo)).length, // prettier-ignore
        `label ${index}`,
      );
    for (const [status, photos] of Object.entries(facets.status))
      assert.equal(photos, found.filter((photo) => photo.status === status).length, status);
    for (const key of ['path', 'date', 'confidence'] as const) {
      const keyed = found.map((photo) => ({
        id: photo.id,
        key: key === 'confidence' ? confidenceIn(photo, filter) : keyOf(photo, key),
      }));
      keyed.sort((a, b) => compare(a.key, b.key) || a.id - b.id);
      const ascending = keyed.map(({ id }) => id);
      assert.ok(ascending.length > 16_384, 'the list is short');
      assert.equal(photoPosition(catalog, ascending[9000]!, filter, { key, descending: false }), 9000);
      for (const descending of [false, true]) {
        const expected = descending ? ascending.toReversed() : ascending;
        for (const share of [0.5, 0.51, 0.2, 0.95, 0.49, 0, 0.999, 1]) {
          const at = Math.floor(share * expected.length);
          const page = photoPage(catalog, { filter, sort: { key, descending }, limit: 20, at });
          const ids = page.items.map(({ id }) => id);
          assert.deepEqual(ids, expected.slice(at, at + 20), `${key} ${descending} at ${at}`);
          if (page.next === null) continue;
          const after = photoPage(catalog, {
            filter,
            sort: { key, descending },
            limit: 5,
            cursor: page.next,
          });
          assert.deepEqual(
            after.items.map(({ id }) => id),
            expected.slice(at + 20, at + 25),
          );
        }
      }
    }
  }
  catalog.close();
});

test('further labels go with what is said of their photos, and are counted by folder', async () => {
  const { catalog, made } = await makeCatalog(400, true);
  const kept = () =>
    catalog.all('SELECT folder_id, label, photos FROM further_counts WHERE photos <> 0 ORDER BY 1, 2');
  const counted = () =>
    catalog.all(`SELECT folder_id, label, count(*) AS photos FROM further_labels GROUP BY 1, 2
      UNION ALL SELECT 0, label, count(*) FROM further_labels GROUP BY 2 ORDER BY 1, 2`);
  const of = (id: number) =>
    catalog.column<number>('SELECT label FROM further_labels WHERE photo_id = ? ORDER BY probability DESC', id); // prettier-ignore
  const [first, second, third] = made.filter(({ further }) => further.length > 1);
  for (const { id, further } of made)
    assert.deepEqual(of(id).sort(), further.map(({ label }) => label).sort());
  assert.deepEqual(kept(), counted());
  markMissing(catalog, first!.id);
  assert.deepEqual(of(first!.id), [], 'what is missing is under its first label only');
  foundAgain(catalog, first!.id);
  assert.equal(of(first!.id).length, first!.further.length);
  catalog.run('UPDATE photos SET folder_id = (SELECT max(id) FROM folders) WHERE id = ?', second!.id);
  catalog.run('DELETE FROM photos WHERE id = ?', third!.id);
  assert.deepEqual([kept(), of(third!.id)], [counted(), []]);

  // From a lower threshold on more of them hold.
  const before = of(first!.id).length;
  await showAgain(catalog, () => setDoubt(catalog, 'h', 0.01));
  assert.ok(of(first!.id).length > before);
  assert.deepEqual(kept(), counted());
  // Above one half it is of the decision that is least sure, and what holds holds from one half on.
  await showAgain(catalog, () => setDoubt(catalog, 'h', 0.5));
  assert.equal(of(first!.id).length, before);
  await showAgain(catalog, () => writeValue(catalog, 'shown', null));
  assert.deepEqual([kept(), counted()], [[], []], 'another model says nothing of them');
  catalog.run('DELETE FROM folders');
  catalog.close();
});

test('counts are kept whatever happens to photos, and an answer is never older than the last change', async () => {
  const { catalog, made } = await makeCatalog(400);
  const kept = () =>
    catalog.all(
      'SELECT folder_id, label, status, photos FROM photo_counts WHERE photos <> 0 ORDER BY 1, 2, 3',
    );
  const counted = () =>
    catalog.all(`SELECT folder_id, coalesce(label, -1) AS label, status, count(*) AS photos FROM photos GROUP BY 1, 2, 3
      UNION ALL SELECT 0, coalesce(label, -1), status, count(*) FROM photos GROUP BY 2, 3 ORDER BY 1, 2, 3`);
  const total = (filter: PhotoFilter) => photoPage(catalog, { filter, sort: { key: 'name', descending: false }, limit: 1 }).total; // prettier-ignore
  assert.deepEqual(kept(), counted());
  const there = total({ status: ['ok'] });
  const ok = made.filter(({ status }) => status === 'ok');
  markMissing(catalog, ok[0]!.id);
  assert.equal(total({ status: ['ok'] }), there - 1);
  catalog.run('DELETE FROM photos WHERE id = ?', ok[1]!.id);
  assert.equal(total({ status: ['ok'] }), there - 2);
  const named = total({ search: 'pictures' });
  markAway(catalog, ok[3]!.id);
  assert.equal(total({ search: 'pictures' }), named - 1, 'what is out of the library is not found');
  assert.equal(total({ search: 'pictures', labels: [ok[4]!.label!] }), total({ labels: [ok[4]!.label!] }));
  catalog.run(
    'UPDATE photos SET folder_id = (SELECT max(id) FROM folders), label = 5 WHERE id = ?',
    ok[2]!.id,
  );
  assert.deepEqual(kept(), counted());
  const some = photoPage(catalog, { filter: { labels: [5] }, sort: { key: 'date', descending: true }, limit: 500 }); // prettier-ignore
  assert.ok(some.items.some(({ id }) => id === ok[2]!.id));
  catalog.run('DELETE FROM folders WHERE id = (SELECT max(id) FROM folders)');
  assert.deepEqual(kept(), counted());
  catalog.run('DELETE FROM folders');
  assert.deepEqual([kept(), total({})], [[], 0]);
  catalog.close();
});

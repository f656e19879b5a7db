import assert from 'node:assert/strict';
import test from 'node:test';
import type { PhotoFilter } from '../../../main/contract/requests.ts';
import type { SortKey } from '../../../main/contract/values.ts';
import { contentOf, setContent } from '../../../main/library/catalog/contents.ts';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import type { Catalog } from '../../../main/library/catalog/database.ts';
import { addFolder, childFolders, ensureFolder } from '../../../main/library/catalog/folders.ts';
import { folderKey, nameKey, searchable } from '../../../main/library/catalog/keys.ts';
import {
  insertPhoto,
  markAway,
  markMissing,
  photoById,
  setOwnLabel,
} from '../../../main/library/catalog/photos.ts';
import { resultKeyId, storeFailure, storeResult } from '../../../main/library/catalog/results.ts';
import { showKey } from '../../../main/library/catalog/shown.ts';
import { countPhotos } from '../../../main/library/lists/counts.ts';
import { photoFacets } from '../../../main/library/lists/facets.ts';
import { conditionOf } from '../../../main/library/lists/filter.ts';
import { photoPage, photoPosition, walk } from '../../../main/library/lists/page.ts';
import type { ModelManifest } from '../../../models/manifest.ts';

interface Made {
  id: number;
  name: string;
  folder: string;
  date: number;
  status: 'new' | 'ok' | 'unsure' | 'failed' | 'missing';
  label: number | null;
  probability: number;
  spread: number;
  own: string | null;
}

const classes = 40;
const labels = Array.from({ length: classes }, (_, i) => ({
  id: `n${i}`,
  name: `thing ${i}`,
  names: { 'zh-CN': i === 7 ? '暹罗猫' : `物${i}` },
}));

/** A catalog of `count` photos in twenty folders, and the same photos as plain objects to compare with. */
async function makeCatalog(count: number): Promise<{ catalog: Catalog; made: Made[] }> {
  const catalog = openCatalog(null);
  const manifest = { id: 'm', name: 'M', labels } as unknown as ModelManifest;
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
        storeFailure(catalog, key, content, { code: 'corrupt-image', message: 'No.' });
        return { ...photo, status: 'failed' };
      }
      const label = random(classes);
      const probability = Math.fround(random(101) / 100);
      const bytes = new Uint8Array(16).map((_, j) => (j <= random(16) ? 255 : 0));
      storeResult(catalog, key, content, 'cpu', {
        width: 4,
        height: 3,
        takenMs: null,
        damaged: false,
        top: [{ index: label, probability }],
        unsure: kind === 2,
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
      return { ...photo, status: kind === 2 ? 'unsure' : 'ok', label, probability };
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

const compare = (a: Key, b: Key): number =>
  typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : Buffer.compare(a, b);

function finds(filter: PhotoFilter, folderOf: number | undefined, path: string, photo: Made): boolean {
  const words = searchable(filter.search ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const text = searchable(
    [photo.name, photo.own ?? '', photo.folder].join('\n') +
      (photo.label === null ? '' : `\n${labels[photo.label]!.name}\n${labels[photo.label]!.names['zh-CN']}`),
  );
  return (
    (folderOf === undefined || photo.folder === path || photo.folder.startsWith(`${path}/`)) &&
    (!filter.labels || (photo.label !== null && filter.labels.includes(photo.label))) &&
    (filter.own === undefined || filter.own === (photo.own !== null)) &&
    (!filter.status || filter.status.includes(photo.status)) &&
    (filter.minProbability === undefined || photo.probability >= filter.minProbability) &&
    (filter.maxProbability === undefined ||
      (photo.probability >= 0 && photo.probability <= filter.maxProbability)) &&
    words.every((word) => text.includes(word))
  );
}

const filters: (PhotoFilter & { path?: string })[] = [
  {},
  { path: '/pictures/Trip 1' },
  { path: '/pictures' },
  { labels: [3, 7, 11] },
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

test('every sort and filter pages through 10,000 photos as a plain comparison would', async () => {
  const { catalog, made } = await makeCatalog(10_000);
  for (const { path, ...filter } of filters) {
    const folderId = path === undefined ? undefined : ensureFolder(catalog, path).id;
    const asked = { ...filter, ...(folderId === undefined ? {} : { folderId }) };
    const found = made.filter((photo) => finds(filter, folderId, path ?? '', photo));
    const name = JSON.stringify({ path, ...filter });
    assert.ok(found.length > 0 || filter.search === '%', `${name} finds something to compare`);
    for (const key of ['name', 'path', 'date', 'confidence', 'focus'] as const)
      for (const descending of [false, true]) {
        const sign = descending ? -1 : 1;
        const keyed = found.map((photo) => ({ id: photo.id, key: keyOf(photo, key) }));
        keyed.sort((a, b) => sign * (compare(a.key, b.key) || a.id - b.id));
        const expected = keyed.map(({ id }) => id);
        const sort = { key, descending };
        const got: number[] = [];
        let cursor: string | undefined;
        do {
          const step = walk(catalog, conditionOf(catalog, asked), sort, 500, { cursor });
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
  const { catalog, made } = await makeCatalog(20_000);
  const { id: folderId } = addFolder(catalog, '/pictures');
  const beside = addFolder(catalog, '/a folder before');
  insertPhoto(catalog, beside, 'a.jpg', { bytes: 1, modifiedMs: 1, changedMs: 1 });
  insertPhoto(catalog, addFolder(catalog, '/zoo'), 'a.jpg', { bytes: 1, modifiedMs: 1, changedMs: 1 });
  for (const filter of [
    { folderId },
    { folderId, own: false },
    { search: 'pictures g' },
  ] satisfies PhotoFilter[]) {
    const found = made.filter((photo) => finds({ ...filter, folderId: undefined }, undefined, '', photo));
    assert.equal(countPhotos(catalog, conditionOf(catalog, filter)), found.length);
    const facets = photoFacets(catalog, { filter, limit: 500 });
    for (const { index, photos } of facets.items)
      assert.equal(photos, found.filter(({ label }) => label === index).length, `label ${index}`);
    for (const [status, photos] of Object.entries(facets.status))
      assert.equal(photos, found.filter((photo) => photo.status === status).length, status);
    for (const key of ['path', 'date', 'confidence'] as const) {
      const keyed = found.map((photo) => ({ id: photo.id, key: keyOf(photo, key) }));
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

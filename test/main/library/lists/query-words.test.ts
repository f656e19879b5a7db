import assert from 'node:assert/strict';
import test from 'node:test';
import { queryTerms, queryWords, termText } from '../../../../main/contract/query-words.ts';
import type { PhotoFilter } from '../../../../main/contract/requests.ts';
import { noCapture } from '../../../../main/decode/metadata/capture.ts';
import { storeCapture } from '../../../../main/library/catalog/captures.ts';
import { contentOf, setContent } from '../../../../main/library/catalog/contents.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { addFolder, ensureFolder } from '../../../../main/library/catalog/folders.ts';
import { setWordsOf } from '../../../../main/library/catalog/person.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { resultKeyId, storeResult } from '../../../../main/library/catalog/results.ts';
import { showKey } from '../../../../main/library/catalog/shown.ts';
import { countPhotos } from '../../../../main/library/lists/counts.ts';
import { photoFacets } from '../../../../main/library/lists/facets.ts';
import { conditionOf } from '../../../../main/library/lists/filter.ts';
import { photoPage } from '../../../../main/library/lists/page.ts';
import { periodsOf } from '../../../../main/library/lists/periods.ts';
import { suggest } from '../../../../main/library/lists/suggest.ts';
import type { ModelManifest } from '../../../../models/manifest.ts';

const labels = [
  { id: 'n0', name: 'dog', names: { 'zh-CN': '狗' } },
  { id: 'n1', name: 'hot dog', names: { 'zh-CN': '热狗' } },
  { id: 'n2', name: 'cat', names: { 'zh-CN': '猫' } },
];

interface Shot {
  folder?: string;
  label: number | null;
  camera?: string;
  lens?: string;
  taken?: string;
  own?: string[];
  unsure?: boolean;
  damaged?: boolean;
  place?: [latitude: number, longitude: number];
}

const shots: Record<string, Shot> = {
  'a.jpg': { label: 0, camera: 'FUJIFILM X100V', taken: '2014-07-03', own: ['Rex'] },
  'b.jpg': { label: 1, camera: 'FUJIFILM X100', taken: '2014-12-31T23:30', unsure: true },
  'c.jpg': {
    label: 2,
    camera: 'Canon EOS 5D',
    lens: 'EF 50mm f/1.4',
    taken: '2015-01-01T00:30',
    own: ['Rex', 'garden'],
  },
  'd damaged.jpg': { label: 0, taken: '2016-05-05', damaged: true, place: [48.2, 11.5] },
  'e.jpg': {
    folder: '/p/Trip to Rome',
    label: null,
    taken: '2016-06-01',
    own: ['garden'],
    place: [-17.7, 178.9],
  },
};

async function made(): Promise<Catalog> {
  const catalog = openCatalog(null);
  const manifest = { id: 'm', name: 'M', labels } as unknown as ModelManifest;
  const key = resultKeyId(catalog, { modelHash: 'h', preprocessing: 'p', precision: 'fp32', graphVersion: 1 }, manifest); // prettier-ignore
  await showKey(catalog, key);
  addFolder(catalog, '/p');
  catalog.transaction(() => {
    Object.entries(shots).forEach(([name, shot], i) => {
      const facts = { bytes: i + 1, modifiedMs: 0, changedMs: 0 };
      const id = insertPhoto(catalog, ensureFolder(catalog, shot.folder ?? '/p'), name, facts);
      const takenMs = Date.parse(shot.taken!.length > 10 ? `${shot.taken}Z` : shot.taken!);
      if (shot.label !== null) {
        const content = contentOf(catalog, new Uint8Array(32).fill(i + 1));
        setContent(catalog, id, facts, content);
        storeResult(catalog, key, content, 'cpu', {
          ...{
            width: 4,
            height: 3,
            takenMs: null,
            damaged: shot.damaged ?? false,
            clsFeature: null,
            map: null,
          },
          ...{
            top: [{ index: shot.label, probability: 0.9 }],
            unsure: shot.unsure ?? false,
            thumbnail: null,
          },
          seen: { x: 0, y: 0, width: 3, height: 3 },
        });
      }
      const [latitude, longitude] = shot.place ?? [null, null];
      const { camera = null, lens = null } = shot;
      storeCapture(catalog, id, { ...noCapture, takenMs, camera, lens, latitude, longitude });
      if (shot.own) setWordsOf(catalog, id, { labels: shot.own, rejected: [], none: false, drawn: false });
    });
  });
  return catalog;
}

/** First letters of the photos' names. */
function found(catalog: Catalog, filter: PhotoFilter): string {
  const { items, total } = photoPage(catalog, {
    filter,
    sort: { key: 'name', descending: false },
    limit: 10,
  });
  assert.equal(countPhotos(catalog, conditionOf(catalog, filter)), total);
  return items.map(({ name }) => name[0]).join('');
}

test('words of a search name fields, alternatives, whole names and what is not wanted', () => {
  assert.deepEqual(queryTerms('beach camera:x100,"EOS 5D" -label:"hot dog" unsure'), [
    { field: null, not: false, values: [{ text: 'beach', whole: false }] },
    {
      field: 'camera',
      not: false,
      values: [
        { text: 'x100', whole: false },
        { text: 'EOS 5D', whole: true },
      ],
    },
    { field: 'label', not: true, values: [{ text: 'hot dog', whole: true }] },
    { field: 'status', not: false, values: [{ text: 'unsure', whole: true }] },
  ]);
  assert.deepEqual(
    queryTerms('相机：x100 不确定').map(({ field }) => field),
    ['camera', 'status'],
  );
  assert.deepEqual(
    queryTerms('"unsure" 10:30 camera: -').map(({ field, values }) => [field, values[0]!.text]),
    [
      [null, 'unsure'],
      [null, '10:30'],
      [null, '-'],
    ],
  );
  assert.deepEqual(queryWords(' a "b c" d').map(({ text, from, to }) => [text, from, to]), [['a', 1, 2], ['"b c"', 3, 8], ['d', 9, 10]]); // prettier-ignore
  assert.equal(
    termText(
      'label',
      [
        { text: 'hot dog', whole: true },
        { text: 'cat', whole: false },
      ],
      true,
    ),
    '-label:"hot dog",cat',
  );
  for (const text of ['"', ',', 'label:"', 'year:,', '--label:x', ':', 'place:1,2'])
    assert.doesNotThrow(() => queryTerms(text), text);
});

test('a word shorter than the index of words knows finds names in any composition, case and width', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  const folder = addFolder(catalog, '/p');
  const names = [
    '1 Caf\u00e9.jpg',
    '2 cafe\u0301.jpg',
    '3 CAF\u00c9.jpg',
    '4 \uff11\uff12.jpg',
    '5 a12_.jpg',
    '6 猫.jpg',
  ];
  catalog.transaction(() => {
    for (const name of names) insertPhoto(catalog, folder, name, { bytes: 1, modifiedMs: 0, changedMs: 0 });
  });
  const own = insertPhoto(catalog, folder, '7.jpg', { bytes: 1, modifiedMs: 0, changedMs: 0 });
  setWordsOf(catalog, own, { labels: ['O\u0308l'], rejected: [], none: false, drawn: false });
  const cases = {
    é: '123',
    É: '123',
    fé: '123',
    af: '123',
    AF: '123',
    '12': '45',
    '１２': '45',
    猫: '6',
    _: '5',
    ö: '7',
    'é 2': '2',
    é7: '',
  };
  for (const [search, expected] of Object.entries(cases))
    assert.equal(found(catalog, { search }), expected, search);
});

test('photos are found by what the camera wrote, by labels, states and folders', async (t) => {
  const catalog = await made();
  t.after(() => catalog.close());
  const cases: Record<string, string> = {
    'camera:x100': 'ab',
    'camera:"fujifilm x100"': 'b',
    'camera:x100,canon': 'abc',
    '-camera:x100': 'cde',
    'lens:50mm': 'c',
    'year:2014': 'ab',
    'year:2014,2016': 'abde',
    'year:2014-2015': 'abc',
    'year:soon': '',
    'label:dog': 'abd',
    'label:"dog"': 'ad',
    'label:狗': 'abd',
    n1: 'b',
    n: 'ce', // By the word garden, not by ids.
    'label:rex': 'ac',
    'own:dog': '',
    '-label:"dog"': 'bce',
    'label:"dog" label:rex': 'a',
    'own:rex,garden': 'ace',
    unsure: 'b',
    '-unsure': 'acde',
    damaged: 'd',
    '"damaged"': 'd',
    '-damaged': 'abce',
    'status:own': 'ace',
    'status:new': 'e',
    'folder:rome': 'e',
    'folder:"/p"': 'abcde',
    'probability:80-100': 'abcd',
    'place:40,10,50,12': 'd',
    'place:-20,170,-10,-170': 'e',
    '-place:40,10,50,12': 'abce',
    'place:48.1,11.4,20km': 'd',
    'place:48.1,11.4,13km': '',
    'place:-17.7,-179.9,200km': 'e',
    'place:-17.7,-179.9,100km': '',
    'place:89,0,5000km': 'd',
    'place:0,0,30000km': 'de',
    'place:48.2,11.5,1m': 'd',
    'place:48,11': '',
    'place:50,10,40,12': '',
    'place:somewhere': '',
    'camera:x100 year:2014 -unsure': 'a',
    'camera:x100 jpg': 'ab',
  };
  for (const [search, names] of Object.entries(cases))
    assert.equal(found(catalog, { search }), names, search);
});

test('labels are a set: any of them, all of them, none of them', async (t) => {
  const catalog = await made();
  t.after(() => catalog.close());
  assert.equal(found(catalog, { labels: [0], person: ['garden'] }), 'acde');
  assert.equal(found(catalog, { labels: [0], person: ['rex'], match: 'all' }), 'a');
  assert.equal(found(catalog, { person: ['rex', 'garden'], match: 'all' }), 'c');
  assert.equal(found(catalog, { withoutLabels: [0] }), 'bce');
  assert.equal(found(catalog, { withoutLabels: [0, 1], withoutPerson: ['rex'] }), 'e');
  assert.equal(found(catalog, { labels: [0], withoutPerson: ['rex'] }), 'd');
  const facets = photoFacets(catalog, { filter: { labels: [0], withoutLabels: [2] }, limit: 10 });
  assert.deepEqual(facets.items.map(({ index, photos }) => [index, photos]), [[0, 2], [1, 1], [2, 1]]); // prettier-ignore
  assert.deepEqual([facets.damaged, facets.own], [1, 1]);
  assert.equal(found(catalog, { damaged: true }), 'd');
});

test('months are counted by the calendar, in short lists and in long ones', async (t) => {
  const catalog = await made();
  t.after(() => catalog.close());
  const months = (filter: PhotoFilter) =>
    periodsOf(catalog, conditionOf(catalog, filter), 'month').map(({ year, month, photos }) => `${year}-${month} ${photos}`); // prettier-ignore
  assert.deepEqual(months({}), ['2014-7 1', '2014-12 1', '2015-1 1', '2016-5 1', '2016-6 1']);
  assert.deepEqual(months({ search: 'camera:x100' }), ['2014-7 1', '2014-12 1']);
  const root = addFolder(catalog, '/many');
  catalog.transaction(() => {
    for (let i = 0; i < 17_000; i++) {
      const ms = new Date(2020, i % 3, 1 + (i % 28), 12).getTime();
      insertPhoto(catalog, root, `${i}.jpg`, { bytes: 1, modifiedMs: ms, changedMs: ms });
    }
  });
  const all = ['2020-1 5667', '2020-2 5667', '2020-3 5666'];
  for (const filter of [
    { folderId: root.id },
    { search: 'year:2020' },
    { folderId: root.id, search: '-camera:x100' },
  ])
    assert.deepEqual(months(filter), all, JSON.stringify(filter));
  assert.deepEqual(months({ search: '-year:2020' }), months({ search: 'year:2014-2016' }));
});

test('what there is to search for is told while it is typed', async (t) => {
  const catalog = await made();
  t.after(() => catalog.close());
  const told = (word: string) => suggest(catalog, word, 20).map(({ text, photos }) => [text, photos]);
  assert.deepEqual(told('camera:x1'), [['camera:"FUJIFILM X100"', 1], ['camera:"FUJIFILM X100V"', 1]]); // prettier-ignore
  assert.deepEqual(told('-label:do'), [
    ['-label:"dog"', 2],
    ['-label:"hot dog"', 1],
  ]);
  assert.deepEqual(told('label:re'), [['label:"Rex"', 2]]);
  assert.deepEqual(told('year:'), [
    ['year:2016', 2],
    ['year:2015', 1],
    ['year:2014', 2],
  ]);
  assert.deepEqual(told('ro'), [['folder:"Trip to Rome"', null]]);
  assert.deepEqual(told('r'), []);
  // What is offered finds as many as it says.
  for (const word of ['camera:', 'label:', 'year:', 'lens:'])
    for (const [text, photos] of told(word)) assert.equal(found(catalog, { search: String(text) }).length, photos, String(text)); // prettier-ignore
});

/** Words of a search find the same in memory as in SQLite, whatever has changed since they were read. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { setFileKeywords } from '../../../../main/library/catalog/file-keywords.ts';
import { addFolder, ensureFolder } from '../../../../main/library/catalog/folders.ts';
import {
  giveUpName,
  insertPhoto,
  markAway,
  movePhoto,
  photoById,
  setOwnLabel,
} from '../../../../main/library/catalog/photos.ts';
import { photosFound } from '../../../../main/library/lists/found.ts';
import { KeptWords, keptWords } from '../../../../main/library/lists/kept-words.ts';
import { temporaryFolder } from '../../../temporary.ts';

const root = temporaryFolder({ after }, 'kept-words');

const facts = { bytes: 1, modifiedMs: 1e12, changedMs: 1e12 };
const oddNames = [
  ...[
    'IMG_0001.JPG',
    'img_1.jpg',
    'Ünal.jpg',
    'U\u0308nal 2.jpg',
    'ＩＭＧ＿２.jpg',
    '猫.jpg',
    '黑猫 在家里.png',
    'ΟΔΟΣ.jpg',
  ],
  ...[
    'İstanbul.jpg',
    'ﬁsh.jpg',
    'a\nb.jpg',
    'a b.jpg',
    'a%b_c\\d.jpg',
    'it\'s "it".jpg',
    '😀😀.jpg',
    'ends with e',
    'K.jpg',
  ],
];
const words = [
  ...[
    'e',
    '1',
    'g',
    '猫',
    '黑猫',
    '黑猫 在',
    'img',
    'img_',
    '.jpg',
    'ünal',
    'u',
    'ü',
    'οδος',
    'οδοσ',
    'σ',
    'ς',
    'i',
    'i̇',
    'fish',
  ],
  ...[
    'a b',
    'a\nb',
    'a\0b',
    'b',
    '%',
    '_',
    '\\',
    '"',
    "'",
    '😀',
    '\ud83d',
    'k',
    'trip',
    'trip 1',
    '/',
    '家',
    'pictures/trip',
    'beach',
  ],
  ...['strand 1', 'holiday', 'renamed', 'g\0i', 'no such thing', 'jpg\nimg'],
];

const built = join(root, 'built.sqlite');
let catalog: Catalog;
/** The same file, of which nothing is kept. */
let plain: Catalog;
let kept: KeptWords;
const ids = buildCatalog();

function buildCatalog(): number[] {
  catalog = openCatalog(built);
  const found: number[] = [];
  catalog.transaction(() => {
    addFolder(catalog, '/pictures');
    const folders = ['/pictures', '/pictures/Trip 1', '/pictures/Trip 12/家里'].map((path) =>
      ensureFolder(catalog, path),
    );
    // More than are read at once, and more than may have changed.
    for (let i = 0; i < 4200; i++) {
      const name = (i % 3 === 0 && oddNames[i / 3]) || `${i % 2 ? 'IMG_' : 'DSC'}${i}.jpg`;
      found.push(insertPhoto(catalog, folders[i % 3]!, name, facts));
    }
    for (const i of [5, 900, 2800]) setOwnLabel(catalog, photoById(catalog, found[i]!), 'Holiday Ｇ 猫');
    for (const i of [7, 901, 4100]) keyword(found[i]!, 'Beach', `Strand ${i}`);
  });
  catalog.close();
  return found;
}

beforeEach(() => {
  const path = join(root, 'catalog.sqlite');
  copyFileSync(built, path);
  catalog = openCatalog(path);
  plain = openCatalog(path);
  kept = new KeptWords(catalog);
});

afterEach(() => {
  kept.close();
  catalog.close();
  plain.close();
});

function keyword(id: number, ...labels: string[]): void {
  setFileKeywords(catalog, id, labels.map((label) => ({ label, from: 'sidecar', program: null })), labels.join()); // prettier-ignore
}

function same(): void {
  for (const text of words) {
    const [here, there] = [catalog, plain].map((each) =>
      Buffer.from(photosFound(each, [{ field: null, not: false, values: [{ text, whole: false }] }]).bits),
    );
    assert.ok(here!.equals(there!), `other photos for ${JSON.stringify(text)}`);
  }
}

function change(): void {
  const folder = ensureFolder(catalog, '/pictures/Strand 1');
  movePhoto(catalog, photoById(catalog, ids[10]!), folder, 'Renamed.jpg', facts);
  movePhoto(catalog, photoById(catalog, ids[4000]!), folder, 'Renamed 2 猫.jpg', facts);
  setOwnLabel(catalog, photoById(catalog, ids[5]!), null);
  setOwnLabel(catalog, photoById(catalog, ids[11]!), 'holiday');
  keyword(ids[7]!, 'Renamed');
  keyword(ids[8]!, 'beach');
  keyword(ids[901]!);
  catalog.run('DELETE FROM photos WHERE id IN (?, ?)', ids[4100], ids[12]);
  insertPhoto(catalog, folder, '黑猫 holiday.jpg', facts);
  markAway(catalog, ids[13]!);
  giveUpName(catalog, photoById(catalog, ids[13]!));
}

test('words in memory find what SQLite finds', async () => {
  await kept.read();
  assert.ok(keptWords(catalog));
  same();
});

test('what changes afterwards, and what is undone again, is found as it is', async () => {
  await kept.read();
  assert.throws(() =>
    catalog.transaction(() => {
      change();
      throw new Error('undone');
    }),
  );
  same();
  catalog.transaction(change);
  assert.ok(keptWords(catalog));
  same();
});

test('what changes while words are read is found as it is', async () => {
  const reading = kept.read();
  catalog.transaction(change);
  await reading;
  assert.ok(keptWords(catalog));
  same();
});

test('a folder that leaves takes its photos out of what is found', async () => {
  await kept.read();
  catalog.run("DELETE FROM folders WHERE name = 'Trip 1'");
  assert.ok(keptWords(catalog));
  same();
});

test('SQLite is asked once another process has changed something, or too many photos have changed', async () => {
  await kept.read();
  setOwnLabel(plain, photoById(plain, ids[20]!), 'holiday');
  assert.equal(keptWords(catalog), null);
  same();
  await kept.read();
  catalog.run('UPDATE photos SET own_label = ?', 'holiday');
  assert.equal(keptWords(catalog), null);
});

test('words are read once a list is shown and nothing has changed for a while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const passed = async () => {
    t.mock.timers.tick(2000);
    for (let i = 0; i < 20; i++) await settled();
  };
  kept.wake();
  setOwnLabel(catalog, photoById(catalog, ids[20]!), 'holiday');
  await passed();
  assert.equal(keptWords(catalog), null, 'photos are still changing');
  await passed();
  assert.ok(keptWords(catalog));
  same();
  kept.close();
  assert.equal(keptWords(catalog), null);
});

/** Exports as something that is tried, written in the background and taken back; pages and contact sheets of a library. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import type { WrittenItem } from '../../../../main/contract/entities/writing.ts';
import type { SeenRegion, StoredMap } from '../../../../main/contract/entities/inspection.ts';
import type { ExportTarget } from '../../../../main/contract/exports.ts';
import { forkModule } from '../../../../main/rpc/fork.ts';
import { unpackMap } from '../../../../models/overlay/stored.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { tableRows } from '../../../../main/library/exports/rows.ts';
import { countPhotos } from '../../../../main/library/lists/counts.ts';
import { conditionOf } from '../../../../main/library/lists/filter.ts';
import { picture } from '../keywords/pictures.ts';
import { type Asked, makePlace, openLibrary, type Place } from '../setup.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const selection = { filter: {}, except: [] };

async function filled(t: TestContext): Promise<{ place: Place; library: Asked }> {
  const place = makePlace(t);
  for (const [i, name] of ['a.jpg', 'b.jpg', 'c.jpg'].entries())
    await picture(join(place.photos, name), 'jpeg', `#${i + 2}68`);
  writeFileSync(join(place.photos, 'd.jpg'), 'bad');
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  return { place, library };
}

async function written(library: Asked, path: string, target: ExportTarget, dryRun = false) {
  await library.call('writing.start', { selection, task: { kind: 'export', path, target }, dryRun });
  return library.writingEnds();
}

const targets: ExportTarget[] = [
  { format: 'parquet', layout: 'file' },
  { format: 'parquet', layout: 'folder' },
  { format: 'fiftyone' },
  { format: 'coco' },
  { format: 'label-studio' },
  { format: 'imagefolder' },
  { format: 'report' },
  { format: 'contact-sheet' },
];
for (const target of targets)
  test(`${target.format}${'layout' in target ? ` (${target.layout})` : ''} is tried, written and taken back`, async (t) => {
    const { place, library } = await filled(t);
    const path = join(place.folder, 'out', 'file');
    const does = ({ items }: { items: readonly WrittenItem[] }) =>
      items.map((item) => [item.path, item.does]);
    const tried = await written(library, path, target, true);
    assert.deepEqual([does(tried), existsSync(path)], [[[path, 'create']], false]);
    const { state, done, total, canUndo, changed, failed } = await written(library, path, target);
    assert.deepEqual([state, changed, failed, done, total, canUndo], ['finished', 1, 0, 4, 4, true]);
    assert.ok(existsSync(path));
    await library.call('writing.undo', {});
    assert.equal((await library.writingEnds()).changed, 1);
    assert.ok(!existsSync(path));
    assert.deepEqual(readdirSync(place.photos).length, 4, 'the photos stay');
  });

test('what was changed since stays, and so does what was there before', async (t) => {
  const { place, library } = await filled(t);
  const path = join(place.folder, 'labels.json');
  await written(library, path, { format: 'coco' });
  appendFileSync(path, '\n');
  await library.call('writing.undo', {});
  const { items } = await library.writingEnds();
  assert.equal(items[0]!.error!.code, 'changed-meanwhile');
  assert.ok(existsSync(path));
  const again = await written(library, path, { format: 'coco' });
  assert.deepEqual([again.items[0]!.does, again.canUndo], ['change', false]);
});

test('what can’t be written is told', async (t) => {
  const { place, library } = await filled(t);
  writeFileSync(join(place.folder, 'file'), '');
  const { failed, items } = await written(library, join(place.folder, 'file', 'a.json'), { format: 'coco' });
  assert.deepEqual([failed, items[0]!.error!.code], [1, 'cannot-write']);
});

test('a page has labels of the head in use, a person’s words, maps and failures', async (t) => {
  const { place, library } = await filled(t);
  const [a, b] = await library.items();
  const label = (id: number, act: { kind: 'label'; labels: string[] } | { kind: 'reject'; label: string }) =>
    library.call('review.act', { selection: { ids: [id] }, act });
  await label(a!.id, { kind: 'label', labels: ['<boat> & sea'] });
  await label(b!.id, { kind: 'reject', label: 'cat' });
  const path = join(place.folder, 'page.html');
  await library.call('exports.write', { selection, path, target: { format: 'report', maps: 'stored' } });
  const page = readFileSync(path, 'utf8');
  assert.match(page, /Said to be &#60;boat&#62; &#38; sea\./);
  assert.match(page, /not cat\./);
  assert.match(page, /the model’s own labels/);
  assert.match(page, /4 photos, 1 of them failed/);
  assert.equal(
    [...page.matchAll(/<img [^>]*loading="lazy"/g)].length,
    3,
    'evidence that tells no label is not drawn for one',
  );
  const none = join(place.folder, 'none.html');
  await library.call('exports.write', { selection, path: none, target: { format: 'report', maps: 'none' } });
  assert.equal([...readFileSync(none, 'utf8').matchAll(/<img /g)].length, 3);
  const sheet = join(place.folder, 'sheet.png');
  await library.call('exports.write', { selection, path: sheet, target: { format: 'contact-sheet' } });
  const { width, height, format } = await sharp(sheet).metadata();
  assert.ok(format === 'png' && width > 400 && height > 200);
});

/** [rows · columns]: how much warmer than blue the part of a picture is that each patch covers. */
async function warmth(
  data: string,
  photo: { width: number; height: number },
  seen: SeenRegion,
  map: StoredMap,
) {
  const { data: pixels, info } = await sharp(Buffer.from(data, 'base64')).removeAlpha().raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
  const sums = new Float64Array(map.rows * map.columns);
  const counts = new Float64Array(map.rows * map.columns);
  for (let y = 0; y < info.height; y++)
    for (let x = 0; x < info.width; x++) {
      const across = ((((x + 0.5) * photo.width) / info.width - seen.x) / seen.width) * map.columns;
      const down = ((((y + 0.5) * photo.height) / info.height - seen.y) / seen.height) * map.rows;
      if (across < 0 || down < 0 || across >= map.columns || down >= map.rows) continue;
      const patch = Math.floor(down) * map.columns + Math.floor(across);
      const at = 3 * (y * info.width + x);
      sums[patch]! += pixels[at]! - pixels[at + 2]!;
      counts[patch]!++;
    }
  return sums.map((sum, i) => sum / counts[i]!);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, each) => sum + each, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (of: (i: number) => number) =>
    Array.from(a, (_, i) => of(i)).reduce((total, each) => total + each, 0);
  return (
    sum((i) => (a[i]! - ma) * (b[i]! - mb)) /
    Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2))
  );
}

test('the evidence that a run of the real model stored is drawn where it lies', async (t) => {
  const place = makePlace(t);
  copyFileSync(file('../../../../samples/cat.jpg'), join(place.photos, 'cat.jpg'));
  place.model = file('../../../../models/starter');
  const library = await openLibrary(place, {
    start: () => forkModule(file('../../../../main/inference/process.ts')),
  });
  await library.scan();
  const { failed } = await library.runAll();
  assert.equal(failed, 0);
  const [photo] = await library.items();
  const { map, seen, top } = photo!;
  assert.deepEqual([map!.method, map!.classIndex], ['class', top!.index]);
  const path = join(place.folder, 'page.html');
  await library.call('exports.write', { selection, path, target: { format: 'report', maps: 'stored' } });
  const pictures = [...readFileSync(path, 'utf8').matchAll(/<img src="data:image\/webp;base64,([^"]+)"/g)];
  assert.equal(pictures.length, 2, 'the photo, and the photo under its map');
  const values = unpackMap(map!);
  const [plain, drawn] = await Promise.all(pictures.map(([, data]) => warmth(data!, photo!, seen!, map!)));
  assert.ok(
    correlation(drawn!, values) > 0.9,
    `orange where it speaks for the label: ${correlation(drawn!, values)}`,
  );
  assert.ok(
    correlation(plain!, values) < 0.7,
    `which the photo itself does not say: ${correlation(plain!, values)}`,
  );
});

test('a search of more photos than a page is exported whole, whatever is searched for in between', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  const folder = addFolder(catalog, join(tmpdir(), 'nowhere'));
  const name = (i: number) => `harbour-${String(i).padStart(4, '0')}.jpg`;
  catalog.transaction(() => {
    for (let i = 0; i < 1203; i++)
      insertPhoto(catalog, folder, i % 4 ? name(i) : `other-${i}.jpg`, {
        bytes: 1,
        modifiedMs: 1,
        changedMs: 1,
      });
  });
  const found = { filter: { search: 'harbour' }, except: [2, 3] };
  const names: string[] = [];
  const pages: number[] = [];
  for (const page of tableRows(catalog, found, 1, { features: false, maps: false })) {
    pages.push(page.length);
    names.push(...page.map(({ facts }) => basename(facts.file ?? '')));
    // Others look for other things meanwhile, more of them than sets of photos are kept.
    for (let i = 0; i < 80; i++)
      countPhotos(catalog, conditionOf(catalog, { search: `harbour-0${i} ${pages.length}` }));
  }
  assert.deepEqual(pages, [500, 400]);
  const all = Array.from({ length: 1203 }, (_, i) => i).filter((i) => i % 4 && ![1, 2].includes(i));
  assert.deepEqual(names, all.map(name));
});

for (const format of ['fiftyone', 'coco', 'label-studio', 'imagefolder', 'report', 'contact-sheet'] as const)
  test(`${format} has no photo that is another picture by now than its label is of, and tells how many`, async (t) => {
    const { place, library } = await filled(t);
    const path = join(place.folder, 'written');
    const write = () => library.call('exports.write', { selection, path, target: { format } });
    const all = await write();
    assert.deepEqual([all.photos, all.notes.filter((note) => note.includes('now than'))], [4, []]);
    rmSync(path, { recursive: true });
    // Exchanged, and the library has not looked since.
    const at = (name: string) => join(place.photos, name);
    renameSync(at('a.jpg'), at('other'));
    renameSync(at('b.jpg'), at('a.jpg'));
    renameSync(at('other'), at('b.jpg'));
    const { photos, notes } = await write();
    assert.equal(photos, 2);
    assert.ok(notes.includes('2 photos are other files now than what was read and left out. Look for changes, and classify again.')); // prettier-ignore
    if (format === 'contact-sheet') return;
    const written = format === 'imagefolder' ? readdirSync(join(path, 'train')) : textBelow(path);
    assert.deepEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map((name) => written.includes(name)), [false, false, true, true]); // prettier-ignore
  });

const textBelow = (path: string) =>
  readFileSync(statSync(path).isFile() ? path : join(path, 'tasks.json'), 'utf8');

test('of no photos there is an empty page and no sheet', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place);
  const write = (format: 'report' | 'contact-sheet') =>
    library.call('exports.write', { selection, path: join(place.folder, format), target: { format } });
  assert.deepEqual([(await write('report')).photos, existsSync(join(place.folder, 'report'))], [0, true]);
  const { photos, notes } = await write('contact-sheet');
  assert.deepEqual([photos, notes.length, existsSync(join(place.folder, 'contact-sheet'))], [0, 1, false]);
});

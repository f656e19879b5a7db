/** Photos that can't go where they are to, or come back: their sidecars stay with them, and what a person did stays. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ways, type Way } from '../../../../main/library/files/place.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { setWritten, writtenTo } from '../../../../main/library/catalog/written.ts';
import { type OrganiseEvents, organisePlan, placings, recordedIn, undoLast } from '../../../../main/library/writing/organise.ts'; // prettier-ignore
import { endLog, lastLog, PlacingLog, readLog } from '../../../../main/library/files/log.ts';
import { sidecarsIn, sidecarsOf } from '../../../../main/library/writing/sidecar-names.ts';
import type { Step } from '../../../../main/library/writing/writing.ts';
import { temporaryFolder } from '../../../temporary.ts';

interface Place {
  home: string;
  photos: string;
  folder: string;
}

function makePlace(t: TestContext, names: readonly string[]): Place {
  const root = temporaryFolder(t, 'staying');
  const place = { home: join(root, 'home'), photos: join(root, 'photos'), folder: join(root, 'sorted') };
  for (const folder of [place.photos, place.home, place.folder]) mkdirSync(folder);
  for (const name of names) writeFileSync(join(place.photos, name), `content of ${name}`);
  return place;
}

const work = async (steps: readonly Step[]) => {
  const items = [];
  for (const step of steps) items.push(await step(false));
  return items;
};

/** Into one folder; `between` comes after the plan was made. */
async function organise(place: Place, way: Way, between = () => {}, events: OrganiseEvents = {}) {
  const photos = readdirSync(place.photos)
    .filter((name) => !name.endsWith('.xmp'))
    .map((name) => ({ path: join(place.photos, name), labels: ['boat'], dateMs: 0 }));
  const all = await placings(photos, { folder: place.folder, template: '{name}', way });
  between();
  const plan = organisePlan(place.home, all, events);
  const items = await work(plan.steps);
  await plan.ended();
  return items;
}

for (const way of ways)
  test(`a photo that finds no place keeps its sidecars beside it: ${way}`, async (t) => {
    const place = makePlace(t, ['a.jpg', 'a.jpg.xmp', 'a.xmp', 'b.jpg', 'b.jpg.xmp']);
    const items = await organise(place, way, () => writeFileSync(join(place.folder, 'a.jpg'), 'another'));
    assert.deepEqual(
      items.map(({ from, does, error }) => [basename(from!), error?.code ?? does]),
      [['a.jpg', 'file-exists'], ['a.xmp', 'none'], ['a.jpg.xmp', 'none'], ['b.jpg', way], ['b.jpg.xmp', way]],
    ); // prettier-ignore
    assert.deepEqual(readdirSync(place.folder).sort(), ['a.jpg', 'b.jpg', 'b.jpg.xmp']);
    for (const name of ['a.jpg', 'a.jpg.xmp', 'a.xmp']) assert.ok(existsSync(join(place.photos, name)), name);
    await work(undoLast(place.home));
    assert.deepEqual(readdirSync(place.folder), ['a.jpg']);
    assert.deepEqual(readdirSync(place.photos).sort(), ['a.jpg', 'a.jpg.xmp', 'a.xmp', 'b.jpg', 'b.jpg.xmp']);
  });

test('a sidecar of two, of which one can’t go, is copied for the other, which is told, and the copy taken back', async (t) => {
  const place = makePlace(t, ['a.cr2', 'a.jpg', 'a.xmp']);
  const items = await organise(place, 'move', () => writeFileSync(join(place.folder, 'a.jpg'), 'another'));
  assert.deepEqual(
    items.map(({ does, staysWith }) => [does, staysWith && basename(staysWith)]),
    [['move', undefined], ['none', undefined], ['copy', 'a.jpg']],
  ); // prettier-ignore
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.jpg', 'a.xmp']);
  assert.deepEqual(readdirSync(place.folder).sort(), ['a.cr2', 'a.jpg', 'a.xmp']);
  await work(undoLast(place.home));
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.cr2', 'a.jpg', 'a.xmp']);
  assert.deepEqual(readdirSync(place.folder), ['a.jpg']);
});

test('a RAW’s own sidecar is not what a JPEG shares that is called after the whole RAW', async (t) => {
  const place = makePlace(t, ['a.cr2', 'a.cr2.jpg', 'a.cr2.xmp', 'b.cr2.jpg', 'b.cr2.xmp']);
  const photos = ['a.cr2.jpg', 'b.cr2.jpg'].map((name) => ({ path: join(place.photos, name), labels: ['boat'], dateMs: 0 })); // prettier-ignore
  const plan = organisePlan(place.home, await placings(photos, { folder: place.folder, template: '{name}', way: 'move' })); // prettier-ignore
  await work(plan.steps);
  await plan.ended();
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.cr2', 'a.cr2.xmp']);
  // Where no such RAW is beside it, it is.
  assert.deepEqual(readdirSync(place.folder).sort(), ['a.cr2.jpg', 'b.cr2.jpg', 'b.cr2.xmp']);
  await work(undoLast(place.home));
  const beside = await sidecarsIn(place.photos);
  const target = (name: string) => basename(sidecarsOf(join(place.photos, name), beside, 'short').target);
  assert.deepEqual(['a.cr2', 'a.cr2.jpg', 'b.cr2.jpg'].map(target), ['a.cr2.xmp', 'a.cr2.jpg.xmp', 'b.cr2.xmp']); // prettier-ignore
});

test('of two that were to come to one place, the first is taken back', (t) => {
  const { home } = makePlace(t, []);
  const log = new PlacingLog(home);
  const [first, second] = ['a', 'b'].map((from) => ({ way: 'copy', from: `/${from}`, to: '/c' }) as const);
  log.begin(first!);
  log.begin(second!);
  log.failed(second!);
  log.close();
  assert.deepEqual(readLog(log.path).placings, [first]);
});

test('batches are taken back last first, also of one millisecond and where the clock has gone back', async (t) => {
  const place = makePlace(t, ['a.jpg']);
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2031-05-06T07:08:09.123Z') });
  const logs = [0, 0, 0, -86_400_000].map((later) => {
    t.mock.timers.setTime(Date.now() + later);
    const log = new PlacingLog(place.home);
    log.begin({ way: 'copy', from: join(place.photos, 'a.jpg'), to: join(place.folder, 'a.jpg') });
    log.close();
    return log.path;
  });
  for (const path of logs.toReversed()) {
    assert.equal(lastLog(place.home), path);
    endLog(path, []);
  }
  assert.ok(new PlacingLog(place.home).path > logs.at(-1)!);
});

test('a batch of which nothing came about before a crash keeps none before it from being taken back', async (t) => {
  const place = makePlace(t, ['a.jpg']);
  await organise(place, 'move');
  const log = new PlacingLog(place.home);
  const cut = {
    way: 'move',
    from: join(place.photos, 'b.jpg'),
    to: join(place.folder, 'new', 'b.jpg'),
  } as const;
  log.begin(cut);
  mkdirSync(join(place.folder, 'new'));
  log.failed(cut);
  log.close();
  await work(undoLast(place.home));
  assert.deepEqual([readdirSync(place.photos), readdirSync(place.folder)], [['a.jpg'], []]);
  assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
});

test('where something took a photo’s old place, its sidecar stays with it as well', async (t) => {
  const place = makePlace(t, ['a.jpg', 'a.jpg.xmp', 'a.xmp', 'b.jpg', 'b.jpg.xmp']);
  await organise(place, 'move');
  writeFileSync(join(place.photos, 'a.jpg'), 'another');
  const items = await work(undoLast(place.home));
  assert.ok(items.some(({ error }) => error !== null));
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.jpg', 'b.jpg', 'b.jpg.xmp']);
  assert.deepEqual(readdirSync(place.folder).sort(), ['a.jpg', 'a.jpg.xmp', 'a.xmp']);
  // Out of its way, the rest goes back.
  rmSync(join(place.photos, 'a.jpg'));
  await work(undoLast(place.home));
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.jpg', 'a.jpg.xmp', 'a.xmp', 'b.jpg', 'b.jpg.xmp']);
  assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
});

test('copies that somebody edited stay, with their sidecars, and keep no batch before from being taken back', async (t) => {
  const place = makePlace(t, ['a.jpg', 'a.jpg.xmp', 'b.jpg']);
  const older = { ...place, folder: join(place.folder, 'older') };
  await organise(older, 'copy');
  await organise({ ...place, folder: join(place.folder, 'newer') }, 'copy');
  const edited = join(place.folder, 'newer', 'a.jpg');
  writeFileSync(edited, 'edited');
  const items = await work(undoLast(place.home));
  assert.deepEqual(
    items.map(({ path, does, error }) => [basename(path), error?.code ?? does]),
    [['b.jpg', 'back'], ['a.jpg', 'changed-meanwhile'], ['a.jpg.xmp', 'none']],
  ); // prettier-ignore
  assert.equal(readFileSync(edited, 'utf8'), 'edited');
  assert.deepEqual(readdirSync(join(place.folder, 'newer')).sort(), ['a.jpg', 'a.jpg.xmp']);
  await work(undoLast(place.home));
  assert.deepEqual(readdirSync(place.folder), ['newer']);
  assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
});

test('an original that was edited or deleted keeps its copy from being taken back: it is the only one left', async (t) => {
  const place = makePlace(t, ['a.jpg', 'b.jpg']);
  await organise(place, 'copy');
  rmSync(join(place.photos, 'a.jpg'));
  writeFileSync(join(place.photos, 'b.jpg'), 'edited');
  const items = await work(undoLast(place.home));
  assert.deepEqual(items.map(({ error }) => error?.code), ['changed-meanwhile', 'changed-meanwhile']); // prettier-ignore
  assert.deepEqual(readdirSync(place.folder).sort(), ['a.jpg', 'b.jpg']);
});

for (const way of ways)
  test(`what Saccade wrote into a sidecar is known where it went, and no longer once it is back: ${way}`, async (t) => {
    const place = makePlace(t, ['a.jpg', 'a.jpg.xmp']);
    const catalog = openCatalog(null);
    t.after(() => catalog.close());
    const [from, to] = [place.photos, place.folder].map((folder) => join(folder, 'a.jpg.xmp')) as [string, string]; // prettier-ignore
    const written = { version: 1, subject: ['boat'], hierarchical: [] } as unknown as Parameters<typeof setWritten>[2]; // prettier-ignore
    setWritten(catalog, from, written);
    const known = () => [from, to].map((path) => writtenTo(catalog, path)?.subject ?? null);
    assert.deepEqual(known(), [['boat'], null]);
    await organise(place, way, undefined, recordedIn(catalog));
    assert.deepEqual(known(), [way === 'move' ? null : ['boat'], ['boat']]);
    await work(undoLast(place.home, recordedIn(catalog)));
    assert.deepEqual(known(), [['boat'], null]);
  });

test(
  'a link to a photo whose folder’s name is no valid Unicode is taken back',
  { skip: process.platform === 'linux' ? false : 'SKIPPED: file systems here allow no such names' },
  async (t) => {
    const place = makePlace(t, []);
    const folder = Buffer.concat([Buffer.from(join(place.photos, 'Ann')), Buffer.from([0xe9])]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from('/a.jpg')]), 'a photo');
    const path = join(place.photos, 'Ann\uefe9', 'a.jpg');
    const photos = [{ path, labels: ['boat'], dateMs: 0 }];
    const all = await placings(photos, { folder: place.folder, template: '{name}', way: 'symlink' });
    const plan = organisePlan(place.home, all);
    await work(plan.steps);
    await plan.ended();
    assert.equal(readFileSync(join(place.folder, 'a.jpg'), 'utf8'), 'a photo');
    assert.deepEqual((await work(undoLast(place.home))).map(({ does }) => does), ['back']); // prettier-ignore
    assert.deepEqual(readdirSync(place.folder), []);
    // A link of somebody else's in its place stays.
    symlinkSync('elsewhere', join(place.folder, 'a.jpg'));
  },
);

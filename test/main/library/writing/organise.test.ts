import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ways } from '../../../../main/library/files/place.ts';
import { placeFor, safeName } from '../../../../main/library/writing/folder-names.ts';
import { organisePlan, placings, undoLast } from '../../../../main/library/writing/organise.ts';
import type { Step } from '../../../../main/library/writing/writing.ts';
import { inZones } from '../../in-zones.ts';
import { needsOtherDisk, otherDisk, temporaryFolder } from '../../../temporary.ts';

interface Place {
  home: string;
  photos: string;
  folder: string;
}

function makePlace(t: TestContext, names: readonly string[] = ['a.jpg', 'b.jpg']): Place {
  const root = temporaryFolder(t, 'organise');
  const place = { home: join(root, 'home'), photos: join(root, 'photos'), folder: join(root, 'sorted') };
  mkdirSync(place.photos);
  mkdirSync(place.home);
  for (const name of names) writeFileSync(join(place.photos, name), `content of ${name}`);
  return place;
}

const photosOf = ({ photos }: Place, labels = ['boat']) =>
  readdirSync(photos).filter((name) => !name.endsWith('.xmp')).map((name) => ({ path: join(photos, name), labels, dateMs: new Date(2024, 6, 1).getTime() })); // prettier-ignore

/** All files below a folder with what they hold. */
function treeOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  return Object.fromEntries(entries.map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'utf8')])); // prettier-ignore
}

const work = async (steps: readonly Step[]) => {
  const items = [];
  for (const step of steps) items.push(await step(false));
  return items;
};

async function organised(
  place: Place,
  way: (typeof ways)[number],
  labels?: string[],
  template = '{label}/{year}/{name}',
) {
  const all = await placings(photosOf(place, labels), { folder: place.folder, template, way });
  const plan = organisePlan(place.home, all);
  const items = await work(plan.steps);
  await plan.ended();
  return items;
}

for (const way of ways)
  test(`photos go into folders by ${way} and come back, with their sidecars`, async (t) => {
    const place = makePlace(t, ['a.jpg', 'b.jpg', 'a.jpg.xmp', 'b.xmp']);
    const before = treeOf(place.photos);
    const items = await organised(place, way);
    assert.deepEqual(
      items.map(({ does, error }) => error ?? does),
      [way, way, way, way],
    );
    const at = join(place.folder, 'boat', '2024');
    assert.deepEqual(readdirSync(at).sort(), ['a.jpg', 'a.jpg.xmp', 'b.jpg', 'b.xmp']);
    assert.equal(readFileSync(join(at, 'a.jpg'), 'utf8'), 'content of a.jpg');
    assert.equal(lstatSync(join(at, 'a.jpg')).isSymbolicLink(), way === 'symlink');
    assert.deepEqual(treeOf(place.photos), way === 'move' ? {} : before);
    assert.ok((await work(undoLast(place.home))).every(({ does }) => does === 'back'));
    assert.deepEqual(treeOf(place.photos), before);
    assert.ok(!existsSync(place.folder));
    assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
  });

test('what lies elsewhere is told, there and back, so that what is known by its path goes with it', async (t) => {
  const place = makePlace(t, ['a.jpg', 'a.jpg.xmp']);
  const told: string[] = [];
  const moved = (from: string, to: string) => told.push(`${basename(from)} ${basename(to)}`);
  const all = await placings(photosOf(place), { folder: place.folder, template: 'x-{name}', way: 'move' });
  const plan = organisePlan(place.home, all, { moved });
  await work(plan.steps);
  await work((await plan.ended())!);
  assert.deepEqual(told, [
    'a.jpg x-a.jpg',
    'a.jpg.xmp x-a.jpg.xmp',
    'x-a.jpg a.jpg',
    'x-a.jpg.xmp a.jpg.xmp',
  ]);
});

test(
  'what can’t be linked to another disk is told with why, and stays; symbolic links lead there',
  needsOtherDisk,
  async (t) => {
    const place = makePlace(t, ['a.jpg', 'b.jpg']);
    const before = treeOf(place.photos);
    const folder = temporaryFolder(t, 'organised', otherDisk);
    const there = { ...place, folder: join(folder, 'out') };
    const linked = await organised(there, 'hardlink');
    for (const { does, error } of linked) {
      assert.deepEqual([does, error?.code], ['none', 'cannot-place']);
      assert.match(error!.message, /a hard link can't lead to another disk.*copy it, or take symbolic links/);
    }
    // Neither folders of theirs are left, nor a batch to be taken back.
    assert.ok(!existsSync(there.folder));
    assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
    const links = await organised(there, 'symlink');
    assert.ok(links.every(({ does }) => does === 'symlink'));
    // The folder with the photos is another one meanwhile: nothing of what was linked to is taken for what was put there.
    renameSync(place.photos, `${place.photos}-before`);
    mkdirSync(place.photos);
    writeFileSync(join(place.photos, 'a.jpg'), 'another photo');
    assert.ok((await work(undoLast(place.home))).every(({ does }) => does === 'back'));
    assert.deepEqual(Object.values(treeOf(`${place.photos}-before`)), Object.values(before));
    assert.equal(readFileSync(join(place.photos, 'a.jpg'), 'utf8'), 'another photo');
    assert.deepEqual(treeOf(there.folder), {});
  },
);

test('nothing is overwritten: what is there keeps its name, and case tells no names apart', async (t) => {
  const place = makePlace(t, ['a.jpg', 'b.jpg', 'B.jpg']);
  mkdirSync(join(place.folder, 'boat'), { recursive: true });
  writeFileSync(join(place.folder, 'boat', 'a.jpg'), 'mine');
  await organised(place, 'copy', ['boat'], '{label}/{name}');
  const names = readdirSync(join(place.folder, 'boat'));
  assert.deepEqual(names.map((name) => name.toLowerCase()).sort(), [
    'a (2).jpg',
    'a.jpg',
    'b (2).jpg',
    'b.jpg',
  ]);
  assert.equal(readFileSync(join(place.folder, 'boat', 'a.jpg'), 'utf8'), 'mine');
  await work(undoLast(place.home));
  assert.deepEqual(readdirSync(join(place.folder, 'boat')), ['a.jpg']);
});

test('what comes into a place after the plan was made stays, also when it is taken back', async (t) => {
  const place = makePlace(t, ['a.jpg']);
  const all = await placings(photosOf(place), { folder: place.folder, template: '{name}', way: 'move' });
  mkdirSync(place.folder);
  writeFileSync(join(place.folder, 'a.jpg'), 'content of a.jpg');
  const plan = organisePlan(place.home, all);
  const [item] = await work(plan.steps);
  assert.equal(item?.error?.code, 'file-exists');
  await plan.ended();
  assert.throws(() => undoLast(place.home), { code: 'nothing-to-undo' });
  assert.ok(existsSync(join(place.folder, 'a.jpg')) && existsSync(join(place.photos, 'a.jpg')));
});

test('a copy that somebody changed is not taken back', async (t) => {
  const place = makePlace(t, ['a.jpg']);
  await organised(place, 'copy', ['boat'], '{name}');
  writeFileSync(join(place.folder, 'a.jpg'), 'edited');
  const [item] = await work(undoLast(place.home));
  assert.equal(item?.error?.code, 'changed-meanwhile');
  assert.equal(readFileSync(join(place.folder, 'a.jpg'), 'utf8'), 'edited');
});

test('several labels: a copy in each, a move to the first; without one a photo stays', async (t) => {
  const place = makePlace(t, ['a.jpg']);
  await organised(place, 'copy', ['boat', 'sea'], '{label}/{name}');
  assert.deepEqual(readdirSync(place.folder).sort(), ['boat', 'sea']);
  await work(undoLast(place.home));
  await organised(place, 'move', ['boat', 'sea'], '{label}/{name}');
  assert.deepEqual(readdirSync(place.folder), ['boat']);
  await work(undoLast(place.home));
  assert.deepEqual(await organised(place, 'copy', []), []);
});

for (const way of ['copy', 'move'] as const)
  test(`killed in the middle of a ${way}, everything comes back`, async (t) => {
    const names = Array.from({ length: 200 }, (_, i) => [`${i}.jpg`, `${i}.jpg.xmp`, `${i}.xmp`]).flat();
    const place = makePlace(t, names);
    const before = treeOf(place.photos);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), place.home, place.photos, place.folder, way], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
    let done = 0;
    child.stdout.on('data', (dots: Buffer) => (done += dots.length) > 20 && child.kill('SIGKILL'));
    await new Promise((resolve) => child.on('close', resolve));
    assert.ok(done > 20 && done < names.length, String(done));
    const back = await work(undoLast(place.home));
    assert.deepEqual(
      back.flatMap(({ error }) => error ?? []),
      [],
    );
    assert.deepEqual(treeOf(place.photos), before);
    assert.ok(!existsSync(place.folder));
  });

const below = (folder: string) =>
  Object.keys(treeOf(folder)).map((path) => path.slice(folder.length + 1)).sort(); // prettier-ignore

test('labels that lead to one place put a photo there once', async (t) => {
  for (const way of ['copy', 'hardlink', 'symlink'] as const) {
    const place = makePlace(t, ['a.jpg', 'a.jpg.xmp', 'b.jpg']);
    await organised(place, way, ['boat', 'sea'], '{year}/{name}');
    assert.deepEqual(readdirSync(join(place.folder, '2024')).sort(), ['a.jpg', 'a.jpg.xmp', 'b.jpg'], way);
  }
});

test('a sidecar of two goes with the last of them, under one name, and comes back', async (t) => {
  const place = makePlace(t, ['a.cr2', 'a.jpg', 'a.xmp']);
  const before = treeOf(place.photos);
  mkdirSync(join(place.folder, 'boat'), { recursive: true });
  // Neither may be taken for one shot with what is there.
  writeFileSync(join(place.folder, 'boat', 'a.nef'), 'mine');
  const items = await organised(place, 'move', ['boat'], '{label}/{name}');
  assert.deepEqual(
    items.map(({ does, staysWith }) => [does, staysWith]),
    [['move', undefined], ['move', undefined], ['move', undefined]],
  ); // prettier-ignore
  assert.deepEqual(below(place.folder), ['a (2).cr2', 'a (2).jpg', 'a (2).xmp', 'a.nef'].map((name) => join('boat', name))); // prettier-ignore
  assert.deepEqual(treeOf(place.photos), {});
  await work(undoLast(place.home));
  assert.deepEqual(treeOf(place.photos), before);
});

test('a sidecar of two that part goes with both; one that stays keeps it, which is told', async (t) => {
  const place = makePlace(t, ['a.cr2', 'a.jpg', 'a.xmp', 'b.cr2', 'b.jpg', 'b.xmp']);
  const before = treeOf(place.photos);
  const labels: Record<string, string[]> = { 'a.cr2': ['raw'], 'a.jpg': ['boat'], 'b.jpg': ['boat'] };
  const photos = photosOf(place).map((photo) => ({ ...photo, labels: labels[basename(photo.path)] ?? [] }));
  const all = await placings(photos, { folder: place.folder, template: '{label}/{name}', way: 'move' });
  assert.deepEqual(
    all.map(({ way, from, to, staysWith }) => [way, basename(from), to.slice(place.folder.length + 1), staysWith && basename(staysWith)]),
    [
      ['move', 'a.cr2', join('raw', 'a.cr2'), undefined],
      ['copy', 'a.xmp', join('raw', 'a.xmp'), undefined],
      ['move', 'a.jpg', join('boat', 'a.jpg'), undefined],
      ['move', 'a.xmp', join('boat', 'a.xmp'), undefined],
      ['move', 'b.jpg', join('boat', 'b.jpg'), undefined],
      ['copy', 'b.xmp', join('boat', 'b.xmp'), 'b.cr2'],
    ],
  ); // prettier-ignore
  const plan = organisePlan(place.home, all);
  const items = await work(plan.steps);
  await plan.ended();
  assert.equal(items.at(-1)?.staysWith, join(place.photos, 'b.cr2'));
  assert.deepEqual(below(place.photos), ['b.cr2', 'b.xmp']);
  assert.ok((await work(undoLast(place.home))).every(({ does }) => does === 'back'));
  assert.deepEqual(treeOf(place.photos), before);
});

test('names are those that every system takes', () => {
  assert.equal(safeName('a/b:c*?'), 'a_b_c__');
  assert.equal(safeName('con'), '_con');
  assert.equal(safeName('NUL.txt', '.txt'), '_NUL.txt');
  assert.equal(safeName('CONIN$'), '_CONIN$');
  assert.equal(safeName('..'), '_');
  assert.equal(safeName('boats. . .'), 'boats');
  assert.equal(safeName('🚤'.repeat(100)), '🚤'.repeat(60));
  assert.equal(safeName(' end. '), 'end');
  assert.equal(safeName('\u0000'), '_');
  assert.ok(Buffer.byteLength(safeName(`${'船'.repeat(300)}.jpeg`, '.jpeg')) <= 240);
  assert.match(safeName(`${'船'.repeat(300)}.jpeg`, '.jpeg'), /船\.jpeg$/);
  const photo = { name: 'x.jpg', label: '../../etc', dateMs: Date.UTC(2024, 0, 2) };
  assert.equal(
    placeFor('{label}/{year}-{month}-{day}/{stem}.{ext}', photo),
    join('.._.._etc', '2024-01-02', 'x.jpg'),
  );
});

test('a photo goes by the day that its camera’s clock showed, wherever this machine is', (t) => {
  inZones(t, (zone) => {
    for (const hour of [0, 23]) {
      const photo = { name: 'x.jpg', label: 'boat', dateMs: Date.UTC(2024, 0, 1, hour, 30) };
      assert.equal(
        placeFor('{year}-{month}-{day}/{name}', photo),
        join('2024-01-01', 'x.jpg'),
        `${zone} ${hour}`,
      );
    }
  });
});

test('templates that name no file, or know no such part, are told', async () => {
  for (const template of ['{label}', '{label}/{nome}', '/{name}', '{label}//{name}', ''])
    await assert.rejects(placings([], { folder: tmpdir(), template, way: 'copy' }), { code: 'bad-folders' });
});

/** Shards cover every photo once, whatever its name, and agree across machines that mount the folder elsewhere. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { chosenShard, shardChoice } from '../../../../main/cli/shard.ts';
import { photosOf, shardOf } from '../../../../main/library/runs/shard.ts';
import { classifyPaths, makePlace, openLibrary, writePhotos, type Asked } from '../setup.ts';

async function pathsOf(library: Asked, index: number, count: number, paths: string[]): Promise<string[]> {
  const { items } = await classifyPaths(library, { paths, shard: { index, count } });
  return items.map(({ path }) => path);
}

/** Which paths each shard has; fails where one is in none or in two. */
async function shards(library: Asked, count: number, paths: string[]): Promise<string[][]> {
  const parts: string[][] = [];
  for (let index = 1; index <= count; index++) parts.push(await pathsOf(library, index, count, paths));
  const whole = await classifyPaths(library, { paths });
  assert.deepEqual(parts.flat().sort(), whole.items.map(({ path }) => path).sort());
  return parts;
}

test('shards cover every photo exactly once: names of odd bytes and of both Unicode forms, links, nested folders', async (t) => {
  const place = makePlace(t);
  writePhotos(
    place,
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i % 7}/${i}.jpg`, `${i % 20} no ${i}`])),
  );
  const forms = ['caf\u00e9.jpg', 'cafe\u0301.jpg', '\u2126.jpg', '\u03a9.jpg', '\uef80.jpg', ' a\nb.jpg'];
  for (const name of forms) writeFileSync(join(place.photos, name), name);
  if (process.platform === 'linux')
    for (const byte of [0x80, 0xe9, 0xff])
      writeFileSync(Buffer.concat([Buffer.from(join(place.photos, 'odd-')), Buffer.of(byte), Buffer.from('.jpg')]), `odd ${byte}`); // prettier-ignore
  symlinkSync(join(place.photos, '3'), join(place.photos, 'link-to-3'), 'junction');
  const library = await openLibrary(place);
  const inside = join(place.photos, '5');
  for (const paths of [
    [place.photos],
    [inside, place.photos],
    [place.photos, inside, join(inside, '5.jpg')],
  ]) {
    const parts = await shards(library, 3, paths);
    assert.ok(parts.every((part) => part.length >= 5), `${parts.map((part) => part.length).join(', ')}`); // prettier-ignore
  }
});

test('where the folder is mounted makes no difference', async (t) => {
  const place = makePlace(t);
  const names = Array.from({ length: 30 }, (_, i) => `day ${i % 4}/${i}.jpg`);
  writePhotos(place, Object.fromEntries(names.map((name, i) => [name, `${i % 20} no ${i}`])));
  const elsewhere = join(place.folder, 'mnt', 'nas');
  mkdirSync(elsewhere, { recursive: true });
  cpSync(place.photos, elsewhere, { recursive: true });
  const library = await openLibrary(place);
  const [here, there] = await Promise.all(
    [place.photos, elsewhere].map(async (root) =>
      (await shards(library, 4, [root])).map((part) => part.map((path) => relative(root, path))),
    ),
  );
  assert.deepEqual(here, there);
});

test('the hash is the documented one, and evens out', () => {
  // sha256sum: the first 48 bits of "a/b.jpg".
  assert.equal(shardOf('a/b.jpg', 1000), (0x4a51636246e7 % 1000) + 1);
  assert.equal(shardOf('caf\u00e9.jpg', 997), shardOf('cafe\u0301.jpg', 997));
  const sizes = new Array<number>(8).fill(0);
  for (let i = 0; i < 8000; i++) sizes[shardOf(`2026/IMG_${i}.jpg`, 8) - 1]!++;
  // Binomial: mean 1000, deviation 30.
  assert.ok(
    sizes.every((size) => size > 850 && size < 1150),
    sizes.join(', '),
  );
});

test('what keeps a folder from being read is told by every shard, a missing photo by its own', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  const gone = join(place.folder, 'not-mounted');
  for (const index of [1, 2])
    assert.deepEqual(await pathsOf(library, index, 2, [gone]), [gone], `shard ${index}`);
  const own = photosOf({ index: 1, count: 1 }, join(place.photos, 'a.jpg'), [join(place.photos, 'a.jpg')]);
  assert.equal(own(join(place.photos, 'a.jpg')), true);
});

test('a shard is said outright, or by the scheduler, and never guessed', () => {
  const auto = shardChoice('auto');
  const slurm = (id: number, count: number, min: number, max: number, step = 1) => ({
    SLURM_ARRAY_TASK_ID: `${id}`,
    SLURM_ARRAY_TASK_COUNT: `${count}`,
    SLURM_ARRAY_TASK_MIN: `${min}`,
    SLURM_ARRAY_TASK_MAX: `${max}`,
    SLURM_ARRAY_TASK_STEP: `${step}`,
  });
  const chosen = (text: string, environment: Record<string, string>) => {
    const { index, count } = chosenShard(shardChoice(text), environment);
    return `${index}/${count}`;
  };
  assert.equal(chosen('2/4', {}), '2/4');
  assert.equal(chosen('2/4', slurm(0, 9, 0, 8)), '2/4', 'what is said outright wins');
  assert.equal(chosen('auto', slurm(3, 4, 0, 3)), '4/4');
  assert.equal(chosen('auto', slurm(1, 4, 1, 4)), '1/4');
  assert.equal(chosen('auto', slurm(6, 4, 0, 6, 2)), '4/4', 'by steps');
  assert.equal(chosen('auto/100', slurm(17, 2, 3, 17)), '18/100', 'a part of an array, started again');
  assert.equal(chosen('auto', { JOB_COMPLETION_INDEX: '2', JOB_COMPLETIONS: '5' }), '3/5');
  assert.equal(chosen('auto/5', { JOB_COMPLETION_INDEX: '0' }), '1/5');
  const refused: [string, Record<string, string>, RegExp][] = [
    ['auto', {}, /Expected a scheduler to say which shard/],
    ['auto', { JOB_COMPLETION_INDEX: '0' }, /not of how many/],
    ['auto', { SLURM_ARRAY_TASK_ID: '1' }, /how many tasks the array has/],
    ['auto', slurm(17, 2, 3, 17), /without holes that begins at 0 or 1; found 2 tasks from 3 to 17/],
    ['auto', slurm(9, 3, 0, 9), /without holes/],
    ['auto', slurm(5, 1, 5, 5), /begins at 0 or 1/],
    ['auto/4', slurm(4, 4, 1, 4), /Expected numbers from 0 to 3 for 4 shards; found 4/],
  ];
  for (const [text, environment, said] of refused) assert.throws(() => chosen(text, environment), said, text);
  for (const text of ['0/4', '5/4', '4', '1/0', 'auto/0', '-1/2', '1/2/3', ''])
    assert.throws(() => shardChoice(text), /Expected a shard and how many/, text);
  assert.deepEqual(auto, { index: null, count: null });
});

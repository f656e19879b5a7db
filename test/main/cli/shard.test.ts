/** Shards as jobs run them: processes of their own, killed and started again, then joined. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { keepPace } from '../../measured-home.ts';
import { jsonLines, saccade, samples, temporaryFolder } from './saccade.ts';

const folder = temporaryFolder('shards');
const photos = join(folder, 'photos');
const count = 72;
// Bytes after a JPEG's end make another content of the same picture.
const picture = await sharp(join(samples, 'cat.jpg')).resize(64).jpeg().toBuffer();
for (let i = 0; i < count; i++) {
  const day = join(photos, `day ${i % 5}`);
  mkdirSync(day, { recursive: true });
  writeFileSync(join(day, `${i}.jpg`), Buffer.concat([picture, Buffer.from(`${i}`)]));
}

/** Row number of each stored result's feature by its content: a result that is stored again gets another. */
function stored(home: string): Map<string, number> {
  const catalog = new Database(join(home, 'catalog.sqlite'), { readonly: true });
  const rows = catalog
    .prepare(
      'SELECT hex(c.hash) AS hash, f.rowid AS row FROM features f JOIN contents c ON c.id = f.content_id',
    )
    .all() as { hash: string; row: number }[];
  catalog.close();
  return new Map(rows.map(({ hash, row }) => [hash, row]));
}

test('a shard that is killed goes on where it was, and joined shards are what one machine says', async () => {
  const home = join(folder, 'home');
  await keepPace(home);
  const words = ['classify', photos, '--format', 'jsonl'];
  const killed = await saccade([...words, '--shard', '1/2'], {
    home,
    onOutput: (_, kill) => kill('SIGKILL'),
  });
  assert.equal(killed.signal, 'SIGKILL');
  const shard = join(home, 'shards', '1-of-2');
  const before = stored(shard);
  const early = await saccade(['merge'], { home });
  assert.equal(early.code, 0, early.stderr);
  assert.match(early.stderr, /Of 2 shards 2 are not whole or not among these: 1, 2\./);
  const first = await saccade([...words, '--shard', '1/2'], { home });
  assert.match(first.stderr, /Shard 1 of 2 is kept in .*1-of-2; saccade merge joins them/);
  const after = stored(shard);
  assert.ok(
    before.size > 0 && before.size < after.size,
    `${before.size} of ${after.size} when it was killed`,
  );
  for (const [hash, row] of before) assert.equal(after.get(hash), row, 'nothing was computed twice');
  const second = await saccade([...words, '--shard', '2/2'], { home });
  const parts = [first, second].flatMap(({ stdout }) => jsonLines(stdout));
  assert.equal(parts.length, count);
  const merged = await saccade(['merge', '--conflicts', join(folder, 'conflicts.jsonl')], { home });
  assert.equal(merged.code, 0, merged.stderr);
  assert.equal(merged.stderr, '');
  assert.match(merged.stdout, /2-of-2: \d+ answers \(\d+ new\)/);
  assert.equal(readFileSync(join(folder, 'conflicts.jsonl'), 'utf8'), '');
  const known = stored(home);
  const whole = await saccade(words, { home });
  assert.deepEqual(stored(home), known, 'all of it was known');
  const sorted = (rows: Record<string, unknown>[]) =>
    [...rows].sort((a, b) => (String(a['path']) < String(b['path']) ? -1 : 1));
  assert.deepEqual(sorted(jsonLines(whole.stdout)), sorted(parts));
});

test('what can not be joined is told, and the rest is joined', async () => {
  const home = join(folder, 'home');
  const none = await saccade(['merge', photos], { home });
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /^no-data-folder: Expected .*photos to be a data folder of Saccade/);
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'catalog.sqlite'), 'no catalog '.repeat(100));
  const some = await saccade(['merge', broken, join(home, 'shards')], { home });
  assert.equal(some.code, 3, some.stderr);
  assert.match(some.stderr, /^catalog-damaged: Expected .*broken/);
  assert.match(some.stdout, /1-of-2: \d+ answers \(all known\)\n.*2-of-2/s);
  const alone = await saccade(['merge', broken], { home });
  assert.equal(alone.code, 1);
});

test('the job files that are documented start as many tasks as there are shards', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'scaling.md'), 'utf8');
  const file = (heading: string) =>
    /```\w+\n([\s\S]*?)```/.exec(page.slice(page.indexOf(`\n## ${heading}\n`)))![1]!;
  const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const slurm = file('Slurm');
  assert.equal(number(slurm, /--array=0-(\d+)/) + 1, number(slurm, /--shard auto\/(\d+)/));
  const kubernetes = file('Kubernetes');
  const shards = number(kubernetes, /auto\/(\d+)/);
  assert.deepEqual([number(kubernetes, /completions: (\d+)/), number(kubernetes, /parallelism: (\d+)/)], [shards, shards]); // prettier-ignore
  assert.match(kubernetes, /apiVersion: batch\/v1\nkind: Job\n[\s\S]*completionMode: Indexed/);
  const parallel = file('GNU parallel');
  assert.equal(number(parallel, /seq (\d+)/), number(parallel, /--shard {}\/(\d+)/));
});

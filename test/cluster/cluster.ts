/**
 * The job files of docs/scaling.md on a real Slurm and GNU parallel: a task is killed in the middle, and what is joined
 * is compared with what one machine finds out. Needs slurm-wlm and munge, and parallel; says what it skips.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { keepPace } from '../measured-home.ts';
import { startSlurm } from './slurm.ts';
import { photosIn } from './photos.ts';

const project = join(import.meta.dirname, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'saccade-cluster-'));
const photos = join(work, 'photos');
const shards = 4;
const bin = join(work, 'bin');
mkdirSync(bin);
writeFileSync(
  join(bin, 'saccade'),
  `#!/bin/sh\nexec "${process.execPath}" "${join(project, 'main', 'cli.ts')}" "$@"\n`,
);
chmodSync(join(bin, 'saccade'), 0o755);
const environment = {
  ...process.env,
  PATH: [bin, '/usr/sbin', process.env['PATH']].join(delimiter),
  PHOTOS: photos,
  NODE_OPTIONS: '',
};
const has = (program: string) => spawnSync('which', [program], { env: environment }).status === 0;

/** The job file that the document shows under a heading. */
function jobFile(heading: string): string {
  const page = readFileSync(join(project, 'docs', 'scaling.md'), 'utf8');
  const section = page.slice(page.indexOf(`\n## ${heading}\n`));
  return /```bash\n([\s\S]*?)```/.exec(section)![1]!;
}

/** All that was found out, by content: row number, and what is stored, bit by bit. */
function stored(home: string): Map<string, { row: number; found: string }> {
  const file = join(home, 'catalog.sqlite');
  if (!existsSync(file)) return new Map();
  const catalog = new Database(file, { readonly: true });
  try {
    const rows = catalog
      .prepare(
        `SELECT hex(c.hash) AS hash, f.rowid AS row, json_array(r.label, r.probability, hex(r.top), hex(r.map),
           hex(f.vector), r.code, c.width, c.height) AS found FROM results r JOIN contents c ON c.id = r.content_id
         LEFT JOIN features f ON f.content_id = r.content_id AND f.key_id = r.key_id ORDER BY hash`,
      )
      .all() as { hash: string; row: number; found: string }[];
    return new Map(rows.map(({ hash, ...rest }) => [hash, rest]));
  } catch {
    return new Map();
  } finally {
    catalog.close();
  }
}
const found = (home: string) => [...stored(home)].map(([hash, { found: each }]) => `${hash} ${each}`);

async function folderOf(name: string): Promise<{ cwd: string; data: string; shard: string }> {
  const cwd = join(work, name);
  const data = join(cwd, 'saccade-data');
  mkdirSync(join(cwd, 'labels'), { recursive: true });
  await keepPace(data, { several: true });
  return { cwd, data, shard: join(data, 'shards', `3-of-${shards}`) };
}

/** Waits until a shard is in the middle of its work. Answers with what it had stored. */
async function halfWay(shard: string) {
  for (let i = 0; i < 2400; i++) {
    const some = stored(shard);
    if (some.size >= 40) return some;
    await sleep(100);
  }
  throw new Error(`${shard} never began`);
}

function saccade(words: string[], cwd: string, home: string): string {
  const env = { ...environment, SACCADE_HOME: home };
  return execFileSync(join(bin, 'saccade'), words, { cwd, env, encoding: 'utf8' });
}

function compare(
  what: string,
  data: string,
  shard: string,
  before: ReturnType<typeof stored>,
  alone: string[],
): void {
  const after = stored(shard);
  assert.ok(before.size < after.size, `${what}: the killed shard had ${before.size} of ${after.size}`);
  for (const [hash, { row }] of before) assert.equal(after.get(hash)?.row, row, `${what}: computed twice`);
  const joined = found(data);
  assert.equal(joined.length, alone.length);
  assert.deepEqual(joined, alone);
  console.log(
    `${what}: ${joined.length} answers in ${shards} shards, one killed at ${before.size} of ${after.size}, joined: equal to one machine's, bit by bit.`,
  );
}

async function onSlurm(alone: string[]): Promise<void> {
  const { cwd, data, shard } = await folderOf('slurm');
  writeFileSync(join(cwd, 'saccade.sbatch'), jobFile('Slurm'));
  const slurm = await startSlurm(join(work, 'daemons'), environment);
  try {
    console.log(`Slurm: ${slurm.nodes} nodes ready after ${slurm.readyMs} ms.`);
    const id = slurm.run('sbatch', ['--parsable', 'saccade.sbatch'], cwd).trim();
    const before = await halfWay(shard);
    slurm.run('scontrol', ['requeue', `${id}_2`], cwd);
    while (slurm.run('squeue', ['--noheader'], cwd).trim()) await sleep(500);
    console.log(saccade(['merge'], cwd, data).trim());
    for (let i = 0; i < shards; i++)
      assert.ok(existsSync(join(cwd, 'labels', `part-${i}.parquet`)), `part ${i}`);
    compare('Slurm', data, shard, before, alone);
  } finally {
    slurm.stop();
  }
}

async function onParallel(alone: string[]): Promise<void> {
  const { cwd, data, shard } = await folderOf('parallel');
  writeFileSync(join(cwd, 'job.sh'), jobFile('GNU parallel'));
  const job: ChildProcess = spawn('bash', ['-e', 'job.sh'], {
    cwd,
    env: environment,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => job.on('close', resolve));
  const before = await halfWay(shard);
  const own = execFileSync(
    'pgrep',
    ['-f', `${join(project, 'main', 'cli.ts')} classify ${photos} --shard 3/4`],
    { encoding: 'utf8' },
  );
  process.kill(Number(own.trim().split('\n')[0]), 'SIGKILL');
  assert.equal(await ended, 0);
  compare('GNU parallel', data, shard, before, alone);
}

try {
  const slurm = has('slurmctld') && has('slurmd') && has('munged');
  const parallel = has('parallel');
  if (!slurm) console.error('SKIPPED: Slurm is not installed (Debian: apt-get install slurm-wlm munge).');
  if (!parallel) console.error('SKIPPED: GNU parallel is not installed (Debian: apt-get install parallel).');
  if (slurm || parallel) {
    await photosIn(photos, 2000);
    const one = join(work, 'alone');
    await keepPace(one, { several: true });
    saccade(['classify', photos, '--format', 'jsonl', '--output', join(work, 'alone.jsonl')], work, one);
    const alone = found(one);
    assert.equal(alone.length, 2000);
    if (slurm) await onSlurm(alone);
    if (parallel) await onParallel(alone);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

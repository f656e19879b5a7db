/**
 * `npm run test:kills [-- --kills 100 --photos 3000 --seed 1]`: a command over many photos, of which host, library or
 * inference process is killed at random moments and which is given again where it ended. Linux only. Afterwards nothing
 * is lost, nothing is there twice, and no file was opened again whose result was stored.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { manyFiles } from './bench/scale.ts';
import { keepPace } from './measured-home.ts';

const project = join(import.meta.dirname, '..');
const hook = new URL('opens-child.ts', import.meta.url).href;
type Kind = 'host' | 'library' | 'inference';

export interface Kills {
  kills: Record<Kind, number>;
  opens: number;
  /** Files that were opened although their result was stored when the process before was killed. */
  again: string[];
}

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

class Command {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  code: number | null | undefined;
  readonly ended: Promise<void>;

  constructor(home: string, folder: string, log: string) {
    this.child = spawn(
      process.execPath,
      [join(project, 'main', 'cli.ts'), 'classify', folder, '--format', 'jsonl'],
      {
        cwd: project,
        env: { ...process.env, SACCADE_HOME: home, NODE_OPTIONS: `--import ${hook}`, OPENS_OF: folder, OPENS_LOG: log, NODE_TEST_CONTEXT: undefined }, // prettier-ignore
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code) => {
        this.code = code;
        resolve();
      }),
    );
  }

  /** Process ids; a kind that is not there at the moment is left out. */
  processes(): [Kind, number][] {
    const host = this.child.pid!;
    const libraries = childrenOf(host);
    const inferences = libraries.flatMap(childrenOf);
    return [['host', host], ...libraries.map((pid) => ['library', pid] as [Kind, number]), ...inferences.map((pid) => ['inference', pid] as [Kind, number])]; // prettier-ignore
  }
}

/** Paths whose results are stored. */
function stored(home: string): Set<string> {
  const path = join(home, 'catalog.sqlite');
  if (!existsSync(path)) return new Set();
  const database = new Database(path, { readonly: true, timeout: 10_000 });
  try {
    const found = database.prepare(
      'SELECT s.path FROM strays s JOIN results r ON r.content_id = s.content_id WHERE r.top IS NOT NULL',
    );
    return new Set(found.pluck().all() as string[]);
  } catch {
    // Its tables are not made yet.
    return new Set();
  } finally {
    database.close();
  }
}

const linesOf = (log: string): string[] =>
  existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];

/** Throws an assertion where anything was lost, doubled or failed. */
export async function killAgainAndAgain(
  { kills, photos, seed }: { kills: number; photos: number; seed: number },
  tell: (line: string) => void = () => {},
): Promise<Kills> {
  const root = mkdtempSync(join(tmpdir(), 'saccade-kills-'));
  const home = join(root, 'home');
  const log = join(root, 'opens.txt');
  const folder = await manyFiles(root, photos);
  await keepPace(home, { several: true });
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const killed = { host: 0, library: 0, inference: 0 };
  const again: string[] = [];
  let safe = new Set<string>();
  let seen = 0;
  /** Of what was opened since the last kill. */
  const look = () => {
    const opened = linesOf(log);
    again.push(...opened.slice(seen).filter((path) => safe.has(path)));
    seen = opened.length;
  };
  let command = new Command(home, folder, log);
  try {
    for (let i = 0; i < kills; i++) {
      // Spread over the whole run, so that none of them comes too late.
      const enough = Math.floor((photos * (i + random())) / (kills + 1));
      while (command.code === undefined && stored(home).size < enough) await sleep(10);
      await sleep(random() * 50);
      if (command.code !== undefined) {
        look();
        // It was done already, or gave up after too many crashes: what is left is for the next.
        if (stored(home).size >= photos) break;
        command = new Command(home, folder, log);
        i--;
        continue;
      }
      const there = command.processes();
      const [kind, pid] = there[Math.floor(random() * there.length)]!;
      look();
      process.kill(pid, 'SIGKILL');
      killed[kind]++;
      while (isAlive(pid)) await sleep(5);
      if (kind === 'host') {
        await command.ended;
        // The others notice that it is gone, and end the batch in hand.
        for (const [, other] of there) while (isAlive(other)) await sleep(5);
        look();
        command = new Command(home, folder, log);
      }
      safe = new Set([...safe, ...stored(home)]);
      tell(`${i + 1}: ${kind}, ${safe.size} stored`);
    }
    await command.ended;
    if (stored(home).size < photos || command.code !== 0) {
      command = new Command(home, folder, log);
      await command.ended;
    }
    look();
    assert.equal(command.code, 0, command.stderr);
    const rows = command.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { path: string; status: string }); // prettier-ignore
    assert.equal(rows.length, photos);
    assert.equal(new Set(rows.map(({ path }) => path)).size, photos);
    assert.ok(rows.every(({ status }) => status === 'ok'));
    const database = new Database(join(home, 'catalog.sqlite'), { readonly: true });
    const count = (sql: string) => database.prepare(sql).pluck().get();
    assert.deepEqual(
      ['SELECT count(*) FROM results', 'SELECT count(*) FROM contents', 'SELECT count(*) FROM features', 'SELECT count(DISTINCT path) FROM strays'].map(count), // prettier-ignore
      [photos, photos, photos, photos],
    );
    assert.equal(count('PRAGMA integrity_check'), 'ok');
    database.close();
    return { kills: killed, opens: seen, again };
  } finally {
    command.child.kill('SIGKILL');
    await command.ended;
    rmSync(root, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      photos: { type: 'string', default: '3000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [kills, photos, seed] = [values.kills, values.photos, values.seed].map(Number) as [number, number, number]; // prettier-ignore
  const found = await killAgainAndAgain({ kills, photos, seed }, (line) => process.stderr.write(`${line}\n`));
  console.log(
    `${photos} photos, killed ${JSON.stringify(found.kills)}: none lost, none doubled; ${found.opens} opens, ${found.again.length} of files whose result was stored`,
  );
  const killed = Object.values(found.kills).reduce((sum, count) => sum + count, 0);
  if (killed < kills)
    console.error(`Expected ${kills} kills; it was done after ${killed}. Take more photos.`);
  if (found.again.length || killed < kills) process.exitCode = 1;
}

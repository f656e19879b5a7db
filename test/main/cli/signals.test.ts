/** SIGTERM and Ctrl-C: every command ends, and nothing half written is left. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { keepPace } from '../../measured-home.ts';
import { cli, jsonLines, project, samples, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('signals');
const home = join(work, 'home');
await keepPace(home);
const unix = process.platform === 'win32' ? 'SKIPPED: Windows has no signals' : false;

/** The command, sent a signal once it has told `ready` on standard error or output, or after `afterMs`. */
function interrupted(
  words: string[],
  signal: NodeJS.Signals,
  { ready, afterMs = 3000, in: own = home }: { ready?: RegExp; afterMs?: number; in?: string },
): Promise<{ code: number | null; by: NodeJS.Signals | null; told: string }> {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: project,
    env: { ...process.env, SACCADE_HOME: own, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  let sent = false;
  const send = () => {
    if (!sent) child.kill(signal);
    sent = true;
  };
  const hear = (text: string) => {
    told += text;
    if (ready?.test(told)) send();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const timer = ready ? undefined : setTimeout(send, afterMs);
  return new Promise((resolve) =>
    child.on('close', (code, by) => {
      clearTimeout(timer);
      resolve({ code, by, told });
    }),
  );
}
/** Ended by itself with 130, or by the signal before it could listen to it. */
const ends = ({ code, by }: { code: number | null; by: NodeJS.Signals | null }) =>
  assert.ok(code === 130 || code === 0 || by !== null, `ended with ${code}`);
const unfinished = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => /\.part$|\.importing/.test(String(name))) : []; // prettier-ignore

test('a pipe that nobody reads keeps no command from ending', { skip: unix }, async () => {
  const pipe = join(work, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const commands = [
    ['classify', 'samples/airliner.jpg', '--output', pipe],
    ['classify', 'samples/airliner.jpg', '--report', pipe],
    ['inspect', 'samples/airliner.jpg', '--output', pipe],
    ['export', '--output', pipe],
  ];
  // Side by side, each on a home of its own: all they do is wait.
  const ended = await Promise.all(
    commands.map(async (words, at) => {
      const own = join(work, `home-${at}`);
      await keepPace(own);
      return interrupted(words, 'SIGTERM', { afterMs: 5000, in: own });
    }),
  );
  ended.forEach(ends);
});

test('a pipe takes results once somebody reads it', { skip: unix }, async () => {
  const pipe = join(work, 'read');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const done = interrupted(['classify', 'samples', '--format', 'jsonl', '--output', pipe], 'SIGTERM', {
    afterMs: 120_000,
  });
  const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  reader.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await new Promise((resolve) => reader.on('close', resolve));
  assert.equal((await done).code, 0);
  assert.equal(jsonLines(text).length, 20);
});

test('at any moment, an older output stays or a whole one stands there', { skip: unix }, async () => {
  const many = join(work, 'many');
  mkdirSync(many);
  for (let i = 0; i < 60; i++) cpSync(join(samples, 'airliner.jpg'), join(many, `${i}.jpg`));
  const out = join(work, 'out');
  mkdirSync(out);
  const report = join(out, 'report.html');
  for (const [at, signal] of (['SIGTERM', 'SIGINT', 'SIGTERM'] as const).entries()) {
    writeFileSync(report, 'older');
    ends(
      await interrupted(['classify', many, '--fresh', '--report', report], signal, {
        afterMs: 1500 + 3000 * at * Math.random(),
      }),
    );
    const page = readFileSync(report, 'utf8');
    assert.ok(page === 'older' || page.trimEnd().endsWith('</html>'), page.slice(-80));
    assert.deepEqual(unfinished(out), []);
  }
});

test('an import that is interrupted leaves nothing', { skip: unix }, async () => {
  const model = join(project, 'models', 'starter');
  for (let round = 0; round < 3; round++) {
    const words = ['models', 'import', model, '--name', `copy-${round}`];
    ends(
      await interrupted(words, round % 2 ? 'SIGINT' : 'SIGTERM', { afterMs: 1500 + 2500 * Math.random() }),
    );
    assert.deepEqual(unfinished(join(home, 'models')), []);
    const installed = join(home, 'models', `copy-${round}`);
    assert.equal(existsSync(installed), existsSync(join(installed, 'model.json')));
  }
});

test('serve and faithfulness end at SIGTERM', { skip: unix }, async () => {
  const served = await interrupted(['serve'], 'SIGTERM', { ready: /it works once/ });
  assert.deepEqual([served.code, served.by], [0, null]);
  ends(await interrupted(['faithfulness', 'samples'], 'SIGTERM', { afterMs: 4000 }));
});

test(
  'words of a command line that are no UTF-8 name the file that they name',
  { skip: process.platform === 'linux' ? false : 'SKIPPED: file systems here allow no such names' },
  () => {
    const folder = join(work, 'bytes');
    mkdirSync(folder);
    const at = Buffer.concat([Buffer.from(`${folder}/b`), Buffer.from([0x80]), Buffer.from('.jpg')]);
    writeFileSync(at, readFileSync(join(samples, 'airliner.jpg')));
    writeFileSync(join(folder, 'b\ufffd.jpg'), readFileSync(join(samples, 'yacht.webp')));
    const command = `exec "$0" "$1" classify "$2/$(printf 'b\\200.jpg')" "$3/airliner.jpg" "$3/yacht.webp" --no-library --format jsonl`;
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', command, process.execPath, cli, folder, samples],
      {
        encoding: 'utf8',
        env: { ...process.env, SACCADE_HOME: home, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
      },
    );
    assert.equal(status, 0, stderr);
    const labelsOf = (path: string) => jsonLines(stdout).find((line) => line['path'] === path)?.['labels'];
    const labels = labelsOf(join(folder, 'b\\x80.jpg'));
    assert.ok(labels);
    assert.deepEqual(labels, labelsOf(join(samples, 'airliner.jpg')));
    assert.notDeepEqual(labels, labelsOf(join(samples, 'yacht.webp')));
  },
);

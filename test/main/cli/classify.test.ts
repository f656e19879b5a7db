import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { keepPace } from '../../measured-home.ts';
import { cli, jsonLines, oneProcess, project, saccade, samples, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('classify');
const home = join(work, 'home');
await keepPace(home, { several: true });
/** For what a command writes; exit codes, signals and homes of their own are for processes of their own. */
const inOneProcess = oneProcess({ home });
const pictures = readdirSync(samples)
  .filter((name) => /\.(jpg|png|webp|avif)$/.test(name))
  .sort();

interface Line {
  path: string;
  status: string;
  labels: { index: number; label: string; probability: number }[];
}

test('in an empty home the samples are classified: one JSON line each, in path order', async () => {
  const { code, stdout, stderr } = await saccade(['classify', 'samples', '--format', 'jsonl', '--top', '3'], {
    home: join(work, 'empty-home'),
  });
  assert.equal(code, 0, stderr);
  const lines = jsonLines(stdout) as unknown as Line[];
  assert.deepEqual(
    lines.map(({ path }) => path),
    pictures.map((name) => join('samples', name)),
  );
  for (const line of lines) {
    const { labels, ...rest } = line as unknown as Record<string, unknown> & Line;
    const known = [
      'path',
      'status',
      'width',
      'height',
      'model',
      'provider',
      'precision',
      'damaged',
      'unsure',
    ];
    assert.deepEqual(
      Object.keys(rest).filter((key) => !known.includes(key)),
      [],
    );
    for (const key of ['width', 'height']) assert.ok(Number(rest[key]) > 0);
    for (const key of ['model', 'provider', 'precision']) assert.equal(typeof rest[key], 'string');
    assert.equal(labels.length, 3);
    assert.deepEqual(Object.keys(labels[0]!), ['index', 'label', 'probability']);
    assert.deepEqual(
      labels.map(({ probability }) => probability),
      labels.map(({ probability }) => probability).toSorted((a, b) => b - a),
    );
  }
});

test('a folder of good, bad and oddly named files: exit code 3, and every file its row', async () => {
  const folder = join(work, 'mixed "quoted", #1 %20 猫');
  mkdirSync(join(folder, 'below'), { recursive: true });
  const picture = join(
    samples,
    pictures.find((name) => name.endsWith('.jpg'))!,
  );
  copyFileSync(picture, join(folder, '=cmd.jpg'));
  copyFileSync(picture, join(folder, 'below', 'line\nbreak <b>.jpg'));
  writeFileSync(join(folder, 'empty.jpg'), '');
  writeFileSync(join(folder, 'text.png'), 'not a picture');
  const table = join(work, 'out', 'table.csv');
  const report = join(work, 'out', 'report.html');
  const words = ['--format', 'csv', '--output', table, '--report', report, '--top', '1'];
  const { code, stdout, stderr } = await inOneProcess(['classify', folder, ...words]);
  assert.equal(code, 3, stderr);
  assert.ok(stderr.includes(`Report: ${report}\n`), stderr);
  assert.equal(stdout, '');
  const text = readFileSync(table, 'utf8');
  const rows = text.split('\r\n');
  assert.equal(rows.length, 6, 'a heading, four files, and the end of the last line');
  assert.equal(
    rows[0],
    'path,status,width,height,model,provider,precision,damaged,unsure,also,own_label,stack,index_1,label_1,probability_1,error_code,error_message',
  );
  assert.equal(rows.filter((row) => row.includes(',ok,')).length, 2);
  assert.match(text, /,empty-file,/);
  assert.match(text, /,unsupported-format,/);
  const html = readFileSync(report, 'utf8');
  assert.ok(!html.includes('<b>') && html.includes('&#60;b&#62;'));
  assert.match(html, /2 photos classified.*, 2 failed/);

  const flat = await inOneProcess(['classify', folder, '--format', 'jsonl', '--no-recursive']);
  assert.equal(flat.code, 3);
  assert.equal(jsonLines(flat.stdout).length, 3);
});

test('the demo: a table, an overlay of every photo at its own size, one report', async () => {
  const demo = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).scripts.demo as string;
  const words = demo
    .split(' ')
    .slice(2)
    .map((word) => word.replace(/^demo-output/, join(work, 'demo')));
  const { code, stdout, stderr } = await inOneProcess(words);
  assert.equal(code, 0, stderr);
  const rows = stdout.trimEnd().split('\n');
  assert.equal(rows.length, pictures.length + 1);
  assert.match(rows[0]!, /^PHOTO +LABEL +PROB/);
  // It says where its files are and what the table's signs mean.
  assert.match(stdout, /^samples\S+ +\? \w/m);
  assert.match(stderr, /^"\?" before a label: /m);
  assert.equal(/^Report: (.+)$/m.exec(stderr)![1], join(work, 'demo', 'report.html'));
  assert.deepEqual(
    readdirSync(join(work, 'demo', 'overlays')).sort(),
    pictures.map((name) => `${name}.png`),
  );
  for (const name of pictures.slice(0, 4)) {
    const photo = (await sharp(join(samples, name)).metadata()).autoOrient;
    const overlay = await sharp(join(work, 'demo', 'overlays', `${name}.png`)).metadata();
    assert.deepEqual([overlay.width, overlay.height, overlay.format], [photo.width, photo.height, 'png']);
  }
  const html = readFileSync(join(work, 'demo', 'report.html'), 'utf8');
  assert.equal(html.match(/<img/g)?.length, 2 * pictures.length);
});

const small = await sharp(join(samples, 'airliner.jpg')).resize(320).jpeg().toBuffer();

/** Copies of one small photo that differ in what follows its picture, so that no two have one content. */
function manyPhotos(folder: string, count: number): void {
  mkdirSync(folder);
  for (let i = 0; i < count; i++)
    writeFileSync(
      join(folder, `${String(i).padStart(4, '0')}.jpg`),
      Buffer.concat([small, Buffer.from(`${i}`)]),
    );
}

test('a folder that goes away in the middle stops the command with a sentence; it goes on where it was', async () => {
  const folder = join(work, 'drive');
  const away = join(work, 'unplugged');
  manyPhotos(folder, 250);
  let gone = false;
  const stopped = await saccade(['classify', folder, '--format', 'jsonl'], {
    home,
    onOutput(stdout) {
      if (!gone && stdout.includes('\n')) renameSync(folder, away);
      gone = true;
    },
  });
  assert.equal(stopped.code, 1, stopped.stderr);
  assert.match(
    stopped.stderr,
    /drive to stay until all was done; it is not there any more.* \d+ photos wait/,
  );
  const before = jsonLines(stopped.stdout);
  assert.ok(before.length > 0 && before.every(({ status }) => status === 'ok'), stopped.stderr);
  renameSync(away, folder);
  const whole = await saccade(['classify', folder, '--format', 'jsonl'], { home });
  assert.equal(whole.code, 0, whole.stderr);
  const lines = jsonLines(whole.stdout);
  assert.equal(lines.length, 250);
  assert.deepEqual(lines.slice(0, before.length), before);
});

test('Ctrl-C stops cleanly, keeps what is done, and the same command goes on', async () => {
  const folder = join(work, 'many');
  manyPhotos(folder, 250);
  const report = join(work, 'interrupted.html');
  let sent = false;
  const stopped = await saccade(['classify', folder, '--format', 'jsonl', '--report', report], {
    home,
    onOutput(stdout, kill) {
      if (!sent && stdout.includes('\n')) kill('SIGINT');
      sent = true;
    },
  });
  assert.equal(stopped.code, 130, stopped.stderr);
  const before = jsonLines(stopped.stdout);
  assert.ok(before.length > 0 && before.length < 250, `${before.length} were done`);
  assert.match(stopped.stderr, /Interrupted\. \d+ photos? classified/);
  assert.ok(!/ {4}at |Error/.test(stopped.stderr), stopped.stderr);
  const html = readFileSync(report, 'utf8');
  assert.match(html, /Interrupted: this is what was done by then/);
  assert.equal(html.match(/<tr>/g)?.length, before.length + 1);

  const whole = await saccade(['classify', folder, '--format', 'jsonl'], { home });
  assert.equal(whole.code, 0, whole.stderr);
  const lines = jsonLines(whole.stdout);
  assert.equal(lines.length, 250);
  assert.deepEqual(lines.slice(0, before.length), before);
});

test(
  'a reader that leaves early is no error',
  { skip: process.platform === 'win32' && 'needs a POSIX shell' },
  () => {
    const command = `"$0" "$1" classify "$2" --format jsonl | head -n 1`;
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', command, process.execPath, cli, join(work, 'many')],
      {
        cwd: project,
        env: { ...process.env, SACCADE_HOME: home },
        encoding: 'utf8',
      },
    );
    assert.equal(status, 0);
    assert.equal(jsonLines(stdout).length, 1);
    assert.equal(stderr, '');
  },
);

test('what could not run says why, with exit code 1', async () => {
  const unknown = await saccade(['classify', 'samples', '--model', 'no-such-model'], { home });
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^[a-z-]+: .*no-such-model/);
  writeFileSync(join(work, 'a-file'), '');
  const output = await inOneProcess(['classify', 'samples', '--output', join(work, 'a-file', 'x')]);
  assert.equal(output.code, 1);
  assert.match(output.stderr, /^cannot-write: /);
  const report = join(work, 'despite.html');
  const words = ['--overlays', join(work, 'a-file', 'x'), '--report', report];
  const overlays = await inOneProcess(['classify', 'samples', ...words]);
  assert.equal(overlays.code, 1);
  assert.match(overlays.stderr, /^cannot-write: /);
  assert.deepEqual([overlays.stdout, existsSync(report)], ['', false], 'before anything is computed');
});

test('what --output held is lost to new results only, not to a command that could not run', async () => {
  const output = join(work, 'kept.jsonl');
  writeFileSync(output, 'results of the last time\n'.repeat(1000));
  const classify = (...words: string[]) =>
    inOneProcess(['classify', '--format', 'jsonl', '--output', output, ...words]);
  assert.equal((await classify('samples', '--model', 'no-such-model')).code, 1);
  assert.match(readFileSync(output, 'utf8'), /^results of the last time/);
  assert.equal((await classify(join(samples, pictures[0]!))).code, 0);
  assert.equal(jsonLines(readFileSync(output, 'utf8')).length, 1);
  const empty = join(work, 'empty');
  mkdirSync(empty);
  assert.equal((await classify(empty)).code, 0);
  assert.equal(readFileSync(output, 'utf8'), '', 'no photos are a result too');
  writeFileSync(output, 'groups of the last time\n');
  assert.equal((await inOneProcess(['duplicates', empty, '--output', output])).code, 0);
  assert.equal(readFileSync(output, 'utf8'), '', 'so are no duplicates');
});

test('a home that can’t be written: models are listed, --no-library classifies, and the rest says why', async () => {
  const blocked = join(work, 'a-file-as-home');
  writeFileSync(blocked, '');
  const list = await saccade(['models', 'list'], { home: blocked });
  assert.equal(list.code, 0, list.stderr);
  const photo = join(samples, pictures[0]!);
  const forgetful = await saccade(['classify', photo, '--no-library'], { home: blocked });
  assert.equal(forgetful.code, 0, forgetful.stderr);
  const { code, stderr } = await saccade(['classify', photo], { home: blocked });
  assert.equal(code, 1);
  assert.match(stderr, /^catalog-unwritable: Expected .* found .* set SACCADE_HOME/);
});

test('--no-library leaves no trace', async () => {
  const empty = join(work, 'no-home');
  const { code, stdout, stderr } = await saccade(
    ['classify', join(samples, pictures[0]!), '--format', 'jsonl', '--no-library'],
    { home: empty },
  );
  assert.equal(code, 0, stderr);
  assert.equal(jsonLines(stdout).length, 1);
  assert.ok(!existsSync(join(empty, 'catalog.sqlite')));
});

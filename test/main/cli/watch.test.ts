/** `saccade watch`: a line for each photo as it appears, until Ctrl-C. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needsDisk, smallDisk } from '../library/small-disk.ts';
import { keepPace } from '../../measured-home.ts';
import { jsonLines, saccade, samples, temporaryFolder } from './saccade.ts';

const folder = temporaryFolder('watch');
const home = join(folder, 'home');
await keepPace(home);

/** A watch that goes on; `until`: it has told so many photos, and no more. */
function watching(words: string[]) {
  let said = '';
  let kill: (signal: NodeJS.Signals) => void = () => {};
  let started = 0;
  const ended = saccade(['watch', ...words, '--format', 'jsonl'], {
    ...{ home, cwd: folder },
    onStart: (pid) => (started = pid),
    onOutput: (stdout, stop) => ([said, kill] = [stdout, stop]),
  });
  const told = () => jsonLines(said.slice(0, said.lastIndexOf('\n') + 1)).length;
  const until = async (count: number) => {
    for (let i = 0; i < 900 && told() < count; i++) await sleep(100);
    assert.equal(told(), count, said);
  };
  return { ended, until, stop: (signal: NodeJS.Signals) => kill(signal), pid: () => started };
}

test('photos are told as they come, whole, and Ctrl-C ends it well', async () => {
  const photos = join(folder, 'photos');
  mkdirSync(join(photos, 'private'), { recursive: true });
  copyFileSync(join(samples, 'dog.webp'), join(photos, 'before.webp'));
  const { ended, until, stop } = watching(['photos', '--existing', '--exclude', 'private/']);
  await until(1);
  copyFileSync(join(samples, 'cat.jpg'), join(photos, 'cat.jpg'));
  copyFileSync(join(samples, 'cat.jpg'), join(photos, 'private', 'cat.jpg'));
  copyFileSync(join(samples, 'README.md'), join(photos, 'README.md'));
  await until(2);
  // A tree that was made elsewhere and is moved in; a file that comes in pieces.
  mkdirSync(join(folder, 'elsewhere', 'deep'), { recursive: true });
  copyFileSync(join(samples, 'frog.jpg'), join(folder, 'elsewhere', 'deep', 'frog.jpg'));
  renameSync(join(folder, 'elsewhere'), join(photos, 'tree'));
  const bytes = readFileSync(join(samples, 'red-car.jpg'));
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 6)) {
    appendFileSync(join(photos, 'pieces.jpg'), bytes.subarray(at, at + Math.ceil(bytes.length / 6)));
    await sleep(300);
  }
  await until(4);
  rmSync(join(photos, 'cat.jpg'));
  // What was there is no photo that came.
  renameSync(join(photos, 'tree'), join(photos, 'wood'));
  await until(5);
  stop('SIGINT');
  const { code, signal, stdout, stderr } = await ended;
  assert.deepEqual([code, signal], [0, null], stderr);
  const lines = jsonLines(stdout);
  assert.deepEqual(lines.map(({ path }) => path).sort(), [
    join('photos', 'before.webp'),
    join('photos', 'cat.jpg'),
    join('photos', 'pieces.jpg'),
    join('photos', 'tree', 'deep', 'frog.jpg'),
    join('photos', 'wood', 'deep', 'frog.jpg'),
  ]);
  for (const line of lines) assert.deepEqual([line['status'], line['damaged']], ['ok', undefined], JSON.stringify(line)); // prettier-ignore
  assert.equal(stderr, 'Watching; Ctrl-C ends it.\n');
});

/** Linux alone tells whose children there are. */
const childrenOf = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
const isLibrary = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('library');

test(
  'a library process that is killed is started again: what came meanwhile is told, and nothing twice',
  { skip: process.platform === 'linux' ? false : 'SKIPPED: no /proc here' },
  async () => {
    const photos = join(folder, 'killed');
    mkdirSync(photos);
    copyFileSync(join(samples, 'dog.webp'), join(photos, 'before.webp'));
    const { ended, until, stop, pid } = watching(['killed', '--existing']);
    await until(1);
    copyFileSync(join(samples, 'cat.jpg'), join(photos, 'cat.jpg'));
    await until(2);
    for (const [i, sample] of ['frog.jpg', 'robin.jpg'].entries()) {
      const library = childrenOf(pid()).find(isLibrary)!;
      process.kill(library, 'SIGKILL');
      // Moved in whole, it has the times that it had elsewhere.
      mkdirSync(join(folder, `tree-${i}`));
      copyFileSync(join(samples, sample), join(folder, `tree-${i}`, sample));
      renameSync(join(folder, `tree-${i}`), join(photos, `tree-${i}`));
      await until(3 + i);
    }
    stop('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      jsonLines(stdout).map(({ path, status }) => [path, status]),
      [
        [join('killed', 'before.webp'), 'ok'],
        [join('killed', 'cat.jpg'), 'ok'],
        [join('killed', 'tree-0', 'frog.jpg'), 'ok'],
        [join('killed', 'tree-1', 'robin.jpg'), 'ok'],
      ],
    );
    assert.equal(stderr.match(/^The library process .* it was started again\.$/gm)?.length, 2, stderr);
  },
);

test('what is no folder is refused', async () => {
  const { code, stderr } = await saccade(['watch', join(samples, 'cat.jpg')], { home });
  assert.equal(code, 1);
  assert.match(stderr, /^folder-unreadable: Expected a folder at .*cat\.jpg; found a file/);
});

test(
  'a folder for temporary files that is full, or not there, is told in a sentence',
  needsDisk,
  async (t) => {
    const disk = smallDisk(t, 100);
    mkdirSync(join(folder, 'none'), { recursive: true });
    for (const temporary of [disk.path, join(folder, 'nowhere')]) {
      process.env['TMPDIR'] = temporary;
      const { code, stderr } = await saccade(['watch', 'none'], { home, cwd: folder });
      delete process.env['TMPDIR'];
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^no-temporary-folder: Expected room .* set TMPDIR to another folder\.\n$/);
    }
  },
);

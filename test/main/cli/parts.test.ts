import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { baselineOf, faithfulnessTable, summarise } from '../../../main/cli/commands/faithfulness.ts';
import { percent, readLines } from '../../../main/cli/commands/heads.ts';
import { meanInterval, studentQuantile } from '../../../main/cli/intervals.ts';
import { derivedName, shownPath } from '../../../main/cli/paths.ts';
import { duration, harmless, progressLine } from '../../../main/cli/terminal.ts';
import type { FaithfulnessCurve } from '../../../main/contract/entities/inspection.ts';
import { temporaryFolder } from '../../temporary.ts';

const folder = temporaryFolder({ after }, 'cli-parts');

test('lines of labels are read as editors save them, and bytes that say nothing are refused', async () => {
  const file = join(folder, 'labels.txt');
  const lines = ['猫 | 小猫', 'a boat'];
  for (const saved of [
    Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`),
    Buffer.from(`\uFEFF${lines.join('\r\n')}`, 'utf16le'),
    Buffer.from(`${lines.join('\r')}\r`),
  ]) {
    writeFileSync(file, saved);
    assert.deepEqual(await readLines(file), { lines });
  }
  writeFileSync(file, Buffer.from([0xc3, 0xa8, 0x0a]).subarray(0, 1));
  await assert.rejects(readLines(file), { code: 'unreadable', message: /labels\.txt to be text in UTF-8/ });
});

test('paths are shown as they were asked for', () => {
  const shown = shownPath(['photos', '/else/where'], '/home/me');
  assert.equal(shown('/home/me/photos/a.jpg'), join('photos', 'a.jpg'));
  assert.equal(shown('/else/where/b.jpg'), '/else/where/b.jpg');
  assert.equal(shownPath(['.'], '/home/me')('/home/me/x/c.jpg'), join('x', 'c.jpg'));
  assert.equal(shownPath(['../you'], '/home/me')('/home/you/d.jpg'), join('..', 'you', 'd.jpg'));
  assert.equal(
    shownPath(['/home/me/photos', 'photos/in'], '/home/me')('/home/me/photos/in/e.jpg'),
    join('photos', 'in', 'e.jpg'),
  );
});

test('files made from photos of several folders do not meet', () => {
  for (const name of ['one', 'two']) mkdirSync(join(folder, name));
  const name = derivedName([join(folder, 'one'), join(folder, 'two')], '.png');
  const names = ['one/a.jpg', 'one/a.png', 'two/a.jpg'].map((way) => name(join(folder, way)));
  assert.deepEqual(names, [join('one', 'a.jpg.png'), join('one', 'a.png.png'), join('two', 'a.jpg.png')]);
  assert.equal(derivedName([join(folder, 'one')], '.png')(join(folder, 'one', 'a.jpg')), 'a.jpg.png');
});

test("Student's t quantiles are the tabulated ones", () => {
  for (const [degrees, expected] of [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1000, 1.962],
  ] as const)
    assert.ok(
      Math.abs(studentQuantile(degrees) / expected - 1) < 0.01,
      `${degrees}: ${studentQuantile(degrees)}`,
    );
});

test('an interval is mean and t times standard error', () => {
  const { mean, margin } = meanInterval([1, 2, 3, 4]);
  assert.equal(mean, 2.5);
  assert.ok(Math.abs(margin - 3.182 * Math.sqrt(5 / 3 / 4)) < 0.03);
  assert.ok(Number.isNaN(meanInterval([1]).margin));
});

const curve = (
  method: FaithfulnessCurve['method'],
  deletionAuc: number,
  insertionAuc: number,
): FaithfulnessCurve => ({
  method,
  deletion: [],
  insertion: [],
  deletionAuc,
  insertionAuc,
});

test('methods are compared with rollout photo by photo', () => {
  const photos = [
    [curve('rollout', 0.4, 0.5), curve('class', 0.2, 0.7)],
    [curve('rollout', 0.6, 0.3), curve('class', 0.3, 0.6)],
  ];
  const [rollout, own] = summarise(photos, ['rollout', 'class', 'cls']);
  assert.equal(rollout!.deletionDifference, null);
  assert.ok(Math.abs(own!.deletionDifference!.mean + 0.25) < 1e-12);
  assert.ok(Math.abs(own!.insertionDifference!.mean - 0.25) < 1e-12);
  assert.equal(baselineOf(['cls', 'random']), 'random');
  assert.equal(baselineOf(['cls']), null);
  const table = faithfulnessTable([rollout!, own!], 2, 'rollout');
  assert.match(table, /class +0\.250 ± \S+ +0\.650 ± \S+ +-0\.250 ± \S+ +\+0\.250 ± /);
});

test('progress says how far, how fast, how long and what failed', () => {
  const progress = {
    total: 1204,
    scanned: true,
    done: 812,
    known: 0,
    failed: 2,
    photosPerSecond: 96.2,
    secondsLeft: 4,
  };
  assert.equal(progressLine(progress), '812 of 1,204 · 96 photos/s · 4 s left · 2 failed');
  assert.equal(progressLine({ ...progress, scanned: false, failed: 0 }), '812 of 1,204+ · 96 photos/s');
  assert.deepEqual([0.2, 89, 240, 7500].map(duration), ['1 s', '89 s', '4 min', '2 h 5 min']);
});

test('text that would steer a terminal is made harmless', () => {
  assert.equal(harmless('a\u001b]0;x\u0007\u202e.jpg'), 'a\u{FFFD}]0;x\u{FFFD}\u{FFFD}.jpg');
});

test('a share of near-duplicates that count together is told with one digit', () => {
  const share = { share: 11 / 18, low: 0.4, high: 0.8, right: (20 * 11) / 18, of: 20 };
  assert.equal(percent(share), '61.1 % (40.0 to 80.0, 12.2 of 20)');
  assert.equal(percent({ ...share, right: 12 }), '61.1 % (40.0 to 80.0, 12 of 20)');
});

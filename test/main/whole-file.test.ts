import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import test from 'node:test';
import { openDestination } from '../../main/cli/destination.ts';
import { makeFolder } from '../../main/files.ts';
import { openReport } from '../../main/report/html.ts';
import { openWhole, openWholeFolder, writeWhole } from '../../main/whole-file.ts';
import { temporaryFolder } from '../temporary.ts';

const elsewhere = process.platform === 'win32' ? 'SKIPPED: no such files on Windows' : false;

test('a file is the old one until the new one is whole, and nothing is left beside it', async (t) => {
  const folder = temporaryFolder(t, 'whole');
  const path = join(folder, 'out.csv');
  writeFileSync(path, 'old', { mode: 0o640 });
  const first = await openWhole(path);
  await first.handle.writeFile('ne');
  assert.equal(readFileSync(path, 'utf8'), 'old');
  await first.drop();
  assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(folder)], ['old', ['out.csv']]);
  const second = await openWhole(path);
  await second.handle.writeFile('new');
  await second.keep();
  await second.drop();
  assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(folder)], ['new', ['out.csv']]);
  if (!elsewhere) assert.equal(statSync(path).mode & 0o777, 0o640);
});

test('a write that fails leaves no folders that were made for it', async (t) => {
  const folder = temporaryFolder(t, 'whole');
  await assert.rejects(writeWhole(join(folder, 'a', 'b', 'out.html'), null as never));
  const whole = await openWholeFolder(join(folder, 'c', 'd', 'set'));
  await whole.drop();
  const longest = 'x'.repeat(300);
  await assert.rejects(openWholeFolder(join(folder, 'e', longest, 'set')));
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join((await openWholeFolder(join(folder, 'f', 'set'))).path, 'one'), '');
  await writeWhole(join(folder, 'f', 'kept.txt'), 'kept');
  assert.deepEqual(readFileSync(join(folder, 'f', 'kept.txt'), 'utf8'), 'kept');
});

test('a write that fails in the middle leaves what was there, whatever writes', async (t) => {
  const folder = temporaryFolder(t, 'whole');
  const path = join(folder, 'out.html');
  writeFileSync(path, 'old');
  await assert.rejects(writeWhole(path, null as never));
  const report = await openReport(path);
  await report.row('<tr>');
  await report.abandon();
  await assert.rejects(report.row('<tr>'), { code: 'cannot-write' });
  const destination = await openDestination(path, new AbortController().signal);
  await destination.end();
  assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(folder)], ['old', ['out.html']]);
});

test('links are written through, and devices as they are', { skip: elsewhere }, async (t) => {
  const folder = temporaryFolder(t, 'whole');
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/out.csv'), 'old');
  symlinkSync('real/out.csv', join(folder, 'link.csv'));
  await writeWhole(join(folder, 'link.csv'), 'new');
  assert.equal(readFileSync(join(folder, 'real/out.csv'), 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder).sort(), ['link.csv', 'real']);
  await writeWhole('/dev/null', 'anything');
  assert.ok(statSync('/dev/null').isCharacterDevice());
  chmodSync(join(folder, 'real/out.csv'), 0o444);
  if (process.getuid?.() !== 0)
    await assert.rejects(writeWhole(join(folder, 'link.csv'), 'newer'), { code: 'EACCES' });
});

test('folders that can’t be made are refused at once', { skip: elsewhere }, (t) => {
  const folder = temporaryFolder(t, 'whole');
  makeFolder(join(folder, 'a/b/c'));
  makeFolder(join(folder, 'a/b/c'));
  assert.ok(statSync(join(folder, 'a/b/c')).isDirectory());
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeFolder(join(folder, 'file/below')), { code: 'ENOTDIR' });
  assert.throws(() => makeFolder(join(folder, 'file')), { code: 'ENOTDIR' });
  symlinkSync('nowhere', join(folder, 'dangling'));
  assert.throws(() => makeFolder(join(folder, 'dangling/below')), { code: 'EEXIST' });
  if (process.platform === 'linux')
    assert.throws(() => makeFolder('/proc/nowhere/below'), { code: 'ENOENT' });
});

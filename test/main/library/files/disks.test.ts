/** Files moved from one disk to another. Two disks are told apart by folders here, where `rename` and `link` refuse as the system does. */
import assert from 'node:assert/strict';
import fs, { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'; // prettier-ignore
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { place, takeBack } from '../../../../main/library/files/place.ts';
import { moveFile } from '../../../../main/library/files/transfer.ts';

interface Disks {
  from: string;
  to: string;
}

const refused = (call: string) => Object.assign(new Error(`EXDEV: cross-device link not permitted, ${call}`), { code: 'EXDEV' }); // prettier-ignore

/** `spoil`: what happens to a copy before it is looked at. */
function twoDisks(t: TestContext, spoil: (copy: string) => void = () => {}): Disks {
  const root = mkdtempSync(join(tmpdir(), 'saccade-disks-'));
  const folders = [join(root, 'one'), join(root, 'two')] as const;
  for (const folder of folders) mkdirSync(folder);
  const across = (a: string, b: string) => dirname(a) !== dirname(b);
  const { renameSync } = fs;
  const { link, rename, copyFile } = promises;
  mock.method(fs, 'renameSync', (a: string, b: string) => {
    if (across(a, b)) throw refused('rename');
    renameSync(a, b);
  });
  const refusing =
    (call: (a: string, b: string) => Promise<void>, name: string) => async (a: string, b: string) => {
      if (across(a, b)) throw refused(name);
      await call(a, b);
    };
  mock.method(promises, 'link', refusing(link as never, 'link'));
  mock.method(promises, 'rename', refusing(rename as never, 'rename'));
  mock.method(promises, 'copyFile', async (a: string, b: string, mode: number) => {
    await copyFile(a, b, mode);
    spoil(b);
  });
  syncBuiltinESMExports();
  t.after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
    rmSync(root, { recursive: true, force: true });
  });
  const [from, to] = folders.map((folder) => join(folder, 'photo.jpg')) as [string, string];
  writeFileSync(from, 'every byte of it');
  utimesSync(from, 1e9, 1e9);
  return { from, to };
}

const names = (path: string) => fs.readdirSync(dirname(path));

const movers = {
  'moved to a folder or the trash': ({ from, to }: Disks) => moveFile(from, to),
  organised: ({ from, to }: Disks) => place({ way: 'move', from, to }),
};

for (const [called, move] of Object.entries(movers)) {
  test(`${called}, a photo is copied whole to another disk, with its times, before it goes`, async (t) => {
    const disks = twoDisks(t);
    await move(disks);
    assert.equal(readFileSync(disks.to, 'utf8'), 'every byte of it');
    assert.equal(statSync(disks.to).mtimeMs, 1e12);
    assert.deepEqual([names(disks.from), names(disks.to)], [[], ['photo.jpg']]);
    await move({ from: disks.to, to: disks.from });
    assert.deepEqual([names(disks.from), names(disks.to)], [['photo.jpg'], []]);
  });

  test(`${called}, a photo stays where it is if its copy on another disk differs`, async (t) => {
    const disks = twoDisks(t, (copy) => writeFileSync(copy, 'every byte of at'));
    await assert.rejects(async () => move(disks), { code: /^cannot-(move|place)$/ });
    assert.equal(readFileSync(disks.from, 'utf8'), 'every byte of it');
    assert.deepEqual(names(disks.to), []);
  });

  test(`${called}, a photo never replaces what is on another disk`, async (t) => {
    const disks = twoDisks(t);
    writeFileSync(disks.to, 'another');
    await assert.rejects(async () => move(disks), { code: 'file-exists' });
    assert.deepEqual([readFileSync(disks.to, 'utf8'), existsSync(disks.from)], ['another', true]);
    assert.deepEqual(names(disks.to), ['photo.jpg']);
  });
}

test('what was organised to another disk is taken back, also where a crash left both', async (t) => {
  const disks = twoDisks(t);
  await place({ way: 'move', ...disks });
  assert.equal(await takeBack({ way: 'move', ...disks }), true);
  assert.deepEqual([names(disks.from), names(disks.to)], [['photo.jpg'], []]);
  writeFileSync(disks.to, 'every byte of it');
  assert.equal(await takeBack({ way: 'move', ...disks }), true);
  assert.deepEqual([names(disks.from), names(disks.to)], [['photo.jpg'], []]);
});

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { listFolders } from '../../../main/broker/folders.ts';
import { temporaryFolder } from '../../temporary.ts';

test('lists visible folders in the order people count, links to folders too, files not', async (t) => {
  const root = temporaryFolder(t, 'folders');
  for (const name of ['day 10', 'day 9', 'ünï #%', '.hidden']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'file.jpg'), '');
  symlinkSync(join(root, 'day 9'), join(root, 'link'));
  symlinkSync(join(root, 'nowhere'), join(root, 'broken link'));
  const listed = await listFolders(root);
  assert.equal(listed.path, root);
  assert.equal(listed.parent, dirname(root));
  assert.deepEqual(
    listed.items.map((item) => item.name),
    ['day 9', 'day 10', 'link', 'ünï #%'],
  );
  assert.equal(listed.items[0]!.path, join(root, 'day 9'));
});

test('starts at home and ends at the root', async () => {
  assert.equal((await listFolders(null)).path, homedir());
  assert.equal((await listFolders('/')).parent, null);
});

test('a folder that is missing, a file, or no full path is refused with its path', async () => {
  for (const path of ['/no such folder', import.meta.filename, 'relative'])
    await assert.rejects(listFolders(path), (error: Error & { code: string }) => {
      assert.equal(error.code, 'folder-unreadable');
      return error.message.includes(path);
    });
});

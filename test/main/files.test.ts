import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openFile } from '../../main/files.ts';
import { temporaryFolder } from '../temporary.ts';

const windows = process.platform === 'win32';

test('a file is opened with its facts; a folder, nothing and a circle of links are told apart', async (t) => {
  const folder = temporaryFolder(t, 'files');
  writeFileSync(join(folder, 'a.jpg'), '123');
  const { file, facts } = await openFile(join(folder, 'a.jpg'));
  assert.equal(facts.size, 3);
  await file.close();
  await assert.rejects(openFile(folder), { code: 'unreadable' });
  await assert.rejects(openFile(join(folder, 'none.jpg')), { code: 'missing-file' });
  if (windows) return;
  symlinkSync('circle.jpg', join(folder, 'circle.jpg'));
  await assert.rejects(openFile(join(folder, 'circle.jpg')), { code: 'unreadable', message: /ELOOP/ });
});

test(
  'a pipe that nobody writes to is refused, not waited for',
  { skip: windows && 'no named pipes in folders' },
  async (t) => {
    const folder = temporaryFolder(t, 'files');
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
    await assert.rejects(openFile(join(folder, 'pipe.jpg')), { code: 'unreadable' });
  },
);

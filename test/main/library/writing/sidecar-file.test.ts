import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSidecar, writeSidecar } from '../../../../main/library/writing/sidecar-file.ts';
import { temporaryFolder } from '../../../temporary.ts';

test('what another program wrote meanwhile is neither written over nor deleted', async (t) => {
  const folder = temporaryFolder(t, 'sidecar');
  const path = join(folder, 'a.jpg.xmp');
  for (const text of ['<ours/>', null]) {
    writeFileSync(path, '<before/>');
    const before = await readSidecar(path);
    writeFileSync(path, '<by another program/>');
    await assert.rejects(writeSidecar(path, text, before), { code: 'changed-meanwhile' });
    assert.equal(readFileSync(path, 'utf8'), '<by another program/>');
  }
  await writeSidecar(path, null, await readSidecar(path));
  assert.equal(await readSidecar(path), null);
});

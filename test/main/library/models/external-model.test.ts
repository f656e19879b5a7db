import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { resolveModel } from '../../../../main/library/models/external-model.ts';
import { readManifest } from '../../../../models/store.ts';
import { tinyShape, writeTimm } from '../../../models/tiny.ts';
import { temporaryFolder } from '../../../temporary.ts';

const root = temporaryFolder({ after }, 'external');
const home = join(root, 'home');
const roots = { builtIn: join(root, 'none'), installed: join(home, 'models') };

test('a checkpoint is converted once, again when it changes, and is not installed', async () => {
  const folder = writeTimm(join(root, 'my checkpoint'), tinyShape);
  const first = await resolveModel(roots, home, folder, null);
  assert.equal(readManifest(first).labels.length, 5);
  assert.equal(await resolveModel(roots, home, folder, null), first);
  assert.equal(await resolveModel(roots, home, first, null), first, 'a converted one is taken as it is');
  writeFileSync(join(folder, 'README.md'), 'changed');
  assert.notEqual(await resolveModel(roots, home, folder, null), first);
  assert.equal(readdirSync(join(home, 'external')).length, 2);
  await assert.rejects(resolveModel(roots, home, join(root, 'nothing'), null), { code: 'no-model' });
});

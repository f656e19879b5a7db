import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { importInThread } from '../../../../main/library/models/import-model.ts';
import { SaccadeError } from '../../../../models/error.ts';
import { readManifest } from '../../../../models/store.ts';
import { tinyShape, writeTimm } from '../../../models/tiny.ts';
import { temporaryFolder } from '../../../temporary.ts';

test('a model is installed from another thread, and what is wrong comes back as it was thrown', async (t) => {
  const folder = temporaryFolder(t, 'import');
  const source = writeTimm(join(folder, 'source'), tinyShape);
  const { manifest } = await importInThread(
    source,
    join(folder, 'models'),
    {
      name: 'mine',
      source: 'o/n@1',
    },
    null,
  );
  // A file has no fields that are undefined.
  assert.deepEqual(readManifest(join(folder, 'models', 'mine')), JSON.parse(JSON.stringify(manifest)));
  assert.equal(manifest.source, 'o/n@1');
  await assert.rejects(
    importInThread(source, join(folder, 'models'), { name: 'mine' }, null),
    (error) => error instanceof SaccadeError && error.code === 'model-exists',
  );
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applicationFolder, applicationVersion, rendererFolder } from '../../main/application.ts';

test('the application finds what ships with it', () => {
  const root = join(import.meta.dirname, '..', '..');
  assert.equal(applicationFolder(), root);
  assert.ok(existsSync(join(applicationFolder(), 'models', 'starter', 'model.json')));
  assert.equal(rendererFolder(), join(root, 'out', 'renderer'));
  assert.match(applicationVersion(), /^\d+\.\d+\.\d+/);
});

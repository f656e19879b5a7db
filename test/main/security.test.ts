import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

test('every defence that SECURITY.md claims names a test that exists', () => {
  const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (defence|-)/.test(line));
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const named = [...row.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map((match) => match[1]!);
    assert.ok(named.length > 0, `no test: ${row}`);
    for (const file of named) assert.ok(existsSync(join(root, file)), `${file} does not exist`);
  }
});

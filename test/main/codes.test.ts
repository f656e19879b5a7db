/** Every failure a person can meet stands in docs/troubleshooting.md, and nothing there is made up. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const project = join(import.meta.dirname, '..', '..');
const sources = globSync('{main,models,renderer}/**/*.{ts,svelte}', { cwd: project })
  .map((file) => readFileSync(join(project, file), 'utf8'))
  .join('\n');
const documented = [
  ...readFileSync(join(project, 'docs', 'troubleshooting.md'), 'utf8').matchAll(/^\| `([a-z0-9-]+)`/gm),
].map(([, code]) => code!);

test('every code of an error is documented', () => {
  const thrown = [...sources.matchAll(/\b(?:SaccadeError|decodeError)\(\s*'([a-z0-9-]+)'/g)];
  const returned = [...sources.matchAll(/\bcode: '([a-z0-9]+-[a-z0-9-]+)'/g)];
  const codes = new Set([...thrown, ...returned].map(([, code]) => code!));
  assert.ok(codes.size > 50);
  assert.deepEqual([...codes].filter((code) => !documented.includes(code)).sort(), []);
});

test('every documented code is one of an error, once', () => {
  assert.deepEqual(
    documented.filter((code, i) => documented.indexOf(code) !== i || !sources.includes(`'${code}'`)),
    [],
  );
});

/** Runs the tests on Node: `node test/unit.ts [FILE…]`, by default all of them. */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ensureBuilt } from './built.ts';
import { prepare } from './environment.ts';

const root = join(import.meta.dirname, '..');
const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync('test/{main,models}/**/*.test.ts', { cwd: root }).sort();
if (files.length === 0) throw new Error('Expected files of tests; found none.');

prepare();

// Commands are run as people have them: bundled. One file run by hand takes the source, and needs no build.
ensureBuilt();
process.env['SACCADE_TESTS_CLI'] ??= join(root, 'out', 'main', 'cli.js');

run({
  cwd: root,
  files,
  // A file more than there are cores: many wait for processes and clocks. Node's own default is one less.
  concurrency: availableParallelism() + 1,
  timeout: 300_000,
})
  .on('test:fail', () => (process.exitCode = 1))
  .compose(spec)
  .pipe(process.stdout);

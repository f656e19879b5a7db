/** Runs the tests on Node: `node test/unit.ts [FILE…]`, by default all of them. */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './built.ts';
import { prepare } from './environment.ts';

const root = join(import.meta.dirname, '..');
/** What a process reads before its first test costs most files more than their tests do: so many share one. */
const filesOfAProcess = 8;

const named = process.argv.slice(2);
const found = globSync('test/{main,models}/**/*.test.ts', { cwd: root }).sort();
if (found.length === 0) throw new Error('Expected files of tests; found none.');

prepare();

// Commands are run as people have them: bundled. One file run by hand takes the source, and needs no build.
ensureBuilt();
process.env['SACCADE_TESTS_CLI'] ??= join(root, 'out', 'main', 'cli.js');

/** Files to run in the place of `files`: each imports some of them. A test is told with its own file all the same. */
function together(files: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-unit-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return Array.from({ length: Math.ceil(files.length / filesOfAProcess) }, (_, i) => {
    const path = join(folder, `tests-${i}.mjs`);
    const members = files.slice(i * filesOfAProcess, (i + 1) * filesOfAProcess);
    writeFileSync(
      path,
      members.map((file) => `import ${JSON.stringify(pathToFileURL(join(root, file)).href)};\n`).join(''),
    );
    return path;
  });
}

run({
  cwd: root,
  files: named.length > 0 ? named : together(found),
  // Twice as many as there are cores: many wait for processes and clocks. Node's own default is one less than those.
  concurrency: 2 * availableParallelism(),
  // Of one test, and of a process with all its files: for what hangs, not for what is slow.
  timeout: 900_000,
})
  .on('test:fail', () => (process.exitCode = 1))
  .compose(spec)
  .pipe(process.stdout);

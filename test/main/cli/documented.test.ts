/** Runs what docs/command-line.md shows, in its order, so that it can be believed. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { project, saccade, samples, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('documented');
symlinkSync(samples, join(work, 'samples'), 'junction');
const text = readFileSync(join(project, 'docs', 'command-line.md'), 'utf8');
const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
  block!.split('\n').filter(Boolean),
);

test('there are commands to run, of every kind that needs no network', () => {
  const kinds = new Set(commands.map((command) => command.split(' ')[1]));
  assert.deepEqual([...kinds].sort(), [
    'classify',
    'export',
    'faithfulness',
    'inspect',
    'models',
    'precision',
    'providers',
  ]);
});

for (const command of commands)
  test(`documented: ${command}`, async () => {
    const [program, ...words] = command.split(' ');
    assert.equal(program, 'saccade');
    const { code, stderr } = await saccade(words, { home: join(work, 'home'), cwd: work });
    assert.equal(code, 0, stderr);
    assert.ok(!/ {4}at /.test(stderr), stderr);
  });

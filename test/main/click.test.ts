/** That the click traced in ARCHITECTURE.md goes through the files that it names, and through no more than it should. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { project } from './documents.ts';

interface Step {
  at: number;
  file: string;
  comesInAs: string;
  goesOnBy: string;
  meetsAt: string | null;
}

const text = (file: string): string => readFileSync(join(project, file), 'utf8');
const section = text('ARCHITECTURE.md')
  .split(/^## /m)
  .find((part) => part.startsWith('One click'))!;

const steps = [...section.matchAll(/^\| (\d+) .*$/gm)].map(([row, at]): Step => {
  const [, , file, , comesInAs, goesOnBy, meetsAt] = row
    .split('|')
    .map((cell) => /^ *`(.*)` *$/.exec(cell)?.[1] ?? null);
  return { at: Number(at), file: file!, comesInAs: comesInAs!, goesOnBy: goesOnBy!, meetsAt: meetsAt! };
});
const click = steps.slice(0, steps.findIndex(({ file }) => file === 'main/library/runs/settle.ts') + 1);

/** Files of ours that a file imports, by their paths in the project. */
function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\() *'(\.[^']+)'/g)].map(([, path]) =>
    relative(project, resolve(project, dirname(file), path!)).replaceAll('\\', '/'),
  );
}
const touch = (one: string, other: string) => imports(one).includes(other) || imports(other).includes(one);

test('the click goes from the button to the stored label through at most 14 files, each once', () => {
  assert.equal(click[0]?.file, 'renderer/library/RunBar.svelte');
  assert.ok(click.length >= 10 && click.length <= 14, `${click.length} files`);
  assert.deepEqual(
    steps.map(({ at }) => at),
    steps.map((_, i) => i + 1),
  );
  assert.equal(new Set(steps.map(({ file }) => file)).size, steps.length);
});

for (const { file, comesInAs, goesOnBy } of steps)
  test(`${file} takes the click as the trace says, and hands it on so`, () => {
    assert.ok(text(file).includes(comesInAs), comesInAs);
    assert.ok(text(file).includes(goesOnBy), goesOnBy);
  });

for (const [i, { file, meetsAt }] of click.slice(0, -1).entries()) {
  const next = click[i + 1]!.file;
  test(`nothing stands between ${file} and ${next}`, () => {
    const way = [file, ...(meetsAt?.split('`, `') ?? []), next];
    for (const [at, one] of way.slice(0, -1).entries())
      assert.ok(touch(one, way[at + 1]!), `${one} and ${way[at + 1]}: neither imports the other`);
  });
}

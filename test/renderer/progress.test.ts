import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('every bar of progress has a name and says in words how far it is', () => {
  const bars = globSync('renderer/**/*.svelte').flatMap((path) =>
    (readFileSync(path, 'utf8').match(/<progress[^]*?><\/progress>/g) ?? []).map((bar) => ({ path, bar })),
  );
  expect(bars.length).toBeGreaterThan(5);
  for (const { path, bar } of bars)
    for (const said of ['aria-label=', 'aria-valuetext=']) expect(bar, path).toContain(said);
});

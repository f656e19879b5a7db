import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { Copies } from '../../../../main/library/runs/copies.ts';
import { lookUp, type LookUp } from '../../../../main/library/runs/look-up.ts';
import { OutOfReach } from '../../../../main/library/runs/out-of-reach.ts';
import type { Outcome, Work, WorkItem } from '../../../../main/library/runs/work.ts';

test('once it is cancelled no more files are read, and what is known by its file is settled', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-look-up-'));
  const catalog = openCatalog(null);
  t.after(() => {
    catalog.close();
    rmSync(folder, { recursive: true });
  });
  const items = Array.from({ length: 60 }, (_, key): WorkItem => {
    const path = join(folder, `${key}.jpg`);
    writeFileSync(path, `${key}`);
    return {
      ...{ key, path, facts: { bytes: 1, modifiedMs: 0, changedMs: 0 } },
      contentId: key === 59 ? 1000 : null,
    };
  });
  let asked = 0;
  const settled: Outcome[] = [];
  const work = {
    hashed: (item: WorkItem) => item.key,
    settle: (outcomes: Outcome[]) => settled.push(...outcomes),
    settled: () => {},
  } as unknown as Work;
  const options: LookUp = {
    ...{ catalog, work, copies: new Copies(), reach: new OutOfReach(() => null) },
    model: () => Promise.resolve({ keyId: 1 } as never),
    // Asked before each file is read.
    goesOn: () => ++asked <= 8,
    known: () => 'ok',
  };
  assert.deepEqual(await lookUp(items, options), []);
  const hashed = items.filter(({ contentId }) => contentId !== null).map(({ key }) => key);
  assert.deepEqual(hashed, [0, 1, 2, 3, 4, 5, 6, 7, 59]);
  assert.deepEqual(settled.map(({ item }) => item.key), hashed); // prettier-ignore
});

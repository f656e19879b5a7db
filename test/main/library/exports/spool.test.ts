import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Spool } from '../../../../main/library/exports/spool.ts';
import { temporaryFolder } from '../../../temporary.ts';

test('rows come back as they were, as often as they are asked for, and leave nothing behind', async (t) => {
  const folder = temporaryFolder(t, 'spool');
  const spool = await Spool.open<{ i: number; text: string }>(join(folder, 'labels.json'));
  // Characters that others take for the end of a line, and rows longer than what is read at once.
  const row = (i: number) => ({ i, text: `\u2028\r\n"船" \ud800 ${'x'.repeat((i * 7919) % 300_000)}` });
  for (let from = 0; from < 40; from += 10)
    await spool.add(Array.from({ length: 10 }, (_, i) => row(from + i)));
  await spool.add([]);
  const [one, other] = [spool.rows(), spool.rows()];
  for (let i = 0; i < 40; i++) {
    assert.deepEqual((await one.next()).value, row(i));
    if (i % 2) assert.deepEqual((await other.next()).value, row((i - 1) / 2));
  }
  assert.equal((await one.next()).done, true);
  let count = 0;
  for await (const { i } of spool.rows()) count += i < 40 ? 1 : 0;
  assert.equal(count, 40);
  await spool.drop();
  assert.deepEqual(readdirSync(folder), []);
});

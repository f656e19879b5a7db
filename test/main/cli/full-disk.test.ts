/** Rows that commands write to a disk that has no room: a sentence, and nothing of them is left. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDestination } from '../../../main/cli/destination.ts';
import { needsDisk, smallDisk } from '../library/small-disk.ts';

const line = 'a line of words\n';
const uninterrupted = new AbortController().signal;

for (const [what, lines, waits] of [
  ['one row, at once', 1, false],
  ['one row, and others later', 1, true],
  ['many rows', 100_000, false],
  ['many rows, and others later', 100_000, true],
] as const)
  test(`${what}: the command ends, and what was there before stays`, needsDisk, async (t) => {
    const disk = smallDisk(t, 4000);
    const path = join(disk.path, 'labels.jsonl');
    const write = async (text: string) => {
      const destination = await openDestination(path, uninterrupted);
      try {
        await destination.write(text);
        // Time for the disk to refuse.
        if (waits) await sleep(50);
      } finally {
        await destination.end();
      }
    };
    const names = () => readdirSync(disk.path).filter((name) => name !== '.filler');
    disk.fill();
    const full = { code: 'cannot-write', message: /^Expected to be able to write .*labels\.jsonl, found: ENOSPC: no space left/ }; // prettier-ignore
    await assert.rejects(write(line.repeat(lines)), full);
    assert.deepEqual(names(), []);
    disk.free();
    await write(line);
    disk.fill();
    await assert.rejects(write(line.repeat(lines)), full);
    disk.free();
    assert.deepEqual([names(), readFileSync(path, 'utf8')], [['labels.jsonl'], line]);
    disk.setReadOnly(true);
    await assert.rejects(write(line), { code: 'cannot-write', message: /EROFS|read-only/ });
    disk.setReadOnly(false);
    await write(line.repeat(lines));
    assert.equal(readFileSync(path, 'utf8').length, line.length * lines);
  });

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Destination } from '../../../main/cli/destination.ts';
import { formatSink } from '../../../main/cli/formats.ts';
import type { Outcome } from '../../../main/report/outcome.ts';
import { printed } from './printed.ts';

const photo: Outcome = {
  status: 'ok',
  path: 'a, "b".jpg',
  file: '/photos/a, "b".jpg',
  width: 640,
  height: 480,
  takenMs: null,
  model: 'starter',
  placement: { provider: 'cpu', precision: 'fp16' },
  predictions: [
    { index: 3, label: { id: 'n1', name: 'cat' }, probability: 0.75 },
    { index: 5, label: { id: 'n2', name: '=dog' }, probability: 0.125 },
  ],
  also: [],
  unsure: false,
  damaged: false,
  map: null,
  seen: null,
};
const failed: Outcome = {
  status: 'error',
  path: '=x.jpg',
  file: '/photos/=x.jpg',
  error: { code: 'empty-file', message: 'It is empty.' },
};

test('rows of a table are printed while others are waited for, and what writing fails with is thrown', async () => {
  let text = '';
  let full = false;
  const destination: Destination = {
    abandoned: new AbortController().signal,
    async write(part) {
      if (full) throw new Error('full');
      text += part;
    },
    async end() {},
    async drop() {},
  };
  const sink = formatSink('table', destination, 2);
  await sink.add(photo);
  while (!text.includes(photo.path)) await new Promise((resolve) => setTimeout(resolve, 5));
  await sink.add(failed);
  assert.equal(text.trimEnd().split('\n').length, 3);
  await sink.end(true);
  full = true;
  const broken = formatSink('table', destination, 2);
  await broken.add(photo);
  await assert.rejects(broken.end(true), /full/);
});

test('a table names each label that holds of a photo', async () => {
  const both: Outcome = { ...photo, also: photo.predictions.slice(1) };
  const [, row] = (await printed('table', [both])).split('\n');
  assert.match(row!, / cat, =dog +75\.0 % +=dog 12\.5 %$/);
});

test('a table lines up, and control characters do not reach the terminal', async () => {
  const hostile = { ...photo, path: '\u001b[2Jx\n.jpg' };
  const text = await printed('table', [photo, hostile, failed]);
  assert.ok(!text.includes('\u001b') && text.split('\n').length === 5);
  const [head, ...rows] = text.trimEnd().split('\n');
  const column = head!.indexOf('LABEL');
  assert.ok(rows[0]!.slice(column).startsWith('cat') && rows[2]!.slice(column).startsWith('✗ empty-file'));
  assert.match(rows[0]!, /75\.0 %/);
  assert.equal(await printed('table', []), '');
});

test('a table longer than what decides its columns prints all rows', async () => {
  const text = await printed(
    'table',
    Array.from({ length: 250 }, (_, i) => ({ ...photo, path: `${i}.jpg` })),
  );
  assert.equal(text.trimEnd().split('\n').length, 251);
});

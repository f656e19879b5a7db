import assert from 'node:assert/strict';
import test from 'node:test';
import type { Destination } from '../../../main/cli/destination.ts';
import { csvCell, csvHead, formatSink, toCsv, toJson, type Format } from '../../../main/cli/formats.ts';
import type { Outcome } from '../../../main/report/outcome.ts';

const photo: Outcome = {
  status: 'ok',
  path: 'a, "b".jpg',
  file: '/photos/a, "b".jpg',
  width: 640,
  height: 480,
  model: 'starter',
  placement: { provider: 'cpu', precision: 'fp16' },
  predictions: [
    { index: 3, label: { id: 'n1', name: 'cat' }, probability: 0.75 },
    { index: 5, label: { id: 'n2', name: '=dog' }, probability: 0.125 },
  ],
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

async function written(format: Format, outcomes: Outcome[], topK = 2): Promise<string> {
  let text = '';
  const destination: Destination = {
    abandoned: new AbortController().signal,
    async write(part) {
      text += part;
    },
    async end() {},
  };
  const sink = formatSink(format, destination, topK);
  for (const outcome of outcomes) await sink.add(outcome);
  await sink.end(true);
  return text;
}

test('a JSON line has exactly the documented keys', () => {
  assert.deepEqual(toJson(photo), {
    path: 'a, "b".jpg',
    status: 'ok',
    width: 640,
    height: 480,
    model: 'starter',
    provider: 'cpu',
    precision: 'fp16',
    labels: [
      { index: 3, label: 'cat', probability: 0.75 },
      { index: 5, label: '=dog', probability: 0.125 },
    ],
  });
  assert.deepEqual(toJson(failed), {
    path: '=x.jpg',
    status: 'error',
    error: { code: 'empty-file', message: 'It is empty.' },
  });
  const { damaged, unsure } = toJson({ ...photo, damaged: true, unsure: true });
  assert.deepEqual([damaged, unsure], [true, true]);
});

test('JSON lines are one object a line', async () => {
  const lines = (await written('jsonl', [photo, { ...failed, path: 'a\nb' }])).split('\n');
  assert.equal(lines.length, 3);
  assert.equal(JSON.parse(lines[1]!).path, 'a\nb');
});

test('CSV quotes what needs it, and no cell is a formula', () => {
  assert.equal(csvCell('plain'), 'plain');
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell('two\nlines'), '"two\nlines"');
  for (const start of ['=', '+', '-', '@', '\t', '\r']) {
    assert.ok(csvCell(`${start}1`).replace('"', '').startsWith("'"));
    assert.ok(csvCell(`${start}1`, true).replace('"', '').startsWith('./'));
  }
  assert.equal(csvCell(-1), '-1');
});

test('every CSV row has as many cells as the heading', async () => {
  const columns = csvHead(2).split(',').length;
  const cells = (row: string) => row.replaceAll(/"(?:[^"]|"")*"/g, 'quoted').split(',').length;
  assert.equal(cells(toCsv(photo, 2)), columns);
  assert.equal(cells(toCsv(failed, 2)), columns);
  assert.equal(cells(toCsv({ ...photo, predictions: [] }, 2)), columns);
  assert.equal(
    await written('csv', []),
    `${csvHead(2)}\r\n`,
    'the heading stands even where nothing was found',
  );
});

test('a table lines up, and control characters do not reach the terminal', async () => {
  const hostile = { ...photo, path: '\u001b[2Jx\n.jpg' };
  const text = await written('table', [photo, hostile, failed]);
  assert.ok(!text.includes('\u001b') && text.split('\n').length === 5);
  const [head, ...rows] = text.trimEnd().split('\n');
  const column = head!.indexOf('LABEL');
  assert.ok(rows[0]!.slice(column).startsWith('cat') && rows[2]!.slice(column).startsWith('✗ empty-file'));
  assert.match(rows[0]!, /75\.0 %/);
  assert.equal(await written('table', []), '');
});

test('a table longer than what decides its columns prints all rows', async () => {
  const text = await written(
    'table',
    Array.from({ length: 250 }, (_, i) => ({ ...photo, path: `${i}.jpg` })),
  );
  assert.equal(text.trimEnd().split('\n').length, 251);
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import type { ClassifiedPhoto, Outcome } from '../../../main/report/outcome.ts';
import { defaultDrawing } from '../../../main/report/maps.ts';
import { escape, failureRow } from '../../../main/report/page.ts';
import { openReport } from '../../../main/report/html.ts';
import { overlaySink, reportSink, withFolderRange } from '../../../main/report/sinks.ts';
import { contactSink } from '../../../main/report/contact.ts';
import { packMap } from '../../../models/overlay/stored.ts';
import { temporaryFolder } from '../../temporary.ts';

const folder = temporaryFolder({ after }, 'report');
const photo = join(folder, 'photo.png');
await sharp({ create: { width: 90, height: 60, channels: 3, background: '#369' } })
  .png()
  .toFile(photo);

const hostile = `"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>&\u0000\u202e.jpg`;
const summary = { title: hostile, placement: hostile, counts: hostile, notice: hostile, madeBy: hostile };

function classified(values: number[], change: Partial<ClassifiedPhoto> = {}): ClassifiedPhoto {
  const map = {
    ...packMap(Float32Array.from(values)),
    rows: 2,
    columns: 2,
    layers: [0, 1] as [number, number],
  };
  return {
    status: 'ok',
    path: 'photo.png',
    file: photo,
    width: 90,
    height: 60,
    takenMs: null,
    model: 'starter',
    placement: { provider: 'cpu', precision: 'fp32' },
    predictions: [{ index: 0, label: { id: 'cat', name: 'cat' }, probability: 0.75 }],
    also: [],
    unsure: false,
    damaged: false,
    map: { ...map, method: 'cls', classIndex: null },
    seen: { x: 15, y: 0, width: 60, height: 60 },
    ...change,
  };
}

/** Every tag of the page as a browser would find it, with the values of its quoted attributes taken out. */
function tags(html: string): string[] {
  return [...html.matchAll(/<(?:"[^"]*"|[^">])*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
}

test('hostile file names and labels stay text', async () => {
  const file = join(folder, 'hostile.html');
  const sink = await reportSink(file, defaultDrawing, () => summary);
  const label = { index: 0, label: { id: 'x', name: hostile }, probability: 0.5 };
  await sink.add(classified([0, 1, 2, 3], { path: hostile, predictions: [label], unsure: true }));
  await sink.add({
    status: 'error',
    path: hostile,
    file: hostile,
    error: { code: hostile, message: hostile },
  });
  await sink.end(true);
  const html = readFileSync(file, 'utf8');
  assert.ok(!html.includes('\u0000') && !html.includes('\u202e'));
  assert.equal(
    tags(html).filter((tag) => tag.startsWith('<img')).length,
    2,
    'photo and overlay, and no other',
  );
  for (const tag of tags(html)) assert.ok(!/\son\w+=|javascript:|<script|<link|<iframe/i.test(tag), tag);
  assert.ok(html.includes(escape(hostile)));
  assert.match(html, /Content-Security-Policy" content="default-src 'none'; img-src data:/);
  assert.ok(!/(?:src|href)="(?!data:)/.test(html), 'nothing is fetched');
});

test('escaping covers element content and quoted attributes', () => {
  assert.equal(escape(`<a href="x" b='y'>&`), '&#60;a href=&#34;x&#34; b=&#39;y&#39;&#62;&#38;');
  assert.equal(escape('tab\tline\n\u0007\u2028'), 'tab\tline\n\u{FFFD}\u{FFFD}');
  assert.equal(escape('猫 écran 👍'), '猫 écran 👍');
});

test('rows keep their order and carry labels, pictures and reasons', async () => {
  const file = join(folder, 'order.html');
  const sink = await reportSink(file, defaultDrawing, () => ({ ...summary, title: 'order' }));
  const failed: Outcome = {
    status: 'error',
    path: 'broken.jpg',
    file: 'broken.jpg',
    error: { code: 'corrupt-image', message: 'It is broken.' },
  };
  const outcomes = [
    classified([0, 1, 2, 3], { path: 'a.png' }),
    failed,
    classified([1, 1, 1, 1], { path: 'even.png' }),
    classified([0, 1, 2, 3], { path: 'nomap.png', map: null }),
    classified([0, 1, 2, 3], { path: 'gone.png', file: join(folder, 'gone.png') }),
  ];
  for (const outcome of outcomes) await sink.add(outcome);
  await sink.end(true);
  const rows = readFileSync(file, 'utf8').split('<tr').slice(2);
  assert.deepEqual(
    rows.map((row) => /class="name">([^<]*)|class="name">/.exec(row)?.[1]),
    ['a.png', 'broken.jpg', 'even.png', 'nomap.png', 'gone.png'],
  );
  assert.match(rows[0]!, /cat<\/span><span class="percent">75\.0 %/);
  assert.equal(rows[0]!.match(/<img/g)?.length, 2);
  assert.match(rows[1]!, /corrupt-image<\/span> It is broken\./);
  assert.match(rows[2]!, /nothing stands out/);
  assert.match(rows[3]!, /gives no map/);
  assert.ok(!rows[4]!.includes('<img') && /note/.test(rows[4]!));
});

test('of a photo of which several labels hold, each of them is marked, also beyond those that are asked for', async () => {
  const file = join(folder, 'several.html');
  const sink = await reportSink(file, defaultDrawing, () => summary);
  const said = ['beach', 'dog', 'ball', 'cat'].map((name, index) => ({
    index,
    label: { id: name, name },
    probability: 0.9 - index / 5,
  }));
  await sink.add(classified([0, 1, 2, 3], { predictions: said, also: said.slice(1, 3) }));
  await sink.add(classified([0, 1, 2, 3], { predictions: said.slice(0, 1), also: said.slice(1, 3) }));
  await sink.add(classified([0, 1, 2, 3], { predictions: said }));
  await sink.end(true);
  const rows = readFileSync(file, 'utf8').split('<tr').slice(2);
  const listed = rows.map((row) =>
    [...row.matchAll(/<li(?: class="(\w+)")?><span class="label">(\w+)/g)].map(([, how, name]) => [
      name,
      how,
    ]),
  );
  const held = ['beach', 'dog', 'ball'].map((name) => [name, 'holds']);
  assert.deepEqual(listed[0], [...held, ['cat', undefined]]);
  assert.deepEqual(listed[1], held);
  assert.deepEqual(
    listed[2]!.map(([, how]) => how),
    said.map(() => undefined),
  );
  assert.deepEqual(
    rows.map((row) => /The first (\d) labels hold, in bold\./.exec(row)?.[1]),
    ['3', '3', undefined],
  );
});

test('a report replaces an older one whole, and leaves nothing beside it', async () => {
  const file = join(folder, 'sub', 'replaced.html');
  const first = await openReport(file);
  await first.row('<tr><td>first</td></tr>');
  await first.end({ ...summary, legend: null });
  const second = await openReport(file);
  await second.row('<tr><td>second</td></tr>');
  assert.match(readFileSync(file, 'utf8'), /first/, 'the old one stands until the new one is whole');
  await second.end({ ...summary, legend: null });
  assert.match(readFileSync(file, 'utf8'), /second/);
  assert.deepEqual(readdirSync(join(folder, 'sub')), ['replaced.html']);
});

test('thousands of rows arrive, in order', async () => {
  const file = join(folder, 'many.html');
  const report = await openReport(file);
  const row = (i: number) =>
    failureRow({
      status: 'error',
      path: `${i}.jpg`,
      file: '',
      error: { code: 'c', message: 'm'.repeat(2000) },
    });
  for (let i = 0; i < 3000; i++) await report.row(row(i));
  await report.end({ ...summary, legend: null });
  const names = [...readFileSync(file, 'utf8').matchAll(/class="name">(\d+)\.jpg/g)].map(([, n]) =>
    Number(n),
  );
  assert.deepEqual(
    names,
    Array.from({ length: 3000 }, (_, i) => i),
  );
});

test('on the folder scale all overlays share one range', async () => {
  const out = join(folder, 'folder-scale');
  const drawing = {
    ...defaultDrawing,
    normalisation: 'folder' as const,
    opacity: 1,
    interpolation: 'nearest' as const,
  };
  const sink = await withFolderRange(drawing, async (choice) =>
    overlaySink(
      out,
      ({ path }) => path,
      choice,
      ({ message }) => assert.fail(message),
    ),
  );
  const seen = { x: 0, y: 0, width: 90, height: 60 };
  await sink.add(classified([0, 1, 0, 0], { path: 'weak.png', seen }));
  assert.ok(!existsSync(out), 'nothing is drawn before the range is known');
  await sink.add(classified([0, 9, 0, 0], { path: 'strong.png', seen }));
  await sink.end(true);
  const peak = async (name: string) => (await sharp(join(out, name)).raw().toBuffer()).at((5 * 90 + 80) * 3)!;
  assert.ok((await peak('strong.png')) > (await peak('weak.png')) + 60);
});

test('an overlay that can not be drawn is told and leaves no file', async () => {
  const out = join(folder, 'told');
  const told: string[] = [];
  const sink = overlaySink(
    out,
    ({ path }) => path,
    defaultDrawing,
    ({ message }) => told.push(message),
  );
  await sink.add(classified([0, 0, 0, 0]));
  await sink.add(classified([0, 1, 0, 0], { map: null }));
  await sink.end(true);
  assert.match(told[0]!, /zero everywhere/);
  assert.match(told[1]!, /gives no map/);
  assert.ok(!existsSync(out));
});

test('a contact sheet has a cell for every photo, failed ones too', async () => {
  const file = join(folder, 'sheet.png');
  const sink = contactSink(file, 'five photos', defaultDrawing);
  for (let i = 0; i < 4; i++) await sink.add(classified([0, 1, 2, 3]));
  await sink.add({
    status: 'error',
    path: 'x.jpg',
    file: 'x.jpg',
    error: { code: 'empty-file', message: '' },
  });
  await sink.end(true);
  const { width, height } = await sharp(file).metadata();
  assert.deepEqual([width, height], [2 * 16 + 3 * 200 + 2 * 12, 2 * 16 + 32 + 2 * 190 + 12]);
});

test('a folder that can not be written to is named', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const sink = overlaySink(
    join(folder, 'a-file'),
    ({ path }) => path,
    defaultDrawing,
    () => {},
  );
  await assert.rejects(
    async () => {
      await sink.add(classified([0, 1, 2, 3]));
      await sink.end(true);
    },
    { code: 'cannot-write', message: /a-file/ },
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';
import { unwrap } from '../../../../main/contract/result.ts';
import type { AnswerOf, RequestOf } from '../../../../main/rpc/calls.ts';
import { startLibrary } from '../../../../main/rpc/library.ts';
import { startFromHere } from '../../../../main/rpc/parent.ts';
import { keepPace } from '../../../measured-home.ts';
import { starter } from '../../../starter.ts';

const project = resolve(import.meta.dirname, '../../../..');
const samples = join(project, 'samples');

test('the evidence for a label taught a minute ago adds up to its logit, with the model that ships', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'saccade-evidence-'));
  await keepPace(home);
  const library = startLibrary(startFromHere, { home, builtInModel: join(project, 'models', 'starter') });
  t.after(async () => {
    await library.close();
    rmSync(home, { recursive: true, force: true });
  });
  const ask = async <N extends keyof LibraryVerbs & string>(
    verb: N,
    request: RequestOf<LibraryVerbs, N>,
  ): Promise<AnswerOf<LibraryVerbs, N>> => unwrap(await library.ask(verb, request));
  await ask('settings.set', { provider: 'cpu', precision: 'fp32' });
  const table = join(home, 'words.csv');
  const rows = {
    cat: 'pet',
    robin: 'pet',
    frog: 'pet',
    freighter: 'vehicle',
    bridge: 'vehicle',
    airliner: 'vehicle',
  };
  writeFileSync(
    table,
    [
      'path,label',
      ...Object.entries(rows).map(([name, label]) => `${join(samples, `${name}.jpg`)},${label}`),
    ].join('\n'),
  );
  await ask('heads.teach', { name: 'two', source: { from: 'csv', path: table }, use: true });
  for (;;) {
    const status = await ask('heads.teaching', {});
    assert.notEqual(status?.state, 'failed', status?.error?.message);
    if (status?.state === 'finished') break;
    await sleep(20);
  }
  await ask('folders.add', { path: samples });
  let items: { id: number; name: string }[] = [];
  while (!items.some(({ name }) => name === 'cat.jpg')) {
    await sleep(20);
    items = (await ask('photos.page', { filter: {}, sort: { key: 'name', descending: false }, limit: 500 }))
      .items;
  }
  const { id: photoId } = items.find(({ name }) => name === 'cat.jpg')!;
  for (const classIndex of [null, 0, 1]) {
    const seen = await ask('inspect.photo', { photoId, classIndex });
    const index = classIndex ?? seen.predictions[0]!.index;
    assert.equal(seen.head, 'two');
    assert.equal(seen.contribution?.classIndex, index);
    assert.ok(Math.abs(seen.contribution.sum - seen.logits[index]!) < 1e-3);
    assert.deepEqual(seen.predictions.map(({ label }) => label.name).sort(), ['pet', 'vehicle']);
  }
  const [evidence] = (await ask('heads.evidence', { photoIds: [photoId] })).items;
  assert.equal(evidence?.map?.method, 'class');
  // What is tried on the photo is answered by the same head.
  const whole = await ask('inspect.photo', { photoId, classIndex: 1 });
  const all = await ask('inspect.ablate', { photoId, without: [], baseline: 'drop', classIndex: 1 });
  assert.equal(all.head, 'two');
  assert.ok(Math.abs(all.asked!.logit - whole.logits[1]!) < 1e-3);
  const part = await ask('inspect.ablate', {
    photoId,
    without: [9, 10, 17],
    baseline: 'drop',
    classIndex: 1,
  });
  assert.ok(Math.abs(part.asked!.logit - all.asked!.logit) > 1e-4);
  assert.deepEqual(part.predictions.map(({ label }) => label.name).sort(), ['pet', 'vehicle']);
  const smallest = await ask('inspect.smallestPart', { photoId, baseline: 'drop', classIndex: null });
  assert.equal(smallest.classIndex, whole.predictions[0]!.index);
  const passes = { fields: 'single', seed: 0, from: 0, passes: 4, baseline: 'drop' } as const;
  const { scores, kept } = await ask('inspect.measureMap', { photoId, classIndex: 1, ...passes });
  const without = Array.from(
    { length: starter.grid!.rows * starter.grid!.columns },
    (_, patch) => patch,
  ).filter((patch) => !kept[patch]);
  const first = await ask('inspect.ablate', { photoId, without, baseline: 'drop', classIndex: 1 });
  assert.ok(Math.abs(first.asked!.logit - scores[0]!) < 1e-3);
  const followed = await ask('inspect.faithfulness', {
    photoId,
    methods: ['class'],
    steps: 2,
    classIndex: 1,
  });
  const probability = whole.predictions.find(({ index }) => index === 1)!.probability;
  assert.ok(Math.abs(followed.curves[0]!.deletion[0]! - probability) < 1e-4);
  const own = await ask('heads.use', { headId: null });
  assert.equal(own.inUse, true);
  assert.equal((await ask('inspect.photo', { photoId, classIndex: null })).head, null);
  // Another set than the one in use answers all the same, and what it came with beside a set in use.
  const [, two] = (await ask('heads.list', {})).items;
  const headId = two!.id;
  const seen = await ask('inspect.photo', { photoId, headId, classIndex: 1 });
  assert.deepEqual([seen.head, seen.logits], ['two', whole.logits]);
  const tried = await ask('inspect.ablate', {
    photoId,
    headId,
    without: [9, 10, 17],
    baseline: 'drop',
    classIndex: 1,
  });
  assert.deepEqual([tried.head, tried.asked], ['two', part.asked]);
  assert.deepEqual(
    (await ask('inspect.measureMap', { photoId, headId, classIndex: 1, ...passes })).scores,
    scores,
  );
  const again = await ask('inspect.smallestPart', { photoId, headId, baseline: 'drop', classIndex: null });
  assert.deepEqual(again, smallest);
  const curves = await ask('inspect.faithfulness', {
    photoId,
    headId,
    methods: ['class'],
    steps: 2,
    classIndex: 1,
  });
  assert.deepEqual(curves.curves, followed.curves);
  await ask('heads.use', { headId });
  assert.equal((await ask('inspect.photo', { photoId, headId: null, classIndex: null })).head, null);
  await assert.rejects(ask('inspect.photo', { photoId, headId: 99, classIndex: null }), { code: 'no-head' });
});

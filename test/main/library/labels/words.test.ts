/** Labels and searches in words, with real processes and a small CLIP. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLines } from '../../../../main/cli/commands/heads.ts';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';
import { unwrap, type Failure } from '../../../../main/contract/result.ts';
import { neutralPhrases } from '../../../../main/contract/written.ts';
import type { AnswerOf, RequestOf } from '../../../../main/rpc/calls.ts';
import { startLibrary } from '../../../../main/rpc/library.ts';
import { startFromHere } from '../../../../main/rpc/parent.ts';
import { importModel } from '../../../../models/import.ts';
import { SafetensorsFile, toFloat32 } from '../../../../models/weights/safetensors.ts';
import { keepPace } from '../../../measured-home.ts';
import { writeTinyClip } from '../../../models/tiny-clip.ts';
import { tinySiglip, writeTinySiglip } from '../../../models/tiny-siglip.ts';
import { needsDisk, smallDisk } from '../small-disk.ts';

const photos = 20;
const project = resolve(import.meta.dirname, '../../../..');
const samples = join(project, 'samples');
const starter = join(project, 'models', 'starter');
const root = mkdtempSync(join(tmpdir(), 'saccade-words-'));
const home = join(root, 'home');

const models = await Promise.all(
  [1, 2].map((seed) =>
    importModel(writeTinyClip(join(root, `clip-${seed}`), seed), join(home, 'models'), {
      name: `clip-${seed}`,
    }),
  ),
);
await keepPace(home, { modelFolders: [starter, ...models.map(({ folder }) => folder)] });
const library = startLibrary(startFromHere, { home, builtInModel: starter });
after(async () => {
  await library.close();
  rmSync(root, { recursive: true, force: true });
});

async function ask<N extends keyof LibraryVerbs & string>(
  verb: N,
  request: RequestOf<LibraryVerbs, N>,
): Promise<AnswerOf<LibraryVerbs, N>> {
  return unwrap(await library.ask(verb, request));
}
const items = async () =>
  (await ask('photos.page', { filter: {}, sort: { key: 'name', descending: false }, limit: 500 })).items;

async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const begun = performance.now(); ;) {
    const seen = await look();
    if (holds(seen)) return seen;
    assert.ok(performance.now() - begun < 120_000, `never came: ${JSON.stringify(seen).slice(0, 500)}`);
    await sleep(50);
  }
}
/** Waits until every photo has a label of the head in use. */
const read = () => until(items, (all) => all.every(({ top }) => top));

const lines = ['a cat | a kitten', 'a boat', '鸟 = a bird | a robin'];

test('labels in words read photos that were seen, and the evidence for each adds up to its logit', async () => {
  await ask('settings.set', { provider: 'cpu', precision: 'fp32' });
  const { items: installed } = await ask('models.list', {});
  assert.deepEqual(installed.map(({ id, readsText }) => [id, readsText]).sort(), [
    ['clip-1', true],
    ['clip-2', true],
    ['starter', false],
  ]);
  await assert.rejects(ask('heads.write', { name: 'words', labels: lines }), { code: 'no-text-tower' });
  await assert.rejects(ask('photos.searchWords', { text: 'a cat', top: 5 }), { code: 'no-text-tower' });
  await ask('settings.set', { model: 'clip-1' });
  await assert.rejects(ask('photos.searchWords', { text: 'a cat', top: 5 }), { code: 'no-results' });
  await ask('folders.add', { path: samples });
  await until(items, (all) => all.length === photos);
  await ask('runs.start', { selection: { filter: {}, except: [] }, again: false, retryFailed: false });
  await until(
    () => ask('runs.current', {}),
    (run) => run?.state === 'finished',
  );

  const { head, notes } = await ask('heads.write', { name: 'words', labels: lines, use: true });
  assert.deepEqual(notes, []);
  assert.deepEqual(
    [head.name, head.kind, head.model, head.labels, head.none, head.version, head.inUse, head.answers],
    ['words', 'written', 'clip-1', 3, true, 1, true, 'one'],
  );
  assert.deepEqual(head.origin, {
    from: 'texts',
    templates: ['a photo of {}', 'a picture of {}', '{}'],
    phrases: [['a cat', 'a kitten'], ['a boat'], ['a bird', 'a robin']],
    none: neutralPhrases,
  });
  const all = await read();
  const names = new Set(['a cat', 'a boat', '鸟', 'none of these']);
  for (const { top } of all) assert.ok(names.has(top!.label.name), top!.label.name);

  const photo = all.find(({ name }) => name === 'cat.jpg')!;
  for (const classIndex of [null, 0, 1, 2, 3]) {
    const seen = await ask('inspect.photo', { photoId: photo.id, classIndex });
    const index = classIndex ?? seen.predictions[0]!.index;
    assert.equal(seen.head, 'words');
    assert.equal(seen.logits.length, 4);
    assert.equal(seen.absent.class, undefined);
    assert.equal(seen.contribution?.classIndex, index);
    const difference = Math.abs(seen.contribution.sum - seen.logits[index]!);
    assert.ok(difference < 1e-3, `label ${index}: ${difference}`);
    if (classIndex === null) assert.equal(seen.predictions[0]!.label.name, photo.top!.label.name);
  }
  const [evidence] = (await ask('heads.evidence', { photoIds: [photo.id] })).items;
  assert.deepEqual([evidence?.map?.method, evidence?.absent], ['class', null]);
});

test('a written head has versions that can be taken back, another name, and goes and comes as taught ones do', async () => {
  const { items: heads } = await ask('heads.list', {});
  const id = heads.find(({ name }) => name === 'words')!.id!;
  const labels = [...lines, 'a dog'];
  const { head } = await ask('heads.write', {
    name: 'words',
    labels,
    none: [],
    templates: ['{}'],
    headId: id,
  });
  assert.deepEqual([head.id, head.version, head.labels, head.none, head.inUse], [id, 2, 4, false, true]);
  await ask('review.undo', {});
  const before = await ask('heads.show', { headId: id });
  assert.deepEqual([before.version, before.labels], [1, 3]);
  await ask('review.redo', {});
  assert.equal((await ask('heads.show', { headId: id })).version, 2);
  await assert.rejects(ask('heads.write', { name: 'Words', labels }), { code: 'head-exists' });
  await ask('heads.rename', { headId: id, name: 'in words' });
  await ask('heads.remove', { headId: id });
  await assert.rejects(ask('heads.show', { headId: id }), { code: 'no-head' });
  await ask('review.undo', {});
  assert.equal((await ask('heads.show', { headId: id })).name, 'in words');
  const { items: done } = await ask('review.history', { limit: 9 });
  assert.deepEqual(
    done.map(({ kind, undone }) => [kind, undone]),
    [
      ['remove-head', true],
      ['rename-head', false],
      ['write-head', false],
      ['write-head', false],
    ],
  );
  await ask('heads.use', { headId: id });
});

test('an exported head is there whole or not at all', needsDisk, async (t) => {
  const { items: heads } = await ask('heads.list', {});
  const headId = heads.find(({ name }) => name === 'in words')!.id!;
  const disk = smallDisk(t, 1000);
  const to = join(disk.path, 'exported');
  // Two of its four files.
  disk.fill(8192);
  await assert.rejects(ask('heads.export', { headId, path: to }), ({ code, message }: Failure) => {
    assert.match(code, /^(cannot-write|disk-full)$/);
    assert.match(message, /^Expected .*\.$/);
    return true;
  });
  assert.deepEqual(readdirSync(disk.path), ['.filler']);
  disk.free();
  await ask('heads.export', { headId, path: to });
  assert.equal(readdirSync(to).length, 4);
});

test('an exported head in words makes the same again', async () => {
  const { items: heads } = await ask('heads.list', {});
  const headId = heads.find(({ name }) => name === 'in words')!.id!;
  const to = join(root, 'exported');
  const { files } = await ask('heads.export', { headId, path: to });
  assert.deepEqual(files, ['README.md', 'head.json', 'head.safetensors', 'labels.txt']);
  await assert.rejects(ask('heads.export', { headId, path: to }), { code: 'cannot-export' });
  assert.equal(readFileSync(join(to, 'labels.txt'), 'utf8'), `${[...lines, 'a dog'].join('\n')}\n`);
  const file = new SafetensorsFile(join(to, 'head.safetensors'));
  assert.deepEqual(file.info('weight').shape, [4, 12]);
  const [scale] = toFloat32('logit_scale', 'F32', file.bytes('logit_scale'));
  assert.ok(Math.abs(Math.exp(scale!) - 20) < 1e-4);
  file.close();

  // In order, so that a photo's logits by both can be compared.
  const [photo] = await read();
  const seen = await ask('inspect.photo', { photoId: photo!.id, classIndex: null });
  assert.equal(seen.head, 'in words');
  const { lines: labels, ...said } = await readLines(to);
  const again = await ask('heads.write', { name: 'again', labels, ...said, use: true });
  await read();
  const { head, logits } = await ask('inspect.photo', { photoId: photo!.id, classIndex: null });
  assert.equal(head, 'again');
  assert.deepEqual(logits, seen.logits);
  await ask('heads.use', { headId });
  await ask('heads.remove', { headId: again.head.id! });
  await read();
  writeFileSync(join(to, 'head.json'), '{"templates": 3}');
  await assert.rejects(readLines(to), { code: 'unreadable' });
  rmSync(join(to, 'labels.txt'));
  await assert.rejects(readLines(to), { code: 'missing-file' });
});

test('photos are ranked by the cosine of their feature with the words, and all scores are counted', async () => {
  await ask('heads.write', { name: 'bare', labels: ['a boat'], templates: ['{}'], none: [], use: true });
  const all = await read();
  const cosines = new Map<number, number>();
  for (const { id } of all.slice(0, 6)) {
    const { logits } = await ask('inspect.photo', { photoId: id, classIndex: null });
    cosines.set(id, logits[0]! / 20);
  }
  const found = await ask('photos.searchWords', { text: ' a  boat ', top: 500 });
  assert.deepEqual(
    [found.items.length, found.compared, found.unknown, found.notes],
    [all.length, all.length, 0, []],
  );
  const scores = found.items.map(({ score }) => score);
  assert.deepEqual(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  // Features are stored in 16 bits.
  for (const { photo, score } of found.items)
    if (cosines.has(photo.id)) assert.ok(Math.abs(score - cosines.get(photo.id)!) < 2e-3);
  assert.equal(
    found.distribution.counts.reduce((a, b) => a + b),
    all.length,
  );
  assert.ok(Math.abs(found.distribution.most - scores[0]!) < 1e-6);

  const top = await ask('photos.searchWords', { text: 'a boat', top: 3, filter: { search: 'yacht' } });
  assert.deepEqual([top.items.map(({ photo }) => photo.name), top.compared], [['yacht.webp'], 1]);
  const long = await ask('photos.searchWords', { text: 'long '.repeat(40), top: 1 });
  assert.deepEqual([long.items.length, long.notes[0]!.code], [1, 'text-cut']);
  // A file of the library by the model that is asked for, whichever is chosen.
  const { model } = await ask('settings.get', {});
  await ask('settings.set', { model: 'starter' });
  const like = await ask('internal.like', { path: top.items[0]!.photo.path, top: 500, model: 'clip-1' });
  assert.deepEqual([like.items.length, like.compared], [all.length - 1, all.length - 1]);
  await ask('settings.set', { model });
  await read();
  const chosen = await ask('internal.like', { path: top.items[0]!.photo.path, top: 500 });
  assert.deepEqual(
    chosen.items.map(({ photo, score }) => [photo.name, score]),
    like.items.map(({ photo, score }) => [photo.name, score]),
  );
  await assert.rejects(ask('internal.like', { path: top.items[0]!.photo.path, top: 3, model: 'gone' }), {
    code: 'no-model',
  });
  await assert.rejects(ask('photos.searchWords', { text: '   ', top: 3 }), { code: 'empty-text' });
  await assert.rejects(ask('photos.searchWords', { text: 'a boat', top: 3, model: 'clip-2' }), {
    code: 'no-results',
  });
  await assert.rejects(ask('photos.searchWords', { text: 'a boat', top: 3, model: 'gone' }), {
    code: 'no-model',
  });
});

test('what can be no labels is a sentence, and what was there is there', async () => {
  const before = await ask('heads.list', {});
  const refused = (
    labels: string[],
    code: string,
    other: Partial<RequestOf<LibraryVerbs, 'heads.write'>> = {},
  ) => assert.rejects(ask('heads.write', { name: 'new', labels, ...other }), { code });
  await refused([' '], 'empty-label');
  await refused(['a cat', 'A CAT'], 'labels-alike');
  await refused(['caf\u00e9', 'cafe\u0301'], 'labels-alike');
  await refused(['a cat | a pet', 'a dog | a pet'], 'contradictory-words');
  await refused(['a cat'], 'bad-template', { templates: ['a photo'] });
  await refused(['a cat'], 'no-head', { headId: 99 });
  await refused(['a cat'], 'head-of-another-model', { headId: before.items[1]!.id!, model: 'clip-2' });
  assert.deepEqual(await ask('heads.list', {}), before);
});

test('what two call the same in any language is no disagreement', async () => {
  const { model } = await ask('settings.get', {});
  await ask('settings.set', { model: 'starter' });
  await ask('runs.start', { selection: { filter: {}, except: [] }, again: false, retryFailed: false });
  await until(
    () => ask('runs.current', {}),
    (run) => run?.state === 'finished',
  );
  // In Chinese, what the starter calls some of them in English.
  const called = new Set((await read()).map(({ top }) => top!.label.names!['zh-CN']!));
  const labels = [...called].map((name, i) => `${name} = thing ${i}`);
  await ask('settings.set', { model });
  await ask('heads.write', { name: 'as the starter', labels, none: [], use: true });
  await read();
  const starters = { by: 'model', modelId: 'starter' } as const;
  const used = (await ask('heads.list', {})).items.find(({ inUse }) => inUse)!;
  const table = await ask('review.agreement', { rows: { by: 'head', headId: used.id }, columns: starters });
  const chinese = ({ name, names }: { name: string; names?: Record<string, string> | undefined }) =>
    names?.['zh-CN'] ?? name;
  let same = 0;
  for (const { row, column, photos: n } of table.cells) {
    const [one, other] = [table.rows.labels[row], table.columns.labels[column]];
    if (one && other && one.name === chinese(other)) same += n;
  }
  assert.ok(same > 0);
  assert.equal(table.agree!.right, same);
  const queue = await ask('review.queue', { queue: 'disagreement', with: starters, limit: 50 });
  assert.equal(queue.left, table.agree!.of - same);
  assert.ok(queue.items.every(({ against }) => against!.given.name !== chinese(against!.likely)));
  // What somebody speaks of leaves it, and nothing that comes after is passed over.
  const idsOf = ({ items }: typeof queue) => items.map(({ photo }) => photo.id);
  const first = await ask('review.queue', { queue: 'disagreement', with: starters, limit: 2 });
  assert.ok(queue.left > 3);
  await ask('review.act', { selection: { ids: idsOf(first) }, act: { kind: 'none' } });
  const rest = await ask('review.queue', { queue: 'disagreement', with: starters, limit: 50, cursor: first.next! }); // prettier-ignore
  assert.deepEqual([...idsOf(first), ...idsOf(rest)], idsOf(queue));
  assert.equal(rest.left, queue.left - 2);
  const { items } = await ask('review.items', { ids: idsOf(queue) });
  assert.deepEqual(items.map(({ person }) => person.none), idsOf(queue).map((_, i) => i < 2)); // prettier-ignore
  await ask('review.undo', {});
});

test('ten thousand labels are read; a label of more words than are read is cut and told', async () => {
  const labels = Array.from({ length: 10_000 }, (_, i) => `thing number ${i}`);
  labels[5] = `a ${'very '.repeat(30)}long thing`;
  const before = (await ask('heads.list', {})).items;
  const told: { read: number; of: number }[] = [];
  const deaf = library.onEvent((name, payload) => {
    if (name === 'heads.writing') told.push(payload as { read: number; of: number });
  });
  const cancelled = ask('heads.write', { name: 'many', labels, templates: ['{}'], use: true });
  await until(
    () => Promise.resolve(told),
    ({ length }) => length > 0,
  );
  await ask('heads.cancelWriting', {});
  await assert.rejects(cancelled, { code: 'cancelled' });
  assert.deepEqual((await ask('heads.list', {})).items, before, 'nothing of it is kept');
  assert.ok(told.every(({ read, of }) => of === 10_004 && read > 0 && read < of));
  deaf();
  const { head, notes } = await ask('heads.write', { name: 'many', labels, templates: ['{}'], use: true });
  assert.deepEqual(
    [head.labels, head.names.length, notes.map(({ code }) => code)],
    [10_000, 10_000, ['text-cut']],
  );
  const all = await read();
  const { predictions, contribution, logits } = await ask('inspect.photo', {
    photoId: all[0]!.id,
    classIndex: 9999,
  });
  assert.equal(predictions.length, 5);
  assert.ok(Math.abs(contribution!.sum - logits[9999]!) < 1e-3);
});

test('heads of another backbone and of a removed model say so and are kept', async () => {
  await ask('heads.write', {
    name: 'of the second',
    labels: ['a cat', 'a boat'],
    model: 'clip-2',
    use: true,
  });
  const second = (await ask('heads.list', {})).items.find(({ name }) => name === 'of the second')!;
  assert.deepEqual(
    [second.model, second.inUse, second.unfit?.code],
    ['clip-2', false, 'head-of-another-model'],
  );
  await assert.rejects(ask('heads.use', { headId: second.id }), { code: 'head-of-another-model' });
  await ask('models.remove', { modelId: 'clip-2' });
  const gone = (await ask('heads.list', {})).items.find(({ name }) => name === 'of the second')!;
  assert.equal(gone.unfit?.code, 'head-of-another-model');
  assert.equal((await ask('heads.show', { headId: second.id })).names.length, 2);
  // Its lines and embeddings need no model.
  const { files } = await ask('heads.export', { headId: second.id!, path: join(root, 'out') });
  assert.ok(files.includes('labels.txt'));
});

test('SigLIP answers each label by itself: a sigmoid each, none of these without words, evidence told absent, search', async () => {
  await importModel(writeTinySiglip(join(root, 'siglip')), join(home, 'models'), { name: 'siglip' });
  await ask('settings.set', { model: 'siglip' });
  await ask('runs.start', { selection: { filter: {}, except: [] }, again: false, retryFailed: false });
  await until(
    () => ask('runs.current', {}),
    (run) => run?.state === 'finished',
  );
  // One of these is a phrase of "none of these" elsewhere: here nothing stands for that.
  const asked = { name: 'each', labels: ['a cat', 'a boat', 'a scene'], templates: ['{}'], use: true };
  const { head, notes } = await ask('heads.write', { ...asked, none: ['nothing at all'] });
  assert.deepEqual([head.answers, head.none, head.labels], ['any', false, 3]);
  assert.deepEqual(
    notes.map(({ code }) => code),
    ['none-by-itself'],
  );
  const all = await read();
  const { scale, bias } = tinySiglip;
  const cosines = new Map<number, number>();
  for (const { id, top } of all.slice(0, 4)) {
    const { logits, predictions, absent } = await ask('inspect.photo', { photoId: id, classIndex: null });
    assert.match(absent.class!, /feed-forward behind it/);
    for (const { index, probability } of predictions)
      assert.ok(Math.abs(probability - 1 / (1 + Math.exp(-logits[index]!))) < 1e-6);
    assert.equal(predictions[0]!.label.name, top!.label.name);
    cosines.set(id, (logits[1]! - bias) / scale);
  }
  const found = await ask('photos.searchWords', { text: 'A boat!', top: 500 });
  assert.equal(found.items.length, all.length);
  for (const { photo, score } of found.items)
    if (cosines.has(photo.id)) assert.ok(Math.abs(score - cosines.get(photo.id)!) < 2e-3);
  await assert.rejects(ask('photos.searchWords', { text: '?!', top: 3 }), { code: 'empty-text' });
  // From a threshold on that several reach, a photo is found under each, and counted there.
  const probabilities = all.map(({ top }) => top!.probability).sort((a, b) => b - a);
  await ask('heads.setDoubt', { headId: head.id!, threshold: Math.min(0.5, probabilities.at(-1)! / 4) });
  const facets = await until(
    () => ask('photos.facets', { filter: {}, limit: 10 }),
    ({ status, items }) => status['ok'] === all.length && items.reduce((sum, { photos }) => sum + photos, 0) > all.length, // prettier-ignore
  );
  const names = new Map<number, string[]>();
  for (const { index, label, photos } of facets.items) {
    const sort = { key: 'name', descending: false } as const;
    const page = await ask('photos.page', { filter: { labels: [index] }, sort, limit: 500 });
    assert.deepEqual([page.items.length, page.total], [photos, photos], label.name);
    for (const { id } of page.items) names.set(id, [...(names.get(id) ?? []), label.name]);
    const { items } = await ask('looks.labels', { headId: head.id, limit: 10 });
    assert.equal(items.find((each) => each.index === index)?.photos, photos);
  }
  for (const { id, top, also } of await read())
    assert.deepEqual([top!, ...also].map(({ label }) => label.name).sort(), names.get(id)!.sort());
  const { files } = await ask('heads.export', { headId: head.id!, path: join(root, 'out-each') });
  assert.ok(files.includes('labels.txt'));
  // The usual phrases are nobody's choice.
  assert.deepEqual((await ask('heads.write', { ...asked, name: 'each again' })).notes, []);
});

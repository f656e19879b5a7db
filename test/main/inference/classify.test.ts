import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unwrap } from '../../../main/contract/result.ts';
import { preprocessInWorker } from '../../../main/inference/answering/preprocess-batch.ts';
import type { ClassifyRequest } from '../../../main/contract/inference.ts';
import { importModel } from '../../../models/import.ts';
import { unpackMap } from '../../../models/overlay/stored.ts';
import { needsShared, shared } from '../../shared.ts';
import {
  across,
  classCount,
  context,
  depth,
  described,
  faulty,
  folder,
  handlers,
  onCpu,
  photo,
  photosIn,
  sharedSession,
  side,
  width,
} from './parts.ts';

const plain: Omit<ClassifyRequest, 'handle' | 'photos'> = { topK: 3, map: 'cls', thumbnailEdge: 32 };

test('a batch gives labels, feature, map, seen region and thumbnail of each photo', async () => {
  const { load, classify } = handlers();
  const { handle, placement, resultKey } = await load(onCpu, context);
  assert.equal(placement.provider, 'cpu');
  assert.match(resultKey.preprocessing, /^[0-9a-f]{64}$/);
  const photos = [await photo(1), await photo(2)];
  const { results, timing } = await classify({ handle, photos, ...plain }, context);
  for (const result of results) {
    const value = unwrap(result);
    assert.deepEqual([value.width, value.height, value.damaged], [64, 48, false]);
    assert.equal(value.top.length, 3);
    assert.ok(value.top[0]!.probability >= value.top[1]!.probability);
    assert.equal(value.clsFeature?.length, width);
    assert.deepEqual(
      [value.map?.rows, value.map?.columns, value.map?.layers],
      [across, across, [depth - 1, depth - 1]],
    );
    const total = unpackMap(value.map!).reduce((a, b) => a + b, 0);
    assert.ok(total > 0.5 && total <= 1.01, `attention to patches sums to ${total}`);
    // The shorter side becomes the input's, the longer one is rounded down and cut on both sides.
    const long = Math.floor((64 * side) / 48);
    const cut = Math.floor((long - side) / 2);
    assert.deepEqual(value.seen, { x: (cut * 64) / long, y: 0, width: (side * 64) / long, height: 48 });
    assert.deepEqual([...value.thumbnail!.subarray(0, 2)], [0xff, 0xd8], 'a JPEG');
  }
  assert.ok(timing.decodeMs > 0 && timing.runMs > 0 && timing.waitMs >= 0);
});

test('top-k may be longer than there are classes, and all probabilities sum to one', async () => {
  const { load, classify } = handlers();
  const { handle } = await load(onCpu, context);
  const request = { handle, photos: [await photo(1)], map: null, thumbnailEdge: null };
  for (const topK of [1, 10, 1000]) {
    const { top, map, thumbnail } = unwrap((await classify({ ...request, topK }, context)).results[0]!);
    assert.equal(top.length, Math.min(classCount, topK));
    assert.deepEqual([map, thumbnail], [null, null]);
    if (topK >= classCount)
      assert.ok(Math.abs(top.reduce((sum, each) => sum + each.probability, 0) - 1) < 1e-5);
  }
});

test('a bad file is its own failure, and the others keep their places', async () => {
  const { load, classify } = handlers();
  const { handle } = await load(onCpu, context);
  const bad = join(folder, 'bad.jpg');
  writeFileSync(bad, 'no picture at all, only words, but enough of them');
  const [first, second, third] = [await photo(1), await photo(2), await photo(3)];
  const gone = { path: join(folder, 'gone.jpg'), bytes: 1, modifiedMs: 1, changedMs: 1 };
  const changed = { ...first, bytes: first.bytes + 1 };
  const mixed = [described(bad), first, gone, second, changed, third];
  const { results } = await classify({ handle, photos: mixed, ...plain }, context);
  const codes = results.map((result) => (result.ok ? 'ok' : result.error.code));
  assert.deepEqual(codes, ['unsupported-format', 'ok', 'missing-file', 'ok', 'changed-on-disk', 'ok']);
  const alone = await classify({ handle, photos: [first, second, third], ...plain }, context);
  const tops = (all: typeof results) => all.filter(({ ok }) => ok).map((each) => unwrap(each).top[0]!.index);
  assert.deepEqual(tops(results), tops(alone.results));
});

test('the next batch decodes while one runs, and runs take turns', async () => {
  const log: string[] = [];
  let running = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const create = faulty(sharedSession, async (feeds, real) => {
    assert.equal(++running, 1, 'two runs at once');
    log.push(`run ${photosIn(feeds)}`);
    if (photosIn(feeds) === 2) await held;
    const outputs = await real();
    running--;
    return outputs;
  });
  const { load, classify } = handlers({
    create,
    async preprocess(request, signal) {
      const answer = await preprocessInWorker(request, signal);
      log.push(`decoded ${request.photos.length}`);
      if (request.photos.length === 3) release();
      return answer;
    },
  });
  const { handle } = await load(onCpu, context);
  log.length = 0;
  const two = [await photo(1), await photo(2)];
  const three = [...two, await photo(3)];
  // The first run only ends once the second batch is decoded.
  const answers = await Promise.all(
    [two, three].map((photos) => classify({ handle, photos, ...plain }, context)),
  );
  assert.deepEqual(
    answers.map(({ results }) => results.every(({ ok }) => ok)),
    [true, true],
  );
  assert.deepEqual(
    log.filter((line) => line.startsWith('run')),
    ['run 2', 'run 3'],
  );
  assert.ok(log.indexOf('decoded 3') < log.indexOf('run 3') && log.indexOf('run 2') < log.indexOf('run 3'));
});

test('what somebody waits for goes before batches that came earlier', async () => {
  const order: string[] = [];
  let decoded = () => {};
  const inspectDecoded = new Promise<void>((resolve) => (decoded = resolve));
  let hold = false;
  let begun = () => {};
  const batchBegun = new Promise<void>((resolve) => (begun = resolve));
  const create = faulty(sharedSession, async (feeds, real) => {
    order.push('class_index' in feeds ? 'inspect' : 'batch');
    if (hold) begun();
    if (hold) await inspectDecoded;
    return real();
  });
  const { load, classify, inspect } = handlers({
    create,
    async preprocess(request, signal) {
      const answer = await preprocessInWorker(request, signal);
      if (hold && request.photos.length === 1) decoded();
      return answer;
    },
  });
  const { handle } = await load({ ...onCpu, batch: 1 }, context);
  const photos = await Promise.all([1, 2, 3].map((n) => photo(n)));
  const question = { handle, path: photos[0]!.path, classIndex: null, topK: 1 };
  // What an inspection runs is built for the first one.
  await inspect({ ...question, path: (await photo(4)).path }, context);
  order.length = 0;
  hold = true;
  const slow = classify({ handle, photos, ...plain }, context);
  // Before, the one photo may be decoded sooner than the three.
  await batchBegun;
  await inspect(question, { ...context, urgent: true });
  await slow;
  assert.deepEqual(order, ['batch', 'inspect', 'batch', 'batch']);
});

test('a cancelled request is answered as cancelled and runs nothing', async () => {
  let runs = 0;
  const create = faulty(sharedSession, (_, real) => {
    runs++;
    return real();
  });
  const { load, classify } = handlers({ create });
  const { handle } = await load(onCpu, context);
  runs = 0;
  const controller = new AbortController();
  const photos = [await photo(1)];
  const asked = classify({ handle, photos, ...plain }, { ...context, signal: controller.signal });
  controller.abort();
  await assert.rejects(async () => asked, { code: 'cancelled' });
  assert.equal(runs, 0);
});

test('an unknown handle says so', async () => {
  const { classify } = handlers();
  await assert.rejects(async () => classify({ handle: 'x', photos: [], ...plain }, context), {
    code: 'not-loaded',
  });
});

test('logits that are no numbers are a failure of that photo alone', async () => {
  let poison = false;
  const create = faulty(sharedSession, async (_, real) => {
    const outputs = await real();
    if (poison) outputs['logits']!.data[3] = NaN;
    return outputs;
  });
  const { load, classify } = handlers({ create });
  const { handle } = await load(onCpu, context);
  poison = true;
  const { results } = await classify({ handle, photos: [await photo(1), await photo(2)], ...plain }, context);
  assert.deepEqual(
    results.map((result) => (result.ok ? 'ok' : result.error.code)),
    ['bad-output', 'ok'],
  );
});

for (const precision of ['fp32', 'fp16', 'int8'] as const)
  test(`a photo's answer does not depend on its batch (${precision})`, async (t) => {
    const { load, classify } = handlers();
    const photos = await Promise.all(Array.from({ length: 16 }, (_, n) => photo(n)));
    const answers = async (batch: number, order: typeof photos): Promise<Map<string, number[]>> => {
      const { handle } = await load({ ...onCpu, precision, batch }, context);
      const { results } = await classify(
        { handle, photos: order, topK: classCount, map: null, thumbnailEdge: null },
        context,
      );
      const byPath = results.map((result, i): [string, number[]] => {
        const probabilities = new Array<number>(classCount).fill(0);
        for (const { index, probability } of unwrap(result).top) probabilities[index] = probability;
        return [order[i]!.path, probabilities];
      });
      return new Map(byPath);
    };
    const alone = await answers(1, photos);
    let largest = 0;
    for (const [batch, order] of [
      [3, photos],
      [16, photos],
      [16, photos.toReversed()],
    ] as const)
      for (const [path, probabilities] of await answers(batch, order))
        for (const [i, probability] of probabilities.entries())
          largest = Math.max(largest, Math.abs(probability - alone.get(path)![i]!));
    t.diagnostic(`largest difference of a probability: ${largest.toExponential(1)}`);
    // Sums in another order; a scale shared by a batch would move probabilities by hundredths.
    assert.ok(largest < (precision === 'fp16' ? 2e-3 : 1e-4), `${largest}`);
  });

interface Top5 {
  top5: { index: number; probability: number }[];
}

for (const [layout, preprocessing] of [
  ['timm', 'timm'],
  ['huggingface-fp16', 'huggingface'],
] as const)
  test(`nine photos get the labels that PyTorch and Pillow give them (${layout})`, needsShared, async (t) => {
    const models = mkdtempSync(join(tmpdir(), 'saccade-models-'));
    const model = await importModel(`${shared}models/vit-tiny-patch16-224/${layout}`, models);
    const golden = JSON.parse(
      readFileSync(`${shared}golden/vit-tiny-patch16-224.top5.json`, 'utf8'),
    ) as Record<string, Record<'timm' | 'huggingface', Top5>>;
    const { load, classify } = handlers();
    const { handle } = await load({ ...onCpu, modelFolder: model.folder }, context);
    const names = Object.keys(golden);
    const photos = names.map((name) => described(`${shared}photos/${name}`));
    const { results } = await classify({ handle, photos, topK: 5, map: null, thumbnailEdge: null }, context);
    assert.equal(names.length, 9);
    let largest = 0;
    for (const [i, name] of names.entries()) {
      const [best] = unwrap(results[i]!).top;
      const [wanted] = golden[name]![preprocessing].top5;
      assert.equal(best!.index, wanted!.index, name);
      const difference = Math.abs(best!.probability - wanted!.probability);
      if (wanted!.probability > 0.5) {
        assert.ok(difference < 0.03, `${name}: ${best!.probability}, wanted ${wanted!.probability}`);
        largest = Math.max(largest, difference);
      }
    }
    t.diagnostic(`largest difference of a probability above 0.5: ${largest.toFixed(4)}`);
  });

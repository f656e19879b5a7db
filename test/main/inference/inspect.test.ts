import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '../../../main/contract/result.ts';
import { join } from 'node:path';
import { addsUp, noWhole, sizeOf } from '../../../main/inference/answering/adds-up.ts';
import { preprocessInWorker } from '../../../main/inference/answering/preprocess-batch.ts';
import { createVerdicts } from '../../../main/inference/placing/verdicts.ts';
import type { Outputs } from '../../../main/inference/runtime/inference-session.ts';
import { tryOut } from '../../../main/inference/try-out.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { across, classCount, depth, context, faulty, folder, handlers, onCpu, patchCount, photo, sharedSession, modelFolder } from './parts.ts'; // prettier-ignore

test('inspecting gives every layer and head, and a contribution that adds up to the logit', async () => {
  const { load, inspect, classify } = handlers();
  const { handle } = await load(onCpu, context);
  const shown = await photo(5, 90, 60);
  const inspection = await inspect({ handle, path: shown.path, classIndex: null, topK: classCount }, context);
  assert.deepEqual([inspection.layers, inspection.heads, inspection.grid?.rows], [depth, 3, across]);
  assert.equal(inspection.clsAttention?.length, depth * 3 * patchCount);
  assert.equal(inspection.rollout?.length, patchCount);
  assert.deepEqual(inspection.photo, { width: 90, height: 60 });
  const { contribution, logits, predictions } = inspection;
  assert.equal(contribution!.classIndex, predictions[0]!.index);
  const logit = logits[contribution!.classIndex]!;
  assert.ok(Math.abs(contribution!.sum - logit) < 1e-3);
  const size = sizeOf(contribution!);
  assert.ok(addsUp({ sum: contribution!.sum, size }, logit));
  // As of a graph whose attention is halved behind its softmax, unseen; of another class; and of no score at all.
  const part = contribution!.patches.reduce((a, b) => a + b, 0) / 2;
  assert.ok(!addsUp({ sum: contribution!.sum - part, size }, logit));
  assert.ok(!addsUp({ sum: contribution!.sum, size }, logits[(contribution!.classIndex + 5) % classCount]!));
  assert.ok(!addsUp({ sum: contribution!.sum, size }, NaN));
  assert.equal(predictions[0]!.label.name.length > 0, true);

  const batch = await classify(
    { handle, photos: [shown], topK: 1, map: 'class', thumbnailEdge: null },
    context,
  );
  const { top, map } = unwrap(batch.results[0]!);
  assert.equal(top[0]!.index, predictions[0]!.index);
  assert.deepEqual([map?.classIndex, map?.layers], [top[0]!.index, [0, depth - 1]]);
});

test('another class can be explained, and one that is not there is an error', async () => {
  const { load, inspect } = handlers();
  const { handle } = await load(onCpu, context);
  const { path } = await photo(5);
  const { contribution, logits } = await inspect({ handle, path, classIndex: 4, topK: 1 }, context);
  assert.equal(contribution?.classIndex, 4);
  assert.ok(Math.abs(contribution!.sum - logits[4]!) < 1e-3);
  await assert.rejects(async () => inspect({ handle, path, classIndex: classCount, topK: 1 }, context), {
    code: 'no-such-class',
  });
});

test('evidence that a run stores is held against the score, in int8 too, and what does not add up is left out and told', async () => {
  const photos = [await photo(5), await photo(6)];
  const asked = { photos, topK: 1, map: 'class', thumbnailEdge: null } as const;
  for (const precision of ['fp32', 'int8'] as const) {
    const { load, classify } = handlers();
    const { handle } = await load({ ...onCpu, precision }, context);
    const { results, withheld } = await classify({ handle, ...asked }, context);
    assert.deepEqual([results.map((each) => unwrap(each).map?.method), withheld], [['class', 'class'], null]);
  }
  // As of a graph whose attention is halved behind its softmax, unseen: what is left of the sum is another.
  const create = faulty(sharedSession, async (_, real) => halved(await real()));
  const { load, classify, inspect, faithfulness, smallestPart } = handlers({ create });
  const { handle } = await load(onCpu, context);
  const { results, withheld } = await classify({ handle, ...asked }, context);
  assert.deepEqual(
    results.map((each) => unwrap(each)).map(({ top, map }) => [top.length, map]),
    [
      [1, null],
      [1, null],
    ],
  );
  assert.equal(withheld?.code, 'evidence-differs');
  assert.match(withheld.message, /does not add up to the score/);
  const about = { handle, path: photos[0]!.path, classIndex: null };
  const { contribution, absent } = await inspect({ ...about, topK: 1 }, context);
  assert.deepEqual([contribution, absent.class], [null, noWhole]);
  const found = await faithfulness({ ...about, methods: ['class', 'random'], steps: 2 }, context);
  assert.deepEqual(
    [found.curves.map(({ method }) => method), found.absent],
    [['random'], { class: noWhole }],
  );
  await assert.rejects(async () => smallestPart({ ...about, baseline: 'drop' }, context), { code: 'no-map' });
  const { rows, noEvidence } = await tryOut(modelFolder, 2, {
    create,
    queue: new Slots(1),
    verdicts: createVerdicts(join(folder, 'held.json'), async () => assert.fail('nothing is measured')),
    preprocess: preprocessInWorker,
  });
  assert.deepEqual([rows.length, noEvidence], [2, noWhole]);
});

function halved(outputs: Outputs): Outputs {
  const half = ([name, { data, dims }]: [string, Outputs[string]]) =>
    [
      name,
      { data: /^(map_terms|class_map)$/.test(name) ? data.map((value) => value / 2) : data, dims },
    ] as const;
  return Object.fromEntries(Object.entries(outputs).map(half));
}

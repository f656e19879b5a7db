import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '../../../main/contract/result.ts';
import { addsUp } from '../../../main/inference/answering/inspect.ts';
import { across, classCount, context, handlers, onCpu, patchCount, photo } from './parts.ts';

test('inspecting gives every layer and head, and a contribution that adds up to the logit', async () => {
  const { load, inspect, classify } = handlers();
  const { handle } = await load(onCpu, context);
  const shown = await photo(5, 90, 60);
  const inspection = await inspect({ handle, path: shown.path, classIndex: null, topK: classCount }, context);
  assert.deepEqual([inspection.layers, inspection.heads, inspection.grid?.rows], [7, 3, across]);
  assert.equal(inspection.clsAttention?.length, 7 * 3 * patchCount);
  assert.equal(inspection.rollout?.length, patchCount);
  assert.deepEqual(inspection.photo, { width: 90, height: 60 });
  const { contribution, logits, predictions } = inspection;
  assert.equal(contribution!.classIndex, predictions[0]!.index);
  const logit = logits[contribution!.classIndex]!;
  assert.ok(Math.abs(contribution!.sum - logit) < 1e-3);
  assert.ok(addsUp(contribution!, logit));
  // As of a graph whose attention is halved behind its softmax, unseen; of another class; and of no score at all.
  const part = contribution!.patches.reduce((a, b) => a + b, 0) / 2;
  assert.ok(!addsUp({ ...contribution!, sum: contribution!.sum - part }, logit));
  assert.ok(!addsUp(contribution!, logits[(contribution!.classIndex + 60) % classCount]!));
  assert.ok(!addsUp(contribution!, NaN));
  assert.equal(predictions[0]!.label.name.length > 0, true);

  const batch = await classify(
    { handle, photos: [shown], topK: 1, map: 'class', thumbnailEdge: null },
    context,
  );
  const { top, map } = unwrap(batch.results[0]!);
  assert.equal(top[0]!.index, predictions[0]!.index);
  assert.deepEqual([map?.classIndex, map?.layers], [top[0]!.index, [0, 6]]);
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

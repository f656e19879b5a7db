import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { answersOf, channels, rectangle, resizing } from '../../../main/cli/answers.ts';
import { temporaryFolder } from './saccade.ts';

const wrong = { code: 'commander.invalidArgument' };

test('sizes, channels and ways of resizing are read as they are written', () => {
  assert.deepEqual(rectangle('224'), { height: 224, width: 224 });
  assert.deepEqual(rectangle('256x192'), { height: 256, width: 192 });
  assert.deepEqual(channels('0.485, 0.456,0.406'), [0.485, 0.456, 0.406]);
  assert.deepEqual(resizing('shortest-edge:256'), { mode: 'shortest-edge', size: 256 });
  assert.deepEqual(resizing('exact:64x128'), { mode: 'exact', height: 64, width: 128 });
});

test('anything else is wrong usage', () => {
  for (const text of ['0', '224x', '-1', '1e3', '224x224x3'])
    assert.throws(() => rectangle(text), wrong, text);
  for (const text of ['0.5', '0.5,0.5', 'a,b,c', '1,,2', '1,2,Infinity'])
    assert.throws(() => channels(text), wrong, text);
  for (const text of ['256', 'shortest-edge', 'exact:', 'longest-edge:1x2', 'fit:3'])
    assert.throws(() => resizing(text), wrong, text);
});

test('labels come from a file, and nothing said is nothing answered', () => {
  const file = join(temporaryFolder('answers'), 'labels.txt');
  writeFileSync(file, 'cat\ndog\n');
  assert.deepEqual(answersOf({ labels: file, crop: 'none' }), { labels: ['cat', 'dog'], crop: null });
  assert.equal(answersOf({}), null);
});

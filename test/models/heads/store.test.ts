import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  headIdFor,
  listHeads,
  readHead,
  removeHead,
  renameHead,
  writeHead,
} from '../../../models/heads/store.ts';
import { teach } from '../../../models/heads/teach.ts';
import { clouds, examplesOf, fitsOf, labelsOf } from './data.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'heads');

const length = 16;
const { head } = teach(examplesOf(clouds(80, length, 4, 0.8), length), {
  name: 'Our things',
  labels: labelsOf(4).map((label) => ({ ...label, names: { 'zh-CN': '船' } })),
  answers: 'one',
  fits: fitsOf(length),
});

test('a head is read as it was written, report and all', () => {
  const manifest = writeHead(root, 'ours', head);
  assert.equal(manifest.version, 1);
  const read = readHead(root, 'ours');
  assert.deepEqual(read.head.weight, head.weight);
  assert.deepEqual(read.head, JSON.parse(JSON.stringify({ ...head, weight: 0, bias: 0 }), (key, value) =>
    key === 'weight' ? head.weight : key === 'bias' ? head.bias : (value as unknown))); // prettier-ignore
  assert.deepEqual(listHeads(root), [manifest]);
});

test('a new version replaces the old one, and a new name does not', () => {
  assert.equal(writeHead(root, 'ours', head).version, 2);
  assert.deepEqual(readdirSync(join(root, 'ours')).sort(), ['head-2.safetensors', 'head.json']);
  const renamed = renameHead(root, 'ours', 'Our boats');
  assert.deepEqual([renamed.name, renamed.version, renamed.id], ['Our boats', 2, 'ours']);
  assert.equal(readHead(root, 'ours').head.name, 'Our boats');
});

test('what is broken or not there is a sentence, and hides no other', () => {
  writeHead(root, 'broken', head);
  const file = join(root, 'broken', 'head.json');
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.replace('"one"', '"all"'));
  assert.throws(() => readHead(root, 'broken'), { code: 'bad-head', message: /"answers"/ });
  writeFileSync(file, whole.slice(0, 50));
  assert.throws(() => readHead(root, 'broken'), { code: 'bad-head' });
  writeFileSync(file, whole.replace('head-1.safetensors', '../ours/head-2.safetensors'));
  assert.throws(() => readHead(root, 'broken'), { code: 'bad-head' });
  assert.deepEqual(
    listHeads(root).map(({ id }) => id),
    ['ours'],
  );
  assert.throws(() => readHead(root, 'nothing'), { code: 'no-head', message: /ours/ });
  assert.throws(() => readHead(root, '../ours'), { code: 'no-head' });
  assert.throws(() => writeHead(root, '../x', head), { code: 'bad-model-name' });
  removeHead(root, 'ours');
  assert.ok(!existsSync(join(root, 'ours')));
});

test('every name has a folder', () => {
  assert.equal(headIdFor('Our boats & zebras'), 'Our-boats-zebras');
  assert.equal(headIdFor('Café'), 'Cafe-');
  assert.match(headIdFor('船'), /^head-[0-9a-f]{12}$/);
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectLayout } from '../../../main/hub/layout.ts';
import { planDownload } from '../../../main/hub/plan.ts';
import { setUp, type Setting } from './setting.ts';

const weightsName = 'model.safetensors';
const never = new AbortController().signal;

function safetensors(metadata: string, dataBytes: number): Buffer {
  const header = Buffer.from(JSON.stringify({ __metadata__: { note: metadata } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(dataBytes, 1)]);
}

/** What `inspect` saw of the weights; null: it was not asked. */
async function look(setting: Setting, prepare?: (folder: string) => void): Promise<Buffer | null> {
  const plan = await planDownload(setting.client(), setting.hub.repository, 'main', never);
  const folder = join(setting.folder, 'files');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), '{}');
  prepare?.(folder);
  let seen: Buffer | null = null;
  const inspect = (layout: string) => {
    assert.deepEqual(readdirSync(layout).sort(), ['config.json', weightsName]);
    seen = readFileSync(join(layout, weightsName));
  };
  await inspectLayout(setting.client(), plan, folder, inspect, never);
  assert.equal(existsSync(join(folder, 'layout')), false);
  return seen;
}

for (const [what, note] of [
  ['a header', 'short'],
  ['a header longer than the first look', 'long'.repeat(100_000)],
] as const)
  test(`${what} is fetched whole, and nothing of what is behind it`, async (t) => {
    const weights = safetensors(note, 2_000_000);
    const setting = await setUp(t, { 'config.json': '{}', [weightsName]: weights });
    const seen = await look(setting);
    const end = weights.length - 2_000_000;
    assert.ok(seen);
    assert.ok(seen.subarray(0, end).equals(weights.subarray(0, end)));
    assert.equal(seen.length, weights.length);
    assert.ok(seen.subarray(end).every((byte) => byte === 0));
  });

test('what is no safetensors file, or one whose header is longer than itself, is left for later', async (t) => {
  const lying = safetensors('', 10);
  lying.writeBigUInt64LE(1n << 40n);
  for (const weights of [Buffer.from('short'), lying]) {
    const setting = await setUp(t, { 'config.json': '{}', [weightsName]: weights });
    assert.ok((await look(setting)) === null);
  }
});

test('a Hub that gives no ranges is not asked for the whole file', async (t) => {
  const setting = await setUp(t, { 'config.json': '{}', [weightsName]: safetensors('', 2_000_000) });
  setting.hub.fail('header', ({ response, content }) => void response.end(content));
  assert.ok((await look(setting)) === null);
});

test('weights that have begun to arrive are not looked at again', async (t) => {
  const setting = await setUp(t, { 'config.json': '{}', [weightsName]: safetensors('', 100) });
  const prepare = (folder: string) => writeFileSync(join(folder, `${weightsName}.part`), 'x');
  assert.ok((await look(setting, prepare)) === null);
  assert.deepEqual(setting.hub.contentRequests(weightsName), []);
  assert.equal(statSync(join(setting.folder, 'files', `${weightsName}.part`)).size, 1);
});

import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hubSettings } from '../../../main/hub/settings.ts';

test('without variables it is the Hugging Face Hub, without a token, with the usual cache', () => {
  assert.deepEqual(hubSettings({}), {
    endpoint: 'https://huggingface.co',
    token: null,
    cacheFolder: join(homedir(), '.cache', 'huggingface', 'hub'),
    offline: false,
  });
});

test("the variables of Hugging Face's own tools hold", () => {
  const { endpoint, token, cacheFolder, offline } = hubSettings({
    HF_ENDPOINT: 'https://mirror.example/hf/',
    HF_TOKEN: ' hf_x\n',
    HF_HOME: '/data/hf',
    HF_HUB_OFFLINE: 'YES',
  });
  assert.deepEqual([endpoint, token, offline], ['https://mirror.example/hf', 'hf_x', true]);
  assert.equal(cacheFolder, join('/data/hf', 'hub'));
  assert.equal(hubSettings({ HF_HOME: '/data/hf', HF_HUB_CACHE: '/cache' }).cacheFolder, '/cache');
});

test('a token is not sent readable over the network', () => {
  assert.throws(() => hubSettings({ HF_ENDPOINT: 'http://mirror.example', HF_TOKEN: 'x' }), {
    code: 'hub-endpoint',
    message: /readable/,
  });
  assert.equal(hubSettings({ HF_ENDPOINT: 'http://127.0.0.1:8080', HF_TOKEN: 'x' }).token, 'x');
  assert.equal(hubSettings({ HF_ENDPOINT: 'http://mirror.example' }).token, null);
});

test('an endpoint that is none is refused, and its sentence does not repeat what may be a password', () => {
  for (const HF_ENDPOINT of [
    'mirror.example',
    'file:///etc',
    'https://me:secret@mirror.example',
    'https://x.example/?a',
  ])
    assert.throws(
      () => hubSettings({ HF_ENDPOINT }),
      (error: Error & { code: string }) => error.code === 'hub-endpoint' && !error.message.includes('secret'),
    );
});

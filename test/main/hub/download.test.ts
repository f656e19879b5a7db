import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HubClient } from '../../../main/hub/client.ts';
import { download } from '../../../main/hub/download.ts';
import { planDownload } from '../../../main/hub/plan.ts';
import { commit, gitHash, otherContent, partly, sha256, status } from './hub-server.ts';
import { files, patience, setUp, weights, type Setting } from './setting.ts';

const weightsName = 'model.safetensors';
const never = new AbortController().signal;

async function fetchAll(setting: Setting, client: HubClient, revision = 'main'): Promise<string> {
  const plan = await planDownload(client, setting.hub.repository, revision, never);
  const folder = join(setting.folder, 'files');
  await download(client, plan, folder, {
    signal: never,
    onFile: () => {},
    onBytes: (bytes) => (setting.hub.received = bytes),
  });
  return folder;
}

const ranges = ({ hub }: Setting) => hub.contentRequests(weightsName).map(({ headers }) => headers.range);

test('the weights and what stands beside them arrive whole, and nothing else does', async (t) => {
  const setting = await setUp(t);
  const folder = await fetchAll(setting, setting.client());
  assert.deepEqual(readdirSync(folder).sort(), [
    'LICENSE',
    'README.md',
    'config.json',
    weightsName,
    'preprocessor_config.json',
  ]);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
  assert.equal(readFileSync(join(folder, 'config.json'), 'utf8'), files['config.json']);
});

test('a branch is resolved once; every file comes from that commit', async (t) => {
  const setting = await setUp(t);
  await fetchAll(setting, setting.client());
  const resolved = setting.hub.requests.map(({ path }) => path).filter((path) => path.includes('/resolve/'));
  assert.equal(resolved.length, 5);
  for (const path of resolved) assert.match(path, new RegExp(`/resolve/${commit}/`));
});

test('the token reaches the Hub and never the host it redirects to', async (t) => {
  const setting = await setUp(t);
  setting.hub.token = 'hf_secret';
  await fetchAll(setting, setting.client({ HF_TOKEN: 'hf_secret' }));
  const cdn = setting.hub.requests.filter(({ host }) => host === 'cdn');
  assert.equal(cdn.length, 1);
  assert.equal(cdn[0]!.headers.authorization, undefined);
  const hub = setting.hub.requests.filter(({ host }) => host === 'hub');
  assert.ok(hub.every(({ headers }) => headers.authorization === 'Bearer hf_secret'));
});

test('a connection that goes silent is given up, and the rest is asked for', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, partly(100_000, 'stall'));
  const client = { ...setting.client(), patience: { ...patience, idleMs: 200 } };
  const folder = await fetchAll(setting, client);
  assert.deepEqual(ranges(setting), [undefined, 'bytes=100000-']);
  assert.equal(setting.hub.contentRequests(weightsName)[1]!.headers['if-range'], `"${sha256(weights)}"`);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('a connection that breaks off is gone on with, as often as something new comes', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, ...Array.from({ length: 5 }, () => partly(50_000, 'break')));
  const folder = await fetchAll(setting, setting.client());
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
  assert.ok(ranges(setting).length > 2, 'more breaks than attempts without progress were survived');
});

test('a body shorter than the Hub says is noticed although the connection ends in order', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, ({ response, content }) => void response.end(content.subarray(0, 1000)));
  const folder = await fetchAll(setting, setting.client());
  assert.deepEqual(ranges(setting), [undefined, 'bytes=1000-']);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('a file that changed between two attempts is fetched from its beginning', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, partly(1000, 'break'), ({ request, response, content }) => {
    assert.ok(request.headers['if-range']);
    response.writeHead(200, { etag: '"other"' }).end(content);
  });
  const folder = await fetchAll(setting, setting.client());
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('an answer with another range than was asked for is not pasted in', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, partly(1000, 'break'), ({ response, content }) => {
    response.writeHead(206, { 'content-range': `bytes 5-${content.length - 1}/${content.length}` });
    response.end(content.subarray(5));
  });
  const folder = await fetchAll(setting, setting.client());
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
  assert.deepEqual(ranges(setting), [undefined, 'bytes=1000-', undefined]);
});

test('content with a wrong hash is deleted and fetched once more', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, otherContent);
  const folder = await fetchAll(setting, setting.client());
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('content with a wrong hash twice is an error and leaves no file', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail(weightsName, otherContent, otherContent);
  await assert.rejects(fetchAll(setting, setting.client()), { code: 'hub-wrong-hash' });
  const left = readdirSync(join(setting.folder, 'files'));
  assert.deepEqual(
    left.filter((name) => name.startsWith(weightsName)),
    [],
  );
});

test('small files are held to their git hash', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail('config.json', otherContent, otherContent);
  await assert.rejects(fetchAll(setting, setting.client()), { code: 'hub-wrong-hash' });
});

for (const [what, prepare, code, says] of [
  [
    'a repository that does not exist or is private',
    (s) => (s.hub.token = 'x'),
    'hub-unauthorized',
    /HF_TOKEN/,
  ],
  ['a gated repository', (s) => (s.hub.gated = true), 'hub-gated', /licence.*HF_TOKEN/],
  ['403', (s) => s.hub.fail('api', status(403)), 'hub-forbidden', /refuses access/],
  ['404', (s) => s.hub.fail('api', status(404)), 'hub-not-found', /spelling/],
  [
    '429 with a long Retry-After',
    (s) => s.hub.fail('api', status(429, { 'retry-after': '9000' })),
    'hub-busy',
    /9000 s/,
  ],
  [
    '500 again and again',
    (s) => s.hub.fail('api', status(500), status(502), status(503)),
    'hub-server',
    /503/,
  ],
  ['an answer that is not JSON', (s) => s.hub.fail('api', status(200)), 'hub-answer', /HF_ENDPOINT/],
  [
    'an answer of another shape',
    (s) => s.hub.fail('api', ({ response }) => void response.end('{"id":1}')),
    'hub-answer',
    /HF_ENDPOINT/,
  ],
  [
    'redirects without end',
    (s) => s.hub.fail('api', ...Array.from({ length: 9 }, () => status(302, { location: '/api/' }))),
    'hub-answer',
    /redirected more/,
  ],
] satisfies [string, (setting: Setting) => unknown, string, RegExp][])
  // prettier-ignore
  test(`${what} is a sentence that says what to do`, async (t) => {
    const setting = await setUp(t);
    prepare(setting);
    await assert.rejects(fetchAll(setting, setting.client()), (error: Error & { code: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, says);
      return true;
    });
    assert.equal(existsSync(join(setting.folder, 'files', weightsName)), false);
  });

test('an unknown revision is told from an unknown repository', async (t) => {
  const setting = await setUp(t);
  await assert.rejects(fetchAll(setting, setting.client(), 'v9'), {
    code: 'hub-not-found',
    message: /revision/,
  });
});

test('429 with a short Retry-After and passing 500s are waited out', async (t) => {
  const setting = await setUp(t);
  setting.hub.fail('api', status(500), status(429, { 'retry-after': '0' }));
  setting.hub.fail(weightsName, status(503), status(429, { 'retry-after': '0' }));
  const folder = await fetchAll(setting, setting.client());
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('a host that can not be reached is named', async (t) => {
  const setting = await setUp(t);
  await setting.hub.stop();
  await assert.rejects(fetchAll(setting, setting.client()), {
    code: 'hub-unreachable',
    message: /127\.0\.0\.1.*ECONNREFUSED/,
  });
});

test('a disk that gets full keeps what came; with room again the rest is fetched', async (t) => {
  const setting = await setUp(t);
  const client = setting.client();
  const { write } = client.disk;
  let room = 120_000;
  client.disk = {
    ...client.disk,
    async write(handle, bytes) {
      const fitting = bytes.subarray(0, room);
      room -= fitting.length;
      await write(handle, fitting);
      if (fitting.length < bytes.length)
        throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    },
  };
  await assert.rejects(fetchAll(setting, client), { code: 'disk-full', message: /free some space/ });
  const kept = readFileSync(join(setting.folder, 'files', `${weightsName}.part`));
  assert.ok(kept.length > 0 && kept.equals(weights.subarray(0, kept.length)));
  const folder = await fetchAll(setting, setting.client());
  assert.equal(ranges(setting).at(-1), `bytes=${kept.length}-`);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('where the disk has not room for it, nothing is fetched', async (t) => {
  const setting = await setUp(t);
  const client = setting.client();
  client.disk = { ...client.disk, freeBytes: () => Promise.resolve(500_000) };
  await assert.rejects(fetchAll(setting, client), { code: 'disk-full', message: /1 MB are free/ });
  assert.equal(setting.hub.requests.length, 1);
});

/** As huggingface_hub lays it out: snapshots point to blobs. */
function putInCache(setting: Setting, content: Buffer): void {
  const folder = join(setting.folder, 'hf', 'hub', 'models--owner--tiny-vit');
  mkdirSync(join(folder, 'snapshots', commit), { recursive: true });
  mkdirSync(join(folder, 'blobs'));
  const blob = join(folder, 'blobs', sha256(weights));
  writeFileSync(blob, content);
  symlinkSync(blob, join(folder, 'snapshots', commit, weightsName));
}

test('what lies in the Hub cache of this machine is not fetched again', async (t) => {
  const setting = await setUp(t);
  putInCache(setting, weights);
  const folder = await fetchAll(setting, setting.client());
  assert.deepEqual(ranges(setting), []);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('a damaged file in the Hub cache is not used', async (t) => {
  const setting = await setUp(t);
  putInCache(setting, Buffer.alloc(weights.length));
  const folder = await fetchAll(setting, setting.client());
  assert.equal(ranges(setting).length, 1);
  assert.ok(readFileSync(join(folder, weightsName)).equals(weights));
});

test('a repository without safetensors says so before anything is downloaded', async (t) => {
  const setting = await setUp(t, { 'config.json': '{}', 'pytorch_model.bin': 'pickle' });
  await assert.rejects(fetchAll(setting, setting.client()), {
    code: 'hub-no-safetensors',
    message: /found pytorch_model\.bin.*Nothing was downloaded/,
  });
  assert.ok(setting.hub.requests.every(({ path }) => path.startsWith('/api/')));
  assert.equal(existsSync(join(setting.folder, 'files')), false);
});

test("where the conversion robot offers safetensors, the refusal says how to ask for them; anybody else's offer is not named", async (t) => {
  const setting = await setUp(t, { 'config.json': '{}', 'pytorch_model.bin': 'pickle' });
  const offer = (num: number, name: string) => ({
    num,
    status: 'open',
    isPullRequest: true,
    author: { name },
  });
  setting.hub.discussions = [offer(1, 'somebody')];
  await assert.rejects(
    fetchAll(setting, setting.client()),
    (error: Error) => !error.message.includes('refs/pr'),
  );
  setting.hub.discussions.push(offer(2, 'SFconvertbot'));
  await assert.rejects(fetchAll(setting, setting.client()), { message: /owner\/tiny-vit@refs\/pr\/2/ });
});

test('a model in shards comes with all of them', async (t) => {
  const index = {
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  };
  const setting = await setUp(t, {
    'config.json': '{}',
    'model.safetensors.index.json': JSON.stringify(index),
    'model-00001-of-00002.safetensors': 'first',
    'model-00002-of-00002.safetensors': 'second',
    'other.safetensors': 'not asked for',
  });
  const folder = await fetchAll(setting, setting.client());
  assert.deepEqual(readdirSync(folder).sort(), [
    'config.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ]);
});

test('an index that names files elsewhere is refused', async (t) => {
  const outside = '../outside.safetensors';
  const index = JSON.stringify({ weight_map: { a: outside } });
  const content = { 'config.json': '{}', 'model.safetensors.index.json': index, [outside]: 'weights' };
  const setting = await setUp(t, content);
  await assert.rejects(fetchAll(setting, setting.client()), { code: 'bad-weights-index' });
});

test('file names that lead out of the folder are left out', async (t) => {
  const setting = await setUp(t, { ...files, '../README.md': 'out', 'sub/config.json': 'in' });
  const folder = await fetchAll(setting, setting.client());
  assert.equal(existsSync(join(setting.folder, 'README.md')), false);
  assert.equal(existsSync(join(folder, 'sub')), false);
});

test('offline means that nobody is asked', async (t) => {
  const setting = await setUp(t);
  await assert.rejects(fetchAll(setting, setting.client({ HF_HUB_OFFLINE: '1' })), { code: 'hub-offline' });
  assert.equal(setting.hub.requests.length, 0);
});

test('git hashes are those of git', () => {
  // git hash-object of a file that holds "hello\n"
  assert.equal(gitHash(Buffer.from('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
});

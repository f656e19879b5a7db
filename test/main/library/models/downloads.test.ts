import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SaccadeError } from '../../../../models/error.ts';
import { readManifest } from '../../../../models/store.ts';
import { commit, partly, status } from '../../hub/hub-server.ts';
import { encodeSafetensors } from '../../../../models/weights/encode-safetensors.ts';
import { huggingFaceTensors, tinyShape } from '../../../models/tiny.ts';
import { model, setScene } from '../downloads-setting.ts';

const weights = 'model.safetensors';
const total = Object.values(model).reduce((sum, content) => sum + content.length, 0);

test('a model is resolved, fetched, checked, installed, and nothing else stays on disk', async (t) => {
  const scene = await setScene(t);
  const downloads = scene.open();
  const started = downloads.start('owner/tiny-vit');
  assert.equal(started.state, 'resolving');
  assert.equal(started.revision, null);
  const done = await scene.reached('installed');
  assert.equal(done.model, 'tiny-vit');
  assert.equal(done.revision, commit);
  assert.equal(done.bytes, total);
  assert.equal(done.totalBytes, total);
  const states = scene.events.map(({ state }) => state);
  assert.deepEqual(
    states.filter((state, i) => state !== states[i - 1] && !['checking', 'downloading'].includes(state)),
    ['resolving', 'installing', 'installed'],
  );
  assert.ok(states.includes('downloading') && states.includes('checking'));
  const manifest = readManifest(join(scene.folder, 'models', 'tiny-vit'));
  assert.equal(manifest.source, `owner/tiny-vit@${commit}`);
  assert.equal(manifest.licence, 'mit');
  assert.deepEqual(readdirSync(join(scene.folder, 'downloads')), []);
  assert.deepEqual(
    downloads.list().map(({ state }) => state),
    ['installed'],
  );
});

test('what the files leave open is asked, kept over a restart, and answered where it waits', async (t) => {
  const { width, depth, heads, patchSize, grid } = tinyShape;
  const side = grid * patchSize;
  const config = { model_type: 'vit', architectures: ['ViTForImageClassification'], hidden_size: width, num_hidden_layers: depth, num_attention_heads: heads, intermediate_size: 2 * width, patch_size: patchSize, image_size: side, hidden_act: 'gelu' }; // prettier-ignore
  // Nothing says how photos are prepared.
  const scene = await setScene(t, {
    'README.md': model['README.md'],
    'config.json': JSON.stringify(config),
    'model.safetensors': Buffer.from(encodeSafetensors(huggingFaceTensors(tinyShape))),
  });
  const { id } = scene.open().start('owner/tiny-vit');
  const failed = await scene.reached('failed');
  const asked = failed.error?.questions?.fields ?? [];
  assert.ok(asked.includes('mean') && asked.includes('std'), JSON.stringify(failed.error));

  const again = scene.open();
  assert.deepEqual(again.list()[0]?.error, failed.error);
  again.resume(id, { mean: [0.1, 0.2, 0.3] });
  assert.ok(!(await scene.reached('failed')).error?.questions?.fields.includes('mean'));
  again.resume(id, {
    std: [0.4, 0.5, 0.6],
    interpolation: 'bicubic',
    resize: { mode: 'exact', height: side, width: side },
  });
  assert.equal((await scene.reached('installed')).model, 'tiny-vit');
  const { preprocessing } = readManifest(join(scene.folder, 'models', 'tiny-vit'));
  assert.deepEqual(preprocessing.mean, [0.1, 0.2, 0.3], 'said before, kept');
  assert.equal(preprocessing.interpolation, 'bicubic');
});

test('a paused download goes on where it was', async (t) => {
  const scene = await setScene(t);
  const downloads = scene.open();
  scene.hub.fail(weights, partly(10_000, 'stall'));
  const { id } = downloads.start('owner/tiny-vit');
  await scene.until(({ bytes }) => bytes >= 10_000);
  const paused = await downloads.pause(id);
  assert.equal(paused.state, 'paused');
  assert.equal(paused.error, null);
  assert.equal(paused.bytesPerSecond, null);
  assert.equal(downloads.resume(id).state, 'downloading');
  assert.equal((await scene.reached('installed')).revision, commit);
  assert.equal(scene.hub.contentRequests(weights).at(-1)!.headers.range, 'bytes=10000-');
  const asked = scene.hub.requests.filter(({ path }) => path.includes('/revision/'));
  assert.equal(asked.length, 1, 'the revision is fixed');
});

test('asking again for what waits goes on with that', async (t) => {
  const scene = await setScene(t);
  const downloads = scene.open();
  scene.hub.fail('api', status(404));
  const { id } = downloads.start('owner/tiny-vit');
  const failed = await scene.reached('failed');
  assert.equal(failed.error?.code, 'hub-not-found');
  assert.equal(downloads.start('owner/tiny-vit').id, id);
  await scene.reached('installed');
});

test('whoever hears that a download failed may start it again at once', async (t) => {
  const scene = await setScene(t);
  scene.hub.fail('api', status(404));
  const states: string[] = [];
  const { promise: installed, resolve } = Promise.withResolvers<void>();
  const downloads = scene.open({
    emit({ id, state }) {
      states.push(state);
      if (state === 'failed') assert.equal(downloads.resume(id).state, 'resolving');
      if (state === 'installed') resolve();
    },
  });
  downloads.start('owner/tiny-vit');
  await installed;
  assert.deepEqual(states.slice(0, 3), ['resolving', 'failed', 'resolving']);
});

test('a download whose process was killed waits as paused and goes on where it was', async (t) => {
  const scene = await setScene(t);
  scene.hub.fail(weights, partly(10_000, 'stall'));
  const script = fileURLToPath(new URL('downloads-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, scene.folder, scene.hub.endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const part = () => {
    const [id] = readdirSync(join(scene.folder, 'downloads'));
    return statSync(join(scene.folder, 'downloads', id!, 'files', `${weights}.part`), {
      throwIfNoEntry: false,
    });
  };
  for await (const line of createInterface(child.stdout)) {
    assert.ok(line);
    if ((part()?.size ?? 0) > 0) break;
  }
  while (part()!.size < 10_000) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(scene.open().list(), [], 'while that process lives, the download is its own');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));

  const downloads = scene.open();
  const [found] = downloads.list();
  assert.equal(found?.state, 'paused');
  assert.equal(found.revision, commit);
  assert.ok(found.bytes >= 10_000);
  downloads.resume(found.id);
  await scene.reached('installed');
  assert.equal(scene.hub.contentRequests(weights).at(-1)!.headers.range, 'bytes=10000-');
});

test('a cancelled download leaves nothing, not even on the list', async (t) => {
  const scene = await setScene(t);
  const downloads = scene.open();
  scene.hub.fail(weights, partly(10_000, 'stall'));
  const { id } = downloads.start('owner/tiny-vit');
  await scene.until(({ bytes }) => bytes >= 10_000);
  assert.equal((await downloads.cancel(id)).state, 'cancelled');
  assert.deepEqual(downloads.list(), []);
  assert.deepEqual(readdirSync(join(scene.folder, 'downloads')), []);
  assert.throws(() => downloads.resume(id), { code: 'no-download' });
});

test('a full disk pauses the download with a sentence, also over a restart', async (t) => {
  const scene = await setScene(t);
  const client = scene.client();
  client.disk = { ...client.disk, freeBytes: () => Promise.resolve(10) };
  scene.open({ client: () => client }).start('owner/tiny-vit');
  const paused = await scene.reached('paused');
  assert.equal(paused.error?.code, 'disk-full');
  const downloads = scene.open();
  const [found] = downloads.list();
  assert.equal(found?.state, 'paused');
  assert.equal(found.error?.code, 'disk-full');
  assert.equal(downloads.resume(found.id).error, null);
  await scene.reached('installed');
});

test('what can not be installed fails with the reason and is kept until it is cancelled', async (t) => {
  const scene = await setScene(t);
  const refuse = () => Promise.reject(new SaccadeError('not-finite', 'The weights hold NaN.'));
  const downloads = scene.open({ install: refuse });
  const { id } = downloads.start('owner/tiny-vit');
  assert.equal((await scene.reached('failed')).error?.code, 'not-finite');
  assert.equal(scene.open().list()[0]?.state, 'failed');
  await downloads.cancel(id);
  assert.deepEqual(readdirSync(join(scene.folder, 'downloads')), []);
});

test('a model that can not be used is refused before its weights are fetched', async (t) => {
  const scene = await setScene(t);
  const config = { ...JSON.parse(model['config.json']), architecture: 'vit_clip', model_args: {} };
  scene.hub.files.set('config.json', Buffer.from(JSON.stringify(config)));
  scene.open().start('owner/tiny-vit');
  assert.equal((await scene.reached('failed')).error?.code, 'unknown-architecture');
  const ranges = scene.hub.contentRequests(weights).map(({ headers }) => headers.range);
  assert.equal(ranges.length, 1);
  assert.match(ranges[0]!, /^bytes=0-\d+$/, 'only the header was asked for');
});

test('a failure before anything was fetched leaves no folder', async (t) => {
  const scene = await setScene(t);
  scene.hub.files.delete(weights);
  scene.open().start('owner/tiny-vit');
  assert.equal((await scene.reached('failed')).error?.code, 'hub-no-safetensors');
  assert.deepEqual(readdirSync(join(scene.folder, 'downloads')), []);
});

test('ended between installing and cleaning up, it is found installed and not fetched again', async (t) => {
  const scene = await setScene(t);
  const installOnly = scene.open();
  installOnly.start('owner/tiny-vit');
  await scene.reached('installed');
  const id = '00000000000000aa';
  const folder = join(scene.folder, 'downloads', id);
  mkdirSync(folder);
  const plan = {
    repository: 'owner/tiny-vit',
    revision: commit,
    files: [{ path: weights, bytes: 5, hash: { kind: 'sha256', hex: '0' } }],
  };
  const record = {
    format: 1,
    id,
    startedMs: 1,
    repository: 'owner/tiny-vit',
    revision: 'main',
    name: 'tiny-vit',
  };
  writeFileSync(
    join(folder, 'download.json'),
    JSON.stringify({ ...record, plan, error: null, failed: false }),
  );
  const asked = scene.hub.requests.length;
  scene.open().resume(id);
  assert.equal((await scene.reached('installed')).model, 'tiny-vit');
  assert.equal(scene.hub.requests.length, asked);
  assert.equal(existsSync(folder), false);
});

test('a name that is taken and a source that is none are refused before anybody is asked', async (t) => {
  const scene = await setScene(t);
  const downloads = scene.open();
  downloads.start('owner/tiny-vit');
  await scene.reached('installed');
  const asked = scene.hub.requests.length;
  assert.throws(() => downloads.start('someone/tiny-vit'), { code: 'model-exists' });
  assert.throws(() => downloads.start('no-such-id'), { code: 'unknown-source' });
  assert.equal(scene.hub.requests.length, asked);
  assert.deepEqual(readdirSync(join(scene.folder, 'downloads')), []);
});

test('a damaged record is left alone and hides nothing', async (t) => {
  const scene = await setScene(t);
  const folder = join(scene.folder, 'downloads', '00000000000000bb');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'download.json'), '{"format": 1, "plan": {"files": [{"path": "../../x"}]}}');
  assert.deepEqual(scene.open().list(), []);
  assert.ok(existsSync(folder));
});

test('the catalogue says which of its models are installed', async (t) => {
  const scene = await setScene(t);
  const manifest = { id: 'mine', source: `facebook/deit-tiny-patch16-224@${commit}` };
  const downloads = scene.open({
    installed: () => [{ folder: '', builtIn: false, manifest: manifest as never }],
  });
  const found = downloads.catalogue().filter(({ installed }) => installed.length > 0);
  assert.deepEqual(
    found.map(({ id, installed }) => ({ id, installed })),
    [{ id: 'deit-tiny', installed: ['mine'] }],
  );
  assert.equal(scene.hub.requests.length, 0);
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { PhotoPage } from '../../../main/contract/entities/photo.ts';
import type { RunStatus } from '../../../main/contract/entities/run.ts';
import type { Result } from '../../../main/contract/result.ts';
import { keepPace } from '../../measured-home.ts';
import { model } from '../library/downloads-setting.ts';
import { ensureBuilt } from '../../built.ts';
import { cli } from '../cli/saccade.ts';
import { startDesktop, until } from '../shell/desktop.ts';
import { commit, HubServer } from './hub-server.ts';
import type { Trapped } from './network-trap.ts';
import { temporaryFolder } from '../../temporary.ts';

const photo = fileURLToPath(new URL('../../../samples/cat.jpg', import.meta.url));
const trap = new URL('network-trap.ts', import.meta.url).href;

interface Ended {
  code: number | null;
  out: string;
  err: string;
  trapped: Trapped[];
}

/** Runs Node with the trap in it and in every process it starts. */
async function run(folder: string, words: string[], env: Record<string, string> = {}): Promise<Ended> {
  const log = join(folder, 'network.jsonl');
  rmSync(log, { force: true });
  const child = spawn(process.execPath, words, {
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${trap}`,
      NETWORK_LOG: log,
      SACCADE_HOME: join(folder, 'home'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (texts.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (texts.err += text.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { ...texts, code, trapped: lines.map((line) => JSON.parse(line) as Trapped) };
}

const escapes = ({ trapped }: Ended) => trapped.filter(({ way }) => way !== 'armed');

for (const [what, code, way] of [
  ['fetch', "await fetch('http://127.0.0.1:65009/')", 'connect'],
  ['https', "(await import('node:https')).get('https://127.0.0.1:9/')", 'connect'],
  ['a plain socket', "(await import('node:net')).connect(9, '127.0.0.1')", 'connect'],
  ['a name look-up', "(await import('node:dns')).lookup('example.com', () => {})", 'dns'],
  ['a datagram', "(await import('node:dgram')).createSocket('udp4').send('x', 9, '127.0.0.1')", 'dgram'],
  ['a listening port', "(await import('node:net')).createServer().listen(0)", 'listen'],
] as const)
  test(`the trap catches ${what}`, async (t) => {
    const ended = await run(temporaryFolder(t, 'network'), ['--input-type=module', '--eval', code]);
    assert.ok(
      escapes(ended).some((entry) => entry.way === way),
      ended.err,
    );
    assert.notEqual(ended.code, 0);
  });

for (const words of [
  ['classify', photo, '--format', 'jsonl'],
  ['models', 'catalogue'],
])
  test(`saccade ${words.slice(0, 2).join(' ').replace(photo, 'PHOTO')} leaves the network alone`, async (t) => {
    const ended = await run(temporaryFolder(t, 'network'), [cli, ...words]);
    assert.equal(ended.code, 0, ended.err);
    assert.ok(ended.out.length > 0);
    assert.deepEqual(escapes(ended), []);
    const armed = new Set(ended.trapped.map(({ main }) => main.split(/[\\/]/).slice(-2).join('/')));
    const trappedIn = (name: string) => armed.has(`${name}/process.ts`) || armed.has(`main/${name}.js`);
    assert.ok(trappedIn('library'), 'the trap was in the library process, too');
    if (words[0] === 'classify') assert.ok(trappedIn('inference'), 'and in the inference process');
  });

test('the window, its library and its inference leave the network alone', async (t) => {
  ensureBuilt();
  const folder = temporaryFolder(t, 'network');
  const log = join(folder, 'network.jsonl');
  const home = join(folder, 'home');
  await keepPace(home);
  const desktop = startDesktop(t, {
    env: { SACCADE_HOME: home, NODE_OPTIONS: `--import=${trap}`, NETWORK_LOG: log },
  });
  const ask = async (verb: string, request: unknown) => {
    const result = (await desktop.tell('ask', verb, request)) as Result<unknown>;
    assert.ok(result.ok, `${verb}: ${JSON.stringify(result)}`);
    return result.value;
  };
  await until(async () => (await desktop.tell('state')).windows[0]?.shown);
  await ask('folders.add', { path: dirname(photo) });
  const sort = { key: 'name', descending: false };
  const photos = () => ask('photos.page', { filter: {}, sort, limit: 1 }) as Promise<PhotoPage>;
  await until(async () => (await photos()).total > 0);
  await ask('runs.start', { selection: { filter: {}, except: [] }, again: false, retryFailed: false });
  const run = await until(async () => {
    const now = (await ask('runs.current', {})) as RunStatus | null;
    return now && ['finished', 'stopped', 'cancelled'].includes(now.state) ? now : null;
  });
  assert.equal(run.state, 'finished', JSON.stringify(run.error));
  await ask('models.catalogue', {});
  await ask('providers.list', { measure: false });
  const trapped = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Trapped);
  assert.deepEqual(
    trapped.filter(({ way }) => way !== 'armed'),
    [],
  );
  assert.ok(new Set(trapped.map(({ pid }) => pid)).size >= 3, 'the trap was in main, library and inference');
});

test('saccade serve listens on the loopback and connects to nothing', async (t) => {
  const folder = temporaryFolder(t, 'network');
  const log = join(folder, 'network.jsonl');
  const child = spawn(process.execPath, [cli, 'serve'], {
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${trap}`,
      NETWORK_LOG: log,
      NETWORK_ALLOWED: '1',
      SACCADE_HOME: join(folder, 'home'),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  const page = await fetch(url.toString().trim(), { redirect: 'manual' });
  assert.ok(page.status < 400);
  child.kill('SIGINT');
  await ended;
  const trapped = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Trapped);
  const ways = trapped.filter(({ way }) => way !== 'armed').map(({ way, target }) => `${way} ${target}`);
  // Node looks up even what is an address already; that asks nobody.
  assert.deepEqual(ways, ['listen 127.0.0.1:0', 'dns 127.0.0.1']);
});

const unshare = ['--user', '--map-root-user', '--net'];
const permitted = spawnSync('unshare', [...unshare, 'true']).status === 0;
test(
  'photos are classified in a network namespace that has no network at all',
  { skip: permitted ? false : 'SKIPPED: this system lets nobody make a network namespace' },
  async (t) => {
    const folder = temporaryFolder(t, 'network');
    await keepPace(join(folder, 'home'));
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [...unshare, process.execPath, cli, 'classify', photo, '--format', 'jsonl'],
      { env: { ...process.env, SACCADE_HOME: join(folder, 'home') }, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /"status":"ok"/);
  },
);

test('saccade models download connects where it was told to and nowhere else, from the library process alone', async (t) => {
  const folder = temporaryFolder(t, 'network');
  const hub = await new HubServer(model).start();
  t.after(() => hub.stop());
  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, 'hf'), NETWORK_ALLOWED: '1' };
  const ended = await run(folder, [cli, 'models', 'download', hub.repository, '--name', 'mine'], env);
  assert.equal(ended.code, 0, ended.err);
  assert.equal(ended.out, 'mine\n');
  assert.match(ended.err, new RegExp(`Installed ${hub.repository}@${commit}`));
  const targets = new Set(escapes(ended).map(({ target }) => target));
  assert.deepEqual(
    [...targets].sort(),
    [hub.endpoint, hub.cdn].map((at) => at.replace('http://', '')).sort(),
  );
  assert.ok(escapes(ended).every(({ main }) => /(library.process\.ts|main.library\.js)$/.test(main)));

  const home = join(folder, 'home');
  await keepPace(home, { modelFolders: [join(home, 'models', 'mine')] });
  const classified = await run(folder, [cli, 'classify', photo, '--model', 'mine', '--format', 'jsonl']);
  assert.equal(classified.code, 0, classified.err);
  assert.match(classified.out, /"model":"mine"/);
  assert.deepEqual(escapes(classified), []);
});

test('a model that can not be had ends saccade models download with a sentence', async (t) => {
  const folder = temporaryFolder(t, 'network');
  const hub = await new HubServer({ 'config.json': '{}', 'pytorch_model.bin': '' }).start();
  t.after(() => hub.stop());
  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, 'hf'), NETWORK_ALLOWED: '1' };
  const ended = await run(folder, [cli, 'models', 'download', hub.repository], env);
  assert.equal(ended.code, 1);
  assert.equal(ended.out, '');
  assert.match(ended.err, /^hub-no-safetensors: /m);
});

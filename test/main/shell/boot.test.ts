import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { verbs } from '../../../main/contract/verbs.ts';
import type { Folder } from '../../../main/contract/entities/folder.ts';
import type { PhotoPage } from '../../../main/contract/entities/photo.ts';
import type { Result } from '../../../main/contract/result.ts';
import { seeded, validRequest, verbNames } from '../broker/requests.ts';
import { ensureBuilt } from '../../built.ts';
import { alive, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { temporaryFolder } from '../../temporary.ts';

before(ensureBuilt);

const photo = join(import.meta.dirname, '..', '..', '..', 'build', 'icons', '256x256.png');

async function opened(desktop: Desktop) {
  return until(async () => {
    const state = await desktop.tell('state');
    return state.windows[0]?.shown ? state : null;
  });
}

async function asked<T>(desktop: Desktop, verb: string, request: unknown): Promise<T> {
  const result = (await desktop.tell('ask', verb, request)) as Result<T>;
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

test('the window has no Node, a sandbox, a world of its own, no spellchecker', async (t) => {
  const desktop = startDesktop(t);
  const { windows, privileges, userData, menu } = await opened(desktop);
  assert.equal(windows.length, 1);
  assert.equal(windows[0]!.url, 'app://saccade/');
  const preferences = windows[0]!.options['webPreferences'] as Record<string, unknown>;
  assert.match(String(preferences['preload']), /preload[\\/]preload\.cjs$/);
  assert.deepEqual(
    { ...preferences, preload: '' },
    {
      preload: '',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
    },
  );
  assert.deepEqual(privileges, [
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  assert.equal(userData, join(desktop.home, 'window'));
  const shortcuts = Object.fromEntries(
    menu.filter((item) => item.accelerator).map((item) => [item.label, item.accelerator]),
  );
  assert.equal(shortcuts['Open Folder…'], 'CmdOrCtrl+O');
  assert.equal(shortcuts['Settings…'], 'CmdOrCtrl+,');
  assert.equal(shortcuts['Find…'], 'CmdOrCtrl+F');
});

test('app: answers for the bundle and for photos of the library, and for nothing else', async (t) => {
  const desktop = startDesktop(t);
  await opened(desktop);
  const folder = join(desktop.home, 'photos #1 %');
  mkdirSync(folder);
  cpSync(photo, join(folder, 'icon.png'));
  const added = await asked<Folder>(desktop, 'folders.add', { path: folder });
  const page = { filter: { folderId: added.id }, sort: { key: 'name', descending: false }, limit: 10 };
  const [item] = await until(async () => {
    const { items } = await asked<PhotoPage>(desktop, 'photos.page', page);
    return items.length > 0 ? items : null;
  });

  const index = await desktop.tell('fetch', 'app://saccade/');
  assert.equal(index.status, 200);
  assert.match(Buffer.from(index.bytes).toString(), /<!doctype html>/i);
  const policy = index.headers['content-security-policy']!;
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  for (const script of Buffer.from(index.bytes)
    .toString()
    .matchAll(/(?:src|href)="\.?(\/[^"]+)"/g))
    assert.equal((await desktop.tell('fetch', `app://saccade${script[1]}`)).status, 200, script[1]);

  const licences = Buffer.from((await desktop.tell('fetch', 'app://saccade/licences.txt')).bytes).toString();
  for (const shipped of ['svelte', 'zod', 'sharp', 'onnxruntime-node', 'better-sqlite3', 'libheif-js'])
    assert.match(licences, new RegExp(`^${shipped} \\d+\\.\\d+.*: \\S`, 'm'));

  const thumbnail = await desktop.tell(
    'fetch',
    `app://saccade/photo/${item!.id}/thumbnail?v=${item!.version}`,
  );
  assert.equal(thumbnail.status, 200, Buffer.from(thumbnail.bytes).toString());
  assert.equal(thumbnail.headers['content-type'], 'image/jpeg');
  assert.equal(Buffer.from(thumbnail.bytes).subarray(0, 3).toString('hex'), 'ffd8ff');
  const rendition = await desktop.tell('fetch', `app://saccade/photo/${item!.id}/rendition?v=1&edge=128`);
  assert.equal(rendition.status, 200);

  for (const address of [
    'app://saccade/photo/999999/thumbnail?v=1',
    'app://saccade/../../package.json',
    'app://saccade/..%2f..%2fpackage.json',
    `app://saccade/${encodeURIComponent(join(folder, 'icon.png'))}`,
    'app://saccade//etc/passwd',
    'app://elsewhere/',
    'app://elsewhere/index.html',
  ])
    assert.equal((await desktop.tell('fetch', address)).status, 404, address);
  assert.equal((await desktop.tell('fetch', 'app://saccade/', 'POST')).status, 405);

  await asked(desktop, 'photos.reveal', { photoId: item!.id });
  assert.deepEqual((await desktop.tell('state')).revealed, [join(folder, 'icon.png')]);
  const stranger = (await desktop.tell('ask', 'photos.reveal', { photoId: 999999 })) as Result<null>;
  assert.equal(stranger.ok, false, 'only what the library knows can be shown');
});

test('leaving, new windows, embedding, permissions and other schemes are refused', async (t) => {
  const desktop = startDesktop(t);
  await opened(desktop);
  for (const url of [
    'https://evil.example/',
    'file:///etc/passwd',
    'app://saccade/other',
    'app://elsewhere/',
    'javascript:1',
  ]) {
    assert.equal(await desktop.tell('refuses', 'will-navigate', { url }), true, url);
    assert.equal(await desktop.tell('refuses', 'will-frame-navigate', { url, isMainFrame: true }), true, url);
    assert.deepEqual(await desktop.tell('open', url), { action: 'deny' });
  }
  const own = 'app://saccade/';
  for (const url of [own, `${own}#photo`, `${own}index.html`])
    assert.equal(await desktop.tell('refuses', 'will-navigate', { url }), false);
  assert.equal(await desktop.tell('refuses', 'will-frame-navigate', { url: own, isMainFrame: false }), true);
  assert.equal(await desktop.tell('refuses', 'will-redirect', { url: own }), true);
  assert.equal(await desktop.tell('refuses', 'will-attach-webview', {}), true);
  for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal'])
    assert.deepEqual(await desktop.tell('permission', name), { request: false, check: false, device: false });
  for (const url of [
    'https://evil.example/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'ws://evil.example/',
    'chrome://gpu/',
  ])
    assert.deepEqual(await desktop.tell('request', url), { cancel: true }, url);
  assert.deepEqual(await desktop.tell('request', 'app://saccade/'), { cancel: false });
});

test('every verb is answered; a stranger is rejected before the verb is looked at', async (t) => {
  const desktop = startDesktop(t);
  await opened(desktop);
  const random = seeded(4);
  // Deleting everything comes last, and what connects to the outside is left to its own tests.
  const order = verbNames.filter((verb) => verb !== 'data.deleteAll' && verb !== 'models.download');
  for (const verb of [...order, 'data.deleteAll' as const]) {
    const result = (await desktop.tell('ask', verb, validRequest(random, verb))) as Result<unknown>;
    if (result.ok) continue;
    assert.doesNotMatch(
      result.error.code,
      /^(unknown-verb|bad-request|internal)$/,
      `${verb}: ${result.error.message}`,
    );
    assert.match(result.error.message, /\S \S/);
  }
  assert.ok(verbs['app.info']);
  const info = await asked<{ host: string; dataFolder: string; can: object }>(desktop, 'app.info', {});
  assert.equal(info.host, 'electron');
  assert.equal(info.dataFolder, desktop.home);
  assert.deepEqual(new Set(Object.values(info.can)), new Set([true]));
  for (const sender of ['foreign frame', 'no frame', 'foreign page'] as const)
    await assert.rejects(desktop.tell('ask', 'app.info', {}, sender), /own page/, sender);
});

test('dialogs answer with what was chosen; settings change theme and menu', async (t) => {
  const desktop = startDesktop(t);
  await opened(desktop);
  assert.deepEqual(await asked(desktop, 'dialog.openFolders', {}), { paths: [] });
  await desktop.tell('set', { openDialog: ['/a', '/b'] });
  assert.deepEqual(await asked(desktop, 'dialog.openFolders', {}), { paths: ['/a', '/b'] });
  assert.deepEqual(await asked(desktop, 'dialog.openModel', { kind: 'file' }), { path: '/a' });
  await asked(desktop, 'settings.set', { theme: 'dark', language: 'zh-CN' });
  await until(async () => {
    const { theme, menu } = await desktop.tell('state');
    return theme === 'dark' && menu.some((item) => item.label === '打开文件夹…');
  });
});

test('a folder of the command line, of a second start and of the menu reach the interface once it listens', async (t) => {
  const [one, other] = [tmpdir(), homedir()];
  const first = startDesktop(t, { args: [one] });
  assert.deepEqual((await opened(first)).lockData, { folder: one });
  const commands = async () =>
    (await first.tell('state')).windows[0]!.sent.filter(([, name]) => name === 'app.command').map(
      (sent) => sent[2],
    );
  assert.deepEqual(await commands(), []);
  await first.tell('listen', 'foreign frame');
  assert.deepEqual(await commands(), []);
  await first.tell('listen');
  await first.tell('emit', 'second-instance', {}, [], '/', { folder: other });
  await first.tell('emit', 'second-instance', {}, [], '/', { folder: null });
  await first.tell('click', 'Keyboard Shortcuts');
  assert.deepEqual(await commands(), [
    { command: 'open-folder', path: one },
    { command: 'open-folder', path: other },
    { command: 'keys' },
  ]);
  const second = startDesktop(t, { args: [other], env: { STAND_IN_SECOND: '1' } });
  assert.equal(await second.ended, 0);
});

test('a page that crashes is reloaded, one that keeps crashing is asked about', async (t) => {
  const desktop = startDesktop(t);
  await opened(desktop);
  await desktop.tell('crash', 'crashed');
  assert.equal((await desktop.tell('state')).windows[0]!.reloads, 1);
  await desktop.tell('crash', 'oom');
  const { windows, dialogs } = await until(async () => {
    const state = await desktop.tell('state');
    return state.windows[0]!.reloads === 2 ? state : null;
  });
  assert.equal(windows.length, 1);
  assert.match(JSON.stringify(dialogs), /oom/);
});

test('a killed library is started again and said so; the next question is answered', async (t) => {
  const desktop = startDesktop(t);
  const { children } = await opened(desktop);
  const library = children.find(({ name }) => name === 'Saccade library')!;
  process.kill(library.pid, 'SIGKILL');
  await until(async () => {
    const { windows } = await desktop.tell('state');
    return windows[0]!.sent.some(([, name, payload]) => {
      const { process: ended } = payload as { process?: string };
      return name === 'process.restarted' && ended === 'library';
    });
  });
  assert.ok(await asked(desktop, 'settings.get', {}));
});

test('closing the window remembers its place, ends the application and leaves no process', async (t) => {
  const desktop = startDesktop(t);
  const { children } = await opened(desktop);
  await asked(desktop, 'settings.get', {});
  void desktop.tell('close').catch(() => {});
  assert.equal(await desktop.ended, 0, desktop.output());
  for (const { pid, name } of children) await until(async () => !alive(pid) || (assert.ok(name), false));
  const again = startDesktop(t, { env: { SACCADE_HOME: desktop.home } });
  const { windows } = await opened(again);
  const { x, y, width, height } = windows[0]!.options;
  assert.deepEqual({ x, y, width, height }, { x: 10, y: 20, width: 1000, height: 700 });
});

test('a data folder that cannot be made is named, and ends it', async (t) => {
  const desktop = startDesktop(t, { env: { SACCADE_HOME: join(photo, 'inside a file') } });
  assert.equal(await desktop.ended, 1);
  assert.match(desktop.output(), /256x256\.png/);
});

test('no window opens without the sandbox', async (t) => {
  const desktop = startDesktop(t, { args: ['--no-sandbox'] });
  assert.equal(await desktop.ended, 1);
  assert.match(desktop.output(), /started with --no-sandbox.*\(no-sandbox\)/);
});

test('without the interface it says what is missing, and ends', async (t) => {
  const folder = temporaryFolder(t, 'incomplete');
  const root = join(import.meta.dirname, '..', '..', '..');
  cpSync(join(root, 'out', 'main'), join(folder, 'out', 'main'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const desktop = startDesktop(t, { module: join(folder, 'out', 'main', 'desktop.js') });
  assert.equal(await desktop.ended, 1);
  assert.match(desktop.output(), /no index\.html.*\(no-interface\)/);
});

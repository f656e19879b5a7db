import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { chromium } from '@playwright/test';
import type { BrowserContext } from '@playwright/test';
import { startServer } from '../../../main/serve/server.ts';
import { findChromium } from '../../e2e/hosts.ts';
import { libraryStandIn } from '../broker/library-stand-in.ts';
import { rendererFolder } from './browser.ts';

const browser = findChromium();
const skip = browser
  ? false
  : 'SKIPPED: no Chromium on this machine ("npx playwright install chromium" fetches one)';

async function open(t: TestContext): Promise<BrowserContext> {
  const opened = await chromium.launch({
    executablePath: browser ?? undefined,
    // Only root on Linux needs it, as in containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  t.after(() => opened.close());
  return opened.newContext();
}

async function serve(t: TestContext, script: string) {
  const folder = rendererFolder(t);
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>Saccade</title><script type="module" src="/assets/page.js"></script>' +
      '<script>document.title = "inline script ran"</script><p id="found"></p>',
  );
  writeFileSync(join(folder, 'assets', 'page.js'), script);
  const library = libraryStandIn(() => ({ ok: true, value: null }));
  const facts = { version: '1', dataFolder: '/data', samplesFolder: '/samples' };
  const served = await startServer({ port: 0, library, rendererFolder: folder, ...facts });
  t.after(() => served.close());
  return { served, library };
}

test('in a real browser the page talks to its host, and may do nothing else', { skip }, async (t) => {
  const script = `
    const found = [];
    const tell = (text) => (document.querySelector('#found').textContent = (found.push(text), found.join('; ')));
    const socket = new WebSocket('ws://' + location.host + '/wire');
    socket.onopen = () => socket.send('{"id":1,"verb":"runs.current","request":{}}');
    socket.onmessage = ({ data }) => tell('answer ' + data);
    fetch('http://127.0.0.1:1/').catch(() => tell('no other origin'));
    try { document.querySelector('p').innerHTML = '<b>' } catch { tell('no markup from text') }
    try { new Function('tell("eval")')() } catch { tell('no eval') }`;
  const { served } = await serve(t, script);
  const page = await (await open(t)).newPage();
  await page.goto(served.url);
  assert.equal(page.url(), `http://127.0.0.1:${served.port}/`, 'the token has left the address');
  await page.waitForFunction(() => document.querySelector('#found')!.textContent!.split('; ').length === 4);
  assert.deepEqual((await page.textContent('#found'))!.split('; ').sort(), [
    'answer {"id":1,"result":{"ok":true,"value":null}}',
    'no eval',
    'no markup from text',
    'no other origin',
  ]);
  assert.equal(await page.title(), 'Saccade');
});

test(
  'a page on another port of this machine gets nothing, although the browser has the cookie',
  { skip },
  async (t) => {
    const { served, library } = await serve(t, 'export {};');
    const host = `http://127.0.0.1:${served.port}`;
    const evil = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<script>
      window.found = [];
      const socket = new WebSocket('ws://127.0.0.1:${served.port}/wire');
      socket.onopen = () => found.push('SOCKET OPEN');
      socket.onerror = () => found.push('no socket');
      fetch('${host}/', { credentials: 'include' }).then(() => found.push('FETCHED'), () => found.push('no fetch'));
      fetch('${host}/photo/1/thumbnail', { credentials: 'include', mode: 'no-cors' })
        .then(() => found.push('FETCHED OPAQUE'), () => found.push('no opaque fetch'));
    </script>
    <img src="${host}/photo/1/thumbnail" onload="found.push('PICTURE')" onerror="found.push('no picture')">
    <script src="${host}/assets/page.js" onload="found.push('SCRIPT')" onerror="found.push('no script')"></script>`);
    }).listen(0, '127.0.0.1');
    t.after(() => evil.close());
    await new Promise((resolve) => evil.on('listening', resolve));

    const context = await open(t);
    const page = await context.newPage();
    await page.goto(served.url);
    assert.equal((await context.cookies()).length, 1);
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    await other.waitForFunction(() => (window as unknown as { found: string[] }).found.length === 5);
    const found = await other.evaluate(() => (window as unknown as { found: string[] }).found.sort());
    assert.deepEqual(found, ['no fetch', 'no opaque fetch', 'no picture', 'no script', 'no socket']);
    assert.deepEqual(library.asked, []);
  },
);

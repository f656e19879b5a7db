import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startServer } from '../../../main/serve/server.ts';
import { libraryStandIn } from '../broker/library-stand-in.ts';
import { get, rendererFolder, serve, signIn } from './browser.ts';

const tokenPath = (url: string) => new URL(url).pathname + new URL(url).search;

test('the token in the address works once, and becomes a cookie no script and no other site can use', async (t) => {
  const served = await serve(t, libraryStandIn());
  const first = await get(served.port, tokenPath(served.url));
  assert.equal(first.status, 303);
  assert.equal(first.headers.location, '/');
  const cookie = first.headers['set-cookie']![0]!;
  assert.match(cookie, /^saccade-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.ok(!cookie.includes(new URL(served.url).searchParams.get('token')!));

  const again = await get(served.port, tokenPath(served.url));
  assert.equal(again.status, 401);
  assert.equal(again.headers['set-cookie'], undefined);
  assert.match(again.body.toString(), /a token works once/);

  const page = await get(served.port, '/', { Cookie: `other=1; ${cookie.split(';')[0]}` });
  assert.equal(page.status, 200);
  assert.match(page.body.toString(), /Saccade/);
  const reopened = await get(served.port, tokenPath(served.url), { Cookie: cookie.split(';')[0] });
  assert.equal(reopened.status, 303, 'who is in already may use the old address');
});

test('a wrong token, HEAD, or a prefetching browser does not spend it', async (t) => {
  const served = await serve(t, libraryStandIn());
  assert.equal((await get(served.port, '/?token=')).status, 401);
  assert.equal((await get(served.port, '/?token=' + 'A'.repeat(43))).status, 401);
  assert.equal((await get(served.port, tokenPath(served.url), {}, 'HEAD')).status, 401);
  assert.equal((await get(served.port, tokenPath(served.url), { 'Sec-Purpose': 'prefetch' })).status, 401);
  assert.equal((await get(served.port, tokenPath(served.url))).status, 303);
});

test('nothing is answered without the cookie', async (t) => {
  const library = libraryStandIn();
  const served = await serve(t, library);
  for (const path of ['/', '/index.html', '/assets/index-abc123.js', '/photo/1/thumbnail', '/nothing'])
    for (const Cookie of ['', 'saccade=1', `saccade-${served.port}=`, `saccade-${served.port}=x`])
      assert.equal((await get(served.port, path, { Cookie })).status, 401);
  assert.deepEqual(library.asked, []);
});

test('a foreign Host (DNS rebinding), Origin or site is refused although the cookie is right', async (t) => {
  const served = await serve(t, libraryStandIn());
  const Cookie = await signIn(served);
  const host = `127.0.0.1:${served.port}`;
  const refused = [
    { Host: 'evil.example' },
    { Host: `evil.example:${served.port}` },
    { Host: `127.0.0.1.evil.example:${served.port}` },
    { Host: '127.0.0.1@evil.example' },
    { Host: host, Origin: 'https://evil.example' },
    { Host: host, Origin: 'null' },
    { Host: host, Origin: 'http://127.0.0.1:1' },
    { Host: host, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'image' },
    { Host: host, 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Dest': 'image' },
    { Host: host, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
  ];
  for (const headers of refused) {
    const response = await get(served.port, '/', { Cookie, ...headers });
    assert.equal(response.status, 403, JSON.stringify(headers));
    assert.match(response.body.toString(), /^Expected .*found/);
  }
  const allowed = [
    { Host: `localhost:${served.port}` },
    { Host: `[::1]:${served.port}` },
    { Host: 'localhost:9000' },
    { Host: host, Origin: `http://${host}` },
    {
      Host: host,
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    },
  ];
  for (const headers of allowed)
    assert.equal((await get(served.port, '/', { Cookie, ...headers })).status, 200, JSON.stringify(headers));
});

test('every answer carries the policy and none carries CORS', async (t) => {
  const served = await serve(t, libraryStandIn());
  const Cookie = await signIn(served);
  for (const [path, headers] of [
    ['/', { Cookie }],
    ['/', {}],
    ['/nothing', { Cookie }],
    ['/', { Cookie, Host: 'evil.example' }],
  ] as const) {
    const response = await get(served.port, path, headers);
    const policy = String(response.headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
    assert.equal(response.headers['cross-origin-resource-policy'], 'same-origin');
    for (const name of Object.keys(response.headers)) assert.doesNotMatch(name, /^access-control/);
  }
});

test('only files of the bundle are served; no path leads out of it, source maps are not in it', async (t) => {
  const served = await serve(t, libraryStandIn());
  const Cookie = await signIn(served);
  const script = await get(served.port, '/assets/index-abc123.js', { Cookie });
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(script.headers['cache-control']!, /immutable/);
  assert.equal((await get(served.port, '/', { Cookie })).headers['cache-control'], 'no-cache');
  for (const path of [
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/assets/..%5c..%5cindex.html',
    '/assets/../../etc/passwd',
    '/assets',
    '/assets/',
    '/assets/index-abc123.js.map',
    '/assets/index-abc123.js%00',
    '//etc/passwd',
    '/file:///etc/passwd',
  ])
    assert.match(String((await get(served.port, path, { Cookie })).status), /^40[04]$/, path);
  assert.equal((await get(served.port, 'http://evil.example/', { Cookie })).status, 400);
  assert.equal((await get(served.port, '/', { Cookie }, 'POST')).status, 405);
});

test('thumbnails and renditions come from the library, cached for ever where the address has a version', async (t) => {
  const bytes = Uint8Array.of(1, 2, 3);
  const library = libraryStandIn((verb, request: { photoId: number }) =>
    request.photoId === 7 && verb.startsWith('internal.')
      ? { ok: true, value: { bytes, type: 'image/webp' } }
      : { ok: false, error: { code: 'no-photo', message: 'Expected a photo of the library, found none.' } },
  );
  const served = await serve(t, library);
  const Cookie = await signIn(served);
  const thumbnail = await get(served.port, '/photo/7/thumbnail?v=abc', { Cookie });
  assert.deepEqual([...thumbnail.body], [1, 2, 3]);
  assert.equal(thumbnail.headers['content-type'], 'image/webp');
  assert.equal(thumbnail.headers['cache-control'], 'private, max-age=31536000, immutable');
  await get(served.port, '/photo/7/rendition?v=abc&edge=1600', { Cookie });
  assert.deepEqual(library.asked, [
    { verb: 'internal.thumbnail', request: { photoId: 7 } },
    { verb: 'internal.rendition', request: { photoId: 7, edge: 1600 } },
  ]);
  assert.equal(
    (await get(served.port, '/photo/7/thumbnail', { Cookie })).headers['cache-control'],
    'no-cache',
  );
  const unknown = await get(served.port, '/photo/8/thumbnail?v=1', { Cookie });
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.toString(), /Expected a photo of the library.*\(no-photo\)/);
  for (const edge of ['0', '-1', '1e9', 'x', '100.5'])
    assert.equal((await get(served.port, `/photo/7/rendition?edge=${edge}`, { Cookie })).status, 400);
  for (const path of ['/photo/0/thumbnail', '/photo/07/thumbnail', '/photo/1e3/thumbnail', '/photo/7/path'])
    assert.equal((await get(served.port, path, { Cookie })).status, 404);
});

test('listens on the loopback interface only', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address && !address.internal && address.family === 'IPv4');
  if (!outside) return t.skip('SKIPPED: this machine has no other interface');
  const served = await serve(t, libraryStandIn());
  const code = await new Promise<string>((resolve) => {
    const socket = connect(served.port, outside.address, () => resolve('connected'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
  assert.equal(code, 'ECONNREFUSED');
});

test('a taken port and an interface that is not built are refused with what to do', async (t) => {
  const served = await serve(t, libraryStandIn());
  const options = { library: libraryStandIn(), version: '0', dataFolder: '/', samplesFolder: '/' };
  await assert.rejects(startServer({ ...options, port: served.port, rendererFolder: rendererFolder(t) }), {
    code: 'port-taken',
    message: /Choose another with --port/,
  });
  await assert.rejects(startServer({ ...options, port: 0, rendererFolder: '/no such folder' }), {
    code: 'no-interface',
    message: /Run "npm run build"/,
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commit } from './hub-server.ts';
import { setUp } from './setting.ts';

const child = fileURLToPath(new URL('proxy-child.ts', import.meta.url));

test('a proxy of the environment is used, without a flag for Node', async (t) => {
  const { hub } = await setUp(t);
  const { port } = new URL(hub.endpoint);
  const asked: string[] = [];
  // Whether Node tunnels plain http or has the proxy ask is its own affair.
  const proxy = createServer((request, response) => {
    asked.push(new URL(request.url!).host);
    const { pathname, search } = new URL(request.url!);
    const passed = httpRequest({ port, host: '127.0.0.1', path: pathname + search }, (answer) =>
      answer.pipe(response),
    );
    request.pipe(passed);
  });
  proxy.on('connect', (request, socket) => {
    asked.push(request.url!);
    const passed = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      passed.pipe(socket).pipe(passed);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { ...process.env };
  delete env['NODE_USE_ENV_PROXY'];
  const running = spawn(process.execPath, [child], {
    env: {
      ...env,
      HF_ENDPOINT: 'http://hub.example',
      HTTP_PROXY: address,
      http_proxy: address,
      NO_PROXY: '',
      no_proxy: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.equal(await text(running.stdout), `${commit}\n`.repeat(2));
  assert.ok(asked.length > 0 && asked.every((host) => host.startsWith('hub.example')));
});

test('past a proxy that can’t be used nothing goes, however often it is asked', async (t) => {
  const { hub } = await setUp(t);
  const unusable = 'no address: at all';
  const running = spawn(process.execPath, [child], {
    env: { ...process.env, HF_ENDPOINT: hub.endpoint, HTTP_PROXY: unusable, http_proxy: unusable },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.equal(await text(running.stdout), 'hub-proxy\n'.repeat(2));
});

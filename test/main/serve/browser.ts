/** What a browser would send, without being one: so that every header can be wrong on purpose. */
import { request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { LibrarySide } from '../../../main/broker/library.ts';
import { startServer } from '../../../main/serve/server.ts';
import type { Served } from '../../../main/serve/server.ts';
import { decode } from '../../../main/contract/wire.ts';
import { temporaryFolder } from '../../temporary.ts';

export interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** `path` goes onto the wire as it is: no normalising. */
export function get(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') {
  return new Promise<Response>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

export function rendererFolder(t: TestContext): string {
  const folder = temporaryFolder(t, 'renderer');
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Saccade</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'index-abc123.js.map'), '{}');
  return folder;
}

/** A server on a free port, closed at the test's end. */
export async function serve(t: TestContext, library: LibrarySide): Promise<Served> {
  const served = await startServer({
    port: 0,
    library,
    rendererFolder: rendererFolder(t),
    version: '1.2.3',
    dataFolder: '/data',
    samplesFolder: '/samples',
  });
  t.after(() => served.close());
  return served;
}

/** Opens the printed address once; answers the Cookie header for what follows. */
export async function signIn(served: Served): Promise<string> {
  const response = await get(served.port, new URL(served.url).pathname + new URL(served.url).search);
  return response.headers['set-cookie']![0]!.split(';')[0]!;
}

export interface Line {
  socket: WebSocket;
  /** The next message, decoded. */
  next(): Promise<unknown>;
  closed: Promise<number>;
}

/** Rejects with the server's status where the handshake is refused. */
export function dial(port: number, headers: Record<string, string>, path = '/wire'): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    const waiting: ((message: unknown) => void)[] = [];
    const arrived: unknown[] = [];
    socket.on('message', (data) => {
      const message = decode((data as Buffer).toString());
      const taker = waiting.shift();
      if (taker) taker(message);
      else arrived.push(message);
    });
    const closed = new Promise<number>((done) => socket.on('close', done));
    socket.on('unexpected-response', (_request, response) => {
      reject(new Error(`refused with ${response.statusCode}`));
      socket.terminate();
    });
    socket.on('error', reject);
    socket.on('open', () =>
      resolve({
        socket,
        closed,
        next: () =>
          arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise((taker) => waiting.push(taker)),
      }),
    );
  });
}

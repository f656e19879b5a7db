/** The browser host: the renderer's bundle over HTTP and the contract over a WebSocket, on the loopback interface only. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { SaccadeError } from '../../models/error.ts';
import type { Broker } from '../broker/broker.ts';
import { listBundle } from '../broker/bundle.ts';
import { contentOf } from '../broker/content.ts';
import type { LibrarySide } from '../broker/library.ts';
import { wirePath } from '../contract/wire.ts';
import { createGate, refusal } from './gate.ts';
import type { Gate } from './gate.ts';
import { pages } from './pages.ts';
import { browserServices } from './services.ts';
import type { HostFacts } from './services.ts';
import { attach, largestQuestion } from './socket.ts';

// Not by `import`, which reads every property of the module, and with `WebSocket` the whole of undici: 45 ms.
const { createServer } = process.getBuiltinModule('node:http');

export interface ServeOptions extends HostFacts {
  /** 0: any free one. */
  port: number;
  library: LibrarySide;
  /** Holds the built index.html. */
  rendererFolder: string;
}

export interface Served {
  /** To open once: its token becomes a cookie. */
  url: string;
  port: number;
  close(): Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const message = `Expected port ${port} to be free on 127.0.0.1, found: ${error.message}. Choose another with --port.`;
      reject(taken ? new SaccadeError('port-taken', message, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function refuse(socket: Duplex, status: string, sentence: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
  );
}

function acceptSockets(server: Server, gate: Gate): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestQuestion,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refused = refusal(request.headers, true);
    if (refused) return refuse(socket, '403 Forbidden', refused);
    if (!gate.knows(request.headers))
      return refuse(socket, '401 Unauthorized', 'Expected the cookie, found none.');
    if (request.url !== wirePath) return refuse(socket, '404 Not Found', `Expected ${wirePath}.`);
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  return sockets;
}

/** Throws SaccadeError `no-interface` where the renderer is not built, `port-taken` where the port is in use. */
export async function startServer(options: ServeOptions): Promise<Served> {
  const bundle = listBundle(options.rendererFolder);
  const { version, dataFolder, samplesFolder } = options;
  let broker: Promise<Broker> | null = null;
  const readBroker = () =>
    (broker ??= import('../broker/broker.ts').then(({ createBroker }) =>
      createBroker(options.library, browserServices({ version, dataFolder, samplesFolder }, options.library)),
    ));
  const server = createServer({ maxHeaderSize: 16_384 });
  const port = await listen(server, options.port);
  const gate = createGate(port);
  const answer = pages(gate, contentOf(bundle, options.library));
  server.on('request', (request, response) => {
    // The contract's schemas take a tenth of a second to read: while the page reads its script.
    if (request.url?.endsWith('.js')) response.once('finish', () => void readBroker());
    void answer(request, response);
  });
  const sockets = acceptSockets(server, gate);
  sockets.on('connection', async (socket) => {
    socket.pause();
    attach(socket, await readBroker());
    socket.resume();
  });
  return {
    url: `http://127.0.0.1:${port}/?token=${gate.token}`,
    port,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'Saccade is closing.');
      const closed = new Promise((resolve) => server.close(resolve));
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, 500);
      server.closeIdleConnections();
      await closed;
      clearTimeout(cut);
    },
  };
}

/** A loopback server that behaves as the Hub does, with a CDN on another origin, and that can be told to misbehave. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const commit = '0123456789abcdef0123456789abcdef01234567';

export interface Exchange {
  hub: HubServer;
  request: IncomingMessage;
  response: ServerResponse;
  /** What the file holds. */
  content: Buffer;
  /** First byte asked for. */
  start: number;
}

/** Answers one request in the place of the server. */
export type Fault = (exchange: Exchange) => void;

export interface HubRequest {
  host: 'hub' | 'cdn';
  path: string;
  headers: IncomingMessage['headers'];
}

export class HubServer {
  /** Origin of the Hub, of the CDN. */
  endpoint = '';
  cdn = '';
  readonly repository = 'owner/tiny-vit';
  readonly files = new Map<string, Buffer>();
  readonly requests: HubRequest[] = [];
  /** Faults by file name, `header` (the beginning of weights alone) or `api`; each is used once, in order. */
  readonly faults = new Map<string, Fault[]>();
  /** Demanded of every request to the Hub where set. */
  token: string | null = null;
  gated = false;
  /** Set by the test from the download's progress: what a broken connection had delivered is not left to chance. */
  received = 0;
  discussions: unknown[] = [];
  readonly #servers: Server[] = [];

  constructor(files: Record<string, string | Buffer>) {
    for (const [name, content] of Object.entries(files)) this.files.set(name, Buffer.from(content));
  }

  async start(): Promise<this> {
    const listen = async (server: Server) => {
      this.#servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    this.endpoint = await listen(createServer((request, response) => this.#hub(request, response)));
    this.cdn = await listen(createServer((request, response) => this.#cdn(request, response)));
    return this;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  fail(name: string, ...faults: Fault[]): void {
    this.faults.set(name, faults);
  }

  /** Requests for the content of one file, as they reached its last server. */
  contentRequests(name: string): HubRequest[] {
    return this.requests.filter(({ path }) => path.startsWith(`/content/`) && path.endsWith(`/${name}`));
  }

  #hub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.endpoint);
    this.requests.push({ host: 'hub', path: url.pathname, headers: request.headers });
    const refuse = (status: number, code: string) => {
      response.writeHead(status, { 'x-error-code': code }).end('no');
    };
    const api = `/api/models/${this.repository}`;
    if (url.pathname.startsWith('/content/')) return this.#content(request, response, url.pathname);
    if (url.pathname.startsWith('/api/')) {
      const fault = this.faults.get('api')?.shift();
      if (fault) return fault({ hub: this, request, response, content: Buffer.alloc(0), start: 0 });
    }
    const authorised = this.token === null || request.headers.authorization === `Bearer ${this.token}`;
    if (!authorised) return refuse(401, 'RepoNotFound');
    if (url.pathname === `${api}/discussions`)
      return void response.end(JSON.stringify({ discussions: this.discussions }));
    const revision = url.pathname.startsWith(`${api}/revision/`) && url.pathname.split('/').at(-1)!;
    if (revision) {
      if (!['main', commit].includes(revision)) return refuse(404, 'RevisionNotFound');
      return void response.end(JSON.stringify(this.#about()));
    }
    const file = new RegExp(`^/${this.repository}/resolve/${commit}/(.+)$`).exec(url.pathname)?.[1];
    if (!file) return refuse(401, 'RepoNotFound');
    if (!this.files.has(file)) return refuse(404, 'EntryNotFound');
    if (this.gated) return refuse(403, 'GatedRepo');
    // Small files stay on the Hub's own origin, large ones lie elsewhere.
    const location = isLarge(file) ? `${this.cdn}/content/${file}` : `/content/${file}`;
    response.writeHead(isLarge(file) ? 302 : 307, { location }).end();
  }

  #cdn(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url!, this.cdn);
    this.requests.push({ host: 'cdn', path: pathname, headers: request.headers });
    this.#content(request, response, pathname);
  }

  #content(request: IncomingMessage, response: ServerResponse, path: string): void {
    const name = path.split('/').at(-1)!;
    const content = this.files.get(name)!;
    const etag = `"${sha256(content)}"`;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const start = range && same ? Number(range[1]) : 0;
    const beginning = /^bytes=0-(\d+)$/.exec(request.headers.range ?? '');
    const fault = this.faults.get(beginning ? 'header' : name)?.shift();
    if (fault) return fault({ hub: this, request, response, content, start });
    if (beginning) {
      const last = Number(beginning[1]);
      response.writeHead(206, { 'content-range': `bytes 0-${last}/${content.length}` });
      return void response.end(content.subarray(0, last + 1));
    }
    sendFrom(response, content, start, etag);
  }

  #about(): unknown {
    const siblings = [...this.files].map(([rfilename, content]) => ({
      rfilename,
      size: content.length,
      blobId: gitHash(isLarge(rfilename) ? Buffer.from('pointer') : content),
      ...(isLarge(rfilename)
        ? { lfs: { sha256: sha256(content), size: content.length, pointerSize: 134 } }
        : {}),
    }));
    return { id: this.repository, sha: commit, tags: ['license:mit'], siblings };
  }
}

const isLarge = (name: string) => /\.(safetensors|bin)$/.test(name);

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
export const gitHash = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

function sendFrom(response: ServerResponse, content: Buffer, start: number, etag: string): void {
  const length = content.length - start;
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': length,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
  });
  response.end(content.subarray(start));
}

/** Headers as for the whole, and only so many bytes of it; `then` says what happens to the connection. */
export const partly =
  (bytes: number, then: 'stall' | 'break'): Fault =>
  ({ hub, response, content, start }) => {
    const goal = hub.received + bytes;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: `"${sha256(content)}"`,
      'content-length': content.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    response.write(content.subarray(start, start + bytes));
    if (then === 'stall') return;
    const timer = setInterval(() => {
      if (hub.received < goal) return;
      clearInterval(timer);
      response.destroy();
    }, 1);
    response.on('close', () => clearInterval(timer));
  };

export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  ({ response }) =>
    void response.writeHead(code, headers).end('no');

/** As many bytes as expected, and other ones. */
export const otherContent: Fault = ({ response, content }) =>
  void response.end(Buffer.alloc(content.length, 7));

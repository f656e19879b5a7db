/** A loopback package feed in NuGet's format with one made-up package, that can be told to misbehave. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { packageFolder, packageVersion } from '../../../main/inference/runtime/native.ts';
import { folderInPackage, packageName } from '../../../main/providers/cuda.ts';

/** A zip archive, each file deflated (PKWARE's APPNOTE 4.3.7, 4.3.12, 4.3.16). */
export function zip(files: Record<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content, { level: 1 });
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(8, 4);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), packed]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), about, where, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** A library that the loader can read, and that needs one of a name that no system has. */
export function libraryThatNeeds(name: string): Buffer {
  const library = readFileSync(join(packageFolder(), 'onnxruntime_binding.node'));
  const needed = 'libonnxruntime.so.1\0';
  const at = library.indexOf(needed);
  library.fill(0, at, at + needed.length);
  library.write(name, at, needed.length - 1, 'latin1');
  return library;
}

export const missingName = 'libmadeup.so.9';
export const libraries: Record<string, Buffer> = {
  'libonnxruntime_providers_shared.so': Buffer.from('shared'),
  'libonnxruntime_providers_cuda.so':
    process.platform === 'linux' ? libraryThatNeeds(missingName) : Buffer.alloc(0),
};

export const archiveOf = (files: Record<string, Buffer>): Buffer =>
  zip({
    'readme.md': Buffer.from('not wanted'),
    ...Object.fromEntries(Object.entries(files).map(([name, data]) => [`${folderInPackage}/${name}`, data])),
  });

type Fault = (response: ServerResponse, content: Buffer, start: number) => void;

export class FeedServer {
  origin = '';
  archive = archiveOf(libraries);
  /** Where set, told instead of the archive's own. */
  hash: string | null = null;
  algorithm = 'SHA512';
  /** Leaves in a document of their own, as large registrations have them. */
  paged = false;
  /** Used once each, in order, for requests of the archive. */
  readonly faults: Fault[] = [];
  readonly requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  /** Bytes that the test saw arriving. */
  received = 0;
  #server: Server | null = null;

  get index(): string {
    return `${this.origin}/v3/index.json`;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  get ranges(): (string | undefined)[] {
    return this.requests.filter(({ path }) => path.endsWith('.nupkg')).map(({ headers }) => headers.range);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path } = new URL(request.url!, this.origin);
    this.requests.push({ path, headers: request.headers });
    const { origin } = this;
    const [id, version] = [packageName.toLowerCase(), packageVersion()];
    const content = `${origin}/content/${id}/${version}/${id}.${version}.nupkg`;
    const leaf = (of: string) => ({
      catalogEntry: { '@id': `${origin}/catalog/${of}.json`, version: of },
      packageContent: content,
    });
    const items = [leaf('1.0.0'), leaf(version)];
    const documents: Record<string, unknown> = {
      '/v3/index.json': {
        version: '3.0.0',
        resources: [
          { '@id': `${origin}/content/`, '@type': 'PackageBaseAddress/3.0.0' },
          { '@id': `${origin}/registration/`, '@type': 'RegistrationsBaseUrl' },
        ],
      },
      [`/registration/${id}/index.json`]: {
        items: [{ '@id': `${origin}/registration/page.json`, ...(this.paged ? {} : { items }) }],
      },
      '/registration/page.json': { items },
      [`/catalog/${version}.json`]: {
        packageHash: this.hash ?? createHash('sha512').update(this.archive).digest('base64'),
        packageHashAlgorithm: this.algorithm,
        packageSize: this.archive.length,
      },
    };
    if (path in documents) return void response.end(JSON.stringify(documents[path]));
    if (!path.endsWith('.nupkg')) return void response.writeHead(404).end();
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const fault = this.faults.shift();
    if (fault) return fault(response, this.archive, start);
    this.#head(response, start);
    response.end(this.archive.subarray(start));
  }

  #head(response: ServerResponse, start: number): void {
    const { length } = this.archive;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"one"',
      'content-length': length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${length - 1}/${length}` } : {}),
    });
  }

  /** Sends so many bytes and, once they have arrived, closes the connection. */
  breaksAfter(bytes: number): void {
    this.faults.push((response, content, start) => {
      const goal = start + bytes;
      this.#head(response, start);
      response.write(content.subarray(start, goal));
      const timer = setInterval(() => {
        if (this.received < goal) return;
        clearInterval(timer);
        response.destroy();
      }, 1);
      response.on('close', () => clearInterval(timer));
    });
  }
}

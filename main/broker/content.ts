/** What either host answers to an address of the renderer: files of its bundle, thumbnails and renditions. */
import { readFile } from 'node:fs/promises';
import type { BundleFile } from './bundle.ts';
import { askInternal } from './library.ts';
import type { LibrarySide } from './library.ts';
import { securityHeaders } from './policy.ts';

export interface Content {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/** Addresses are `/photo/<id>/thumbnail?v=<version>` and `/photo/<id>/rendition?v=<version>&edge=<pixels>`. */
const photoAddress = /^\/photo\/([1-9][0-9]{0,14})\/(thumbnail|rendition)$/;
const edges = { smallest: 64, usual: 2048, largest: 8192 };
const forever = 'private, max-age=31536000, immutable';

export function text(status: number, sentence: string): Content {
  const headers = {
    ...securityHeaders,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
  };
  return { status, headers, body: sentence + '\n' };
}

async function fileContent(file: BundleFile): Promise<Content> {
  const headers = {
    ...securityHeaders,
    'Content-Type': file.type,
    'Cache-Control': file.hashed ? forever : 'no-cache',
  };
  return { status: 200, headers, body: await readFile(file.path) };
}

function edgeOf(query: URLSearchParams): number | null {
  const edge = Number(query.get('edge') ?? edges.usual);
  return Number.isInteger(edge) && edge >= edges.smallest && edge <= edges.largest ? edge : null;
}

async function photoContent(
  library: LibrarySide,
  photoId: number,
  url: URL,
  signal: AbortSignal,
): Promise<Content> {
  const edge = edgeOf(url.searchParams);
  if (edge === null)
    return text(400, `Expected edge to be ${edges.smallest} to ${edges.largest} whole pixels.`);
  const answer = url.pathname.endsWith('/thumbnail')
    ? await askInternal(library, 'internal.thumbnail', { photoId }, { signal })
    : await askInternal(library, 'internal.rendition', { photoId, edge }, { signal });
  if (!answer.ok) return text(404, `${answer.error.message} (${answer.error.code})`);
  const headers = {
    ...securityHeaders,
    'Content-Type': answer.value.type,
    // The version is part of the address and changes with the content, so what was loaded once never goes stale.
    'Cache-Control': url.searchParams.has('v') ? forever : 'no-cache',
  };
  return { status: 200, headers, body: answer.value.bytes };
}

/** Never rejects. `signal` gives up a picture nobody waits for any longer: a fast scroll asks for thousands. */
export type ContentAt = (url: URL, signal: AbortSignal) => Promise<Content>;

/** Everything that is not a file of the bundle or one of the addresses above is a 404. */
export function contentOf(bundle: Map<string, BundleFile>, library: LibrarySide): ContentAt {
  return async (url, signal) => {
    try {
      const photo = photoAddress.exec(url.pathname);
      if (photo) return await photoContent(library, Number(photo[1]), url, signal);
      const file = bundle.get(url.pathname);
      return file ? await fileContent(file) : text(404, 'There is nothing at this address.');
    } catch (error) {
      return text(500, error instanceof Error ? error.message : String(error));
    }
  };
}

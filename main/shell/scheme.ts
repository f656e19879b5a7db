/** The `app:` scheme: the renderer's only origin, answered from the bundle and the library and from nothing else. */
import { protocol } from 'electron';
import { text } from '../broker/content.ts';
import type { Content, ContentAt } from '../broker/content.ts';

export const origin = 'app://saccade';

/** Before `ready`: from then on Chromium treats the scheme as a secure origin of its own. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

async function answer(request: Request, content: ContentAt): Promise<Content> {
  if (request.method !== 'GET') return text(405, `Expected GET, found ${request.method}.`);
  const url = new URL(request.url);
  // `origin` of a URL with a scheme unknown to Node is "null": compare its parts.
  if (`${url.protocol}//${url.host}` !== origin) return text(404, 'There is nothing at this address.');
  return content(url, request.signal);
}

export function serveScheme(content: ContentAt): void {
  protocol.handle('app', async (request) => {
    const { status, headers, body } = await answer(request, content);
    return new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers });
  });
}

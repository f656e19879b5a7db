/** Everything the browser host answers over HTTP: the gate's own answers, then the content both hosts share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from '../broker/content.ts';
import type { Content, ContentAt } from '../broker/content.ts';
import { securityHeaders } from '../broker/policy.ts';
import { refusal } from './gate.ts';
import type { Gate } from './gate.ts';

const strangers =
  'This address needs the token that `saccade serve` printed, and a token works once. ' +
  'Stop `saccade serve` and start it again for a new address.';

/** The token in the address is swapped for a cookie, so that it stays in no history and no Referer. */
function admit(gate: Gate, request: IncomingMessage, url: URL): Content | null {
  const token = url.searchParams.get('token');
  const prefetch = 'sec-purpose' in request.headers || 'purpose' in request.headers;
  if (url.pathname !== '/' || token === null || request.method !== 'GET' || prefetch) return null;
  const headers: Record<string, string> = { ...securityHeaders, Location: '/', 'Cache-Control': 'no-store' };
  if (gate.knows(request.headers)) return { status: 303, headers, body: '' };
  if (!gate.spend(token)) return text(401, strangers);
  headers['Set-Cookie'] = `${gate.cookie}; HttpOnly; SameSite=Strict; Path=/`;
  return { status: 303, headers, body: '' };
}

async function answerTo(
  request: IncomingMessage,
  gate: Gate,
  content: ContentAt,
  signal: AbortSignal,
): Promise<Content> {
  const refused = refusal(request.headers, false);
  if (refused) return text(403, refused);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return text(405, `Expected GET or HEAD, found ${request.method}.`);
  const url = URL.canParse(request.url ?? '', 'http://127.0.0.1') // an absolute or broken target is nobody's address
    ? new URL(request.url ?? '', 'http://127.0.0.1')
    : null;
  if (url?.hostname !== '127.0.0.1') return text(400, 'Expected a path, found another address.');
  const admitted = admit(gate, request, url);
  if (admitted) return admitted;
  if (!gate.knows(request.headers)) return text(401, strangers);
  return content(url, signal);
}

/** A request listener for node:http. */
export function pages(gate: Gate, content: ContentAt) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const leave = new AbortController();
    response.on('close', () => leave.abort());
    const { status, headers, body } = await answerTo(request, gate, content, leave.signal);
    request.resume();
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

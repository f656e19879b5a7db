import { SaccadeError } from '../../models/error.ts';
import type { HubClient } from './client.ts';
import { PassingError } from './patience.ts';
import { refusal } from './refusal.ts';

export interface RequestOptions {
  signal: AbortSignal;
  /** Names the thing asked for in messages. */
  what: string;
  headers?: Record<string, string>;
  /** Statuses beyond 2xx that are answers, not failures. */
  accept?: number[];
}

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

/**
 * GET with redirects followed by hand, because the token must reach the endpoint's own origin and no other.
 * Answers with the first response that is neither a redirect nor a refusal.
 * @throws SaccadeError, PassingError where it is worth trying again
 */
export async function request(client: HubClient, url: string, options: RequestOptions): Promise<Response> {
  const { settings } = client;
  if (settings.offline)
    throw new SaccadeError(
      'hub-offline',
      'HF_HUB_OFFLINE is set, so nothing is fetched. Unset it to download, or import a folder that is already here.',
    );
  useProxies();
  const home = new URL(settings.endpoint).origin;
  let at = new URL(url);
  for (let hops = 0; hops <= mostRedirects; hops++) {
    // A compressed body would count other bytes than the Hub's sizes and ranges do.
    const headers: Record<string, string> = {
      'user-agent': client.agent,
      'accept-encoding': 'identity',
      ...options.headers,
    };
    if (settings.token !== null && at.origin === home) headers['authorization'] = `Bearer ${settings.token}`;
    const response = await send(at, headers, client, options.signal);
    if (!redirects.has(response.status)) {
      if (response.ok || options.accept?.includes(response.status)) return response;
      throw await refusal(response, options.what, settings.token !== null);
    }
    await discard(response);
    at = nextAddress(at, response.headers.get('location'));
  }
  throw new SaccadeError(
    'hub-answer',
    `${options.what} is redirected more than ${mostRedirects} times. Try again later.`,
  );
}

/** Lets the connection go without reading what it still holds. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

function nextAddress(from: URL, location: string | null): URL {
  const next = location !== null && URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (!next || !/^https?:$/.test(next.protocol))
    throw new SaccadeError(
      'hub-answer',
      `${from.host} redirects to an address that can't be used. Try again later.`,
    );
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw new SaccadeError(
      'hub-answer',
      `${from.host} redirects from https to plain http at ${next.host}, which is not followed. Check HF_ENDPOINT.`,
    );
  return next;
}

/** One exchange up to the response's headers; no answer for `idleMs` is a stall. */
async function send(
  url: URL,
  headers: Record<string, string>,
  client: HubClient,
  signal: AbortSignal,
): Promise<Response> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), client.patience.idleMs);
  try {
    return await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.any([signal, idle.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    throw idle.signal.aborted ? stalled(url.host, client.patience.idleMs) : unreachable(url.host, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The body's chunks. @throws PassingError when it breaks off, or when no byte comes for `idleMs` */
export async function* bodyOf(
  response: Response,
  client: HubClient,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const host = new URL(response.url || client.settings.endpoint).host;
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(stalled(host, client.patience.idleMs)), client.patience.idleMs);
      const { done, value } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof SaccadeError ? error : unreachable(host, error);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function stalled(host: string, idleMs: number): PassingError {
  return new PassingError(
    'hub-stalled',
    `${host} sent nothing for ${idleMs / 1000} s. Check the connection, then resume the download.`,
  );
}

/** Never carries the request's headers, which hold the token. */
function unreachable(host: string, error: unknown): PassingError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new PassingError(
    'hub-unreachable',
    `The connection to ${host} failed (${code}). Check the network, the proxy (HTTPS_PROXY) or HF_ENDPOINT, then resume the download.`,
  );
}

let proxiesSet = false;

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY hold for downloads as for other tools; Node's fetch heeds them only when told. */
function useProxies(): void {
  if (proxiesSet) return;
  const { env } = process;
  const named = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'].some((name) => env[name]);
  try {
    // Not imported: as a module it brings all of fetch with it, a tenth of what a process costs to start that fetches nothing.
    if (named) process.getBuiltinModule('node:http').setGlobalProxyFromEnv();
  } catch (cause) {
    throw new SaccadeError(
      'hub-proxy',
      'HTTP_PROXY and HTTPS_PROXY should be addresses like http://proxy.example:8080. Correct them, or unset them.',
      { cause },
    );
  }
  // Only now: past a proxy that could not be set nothing may go, however often it is asked.
  proxiesSet = true;
}

/** Who may talk to the browser host. Web pages beside it share the machine's loopback; these checks keep them out. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Gate {
  /** Goes into the printed address and works once. */
  token: string;
  /** Name and value of the cookie that stands for it afterwards. */
  cookie: string;
  /** True once for the right token. */
  spend(token: string): boolean;
  /** Whether the request carries the cookie. */
  knows(headers: IncomingHttpHeaders): boolean;
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** `port` keeps the cookies of two hosts on one machine apart: browsers don't. */
export function createGate(port: number): Gate {
  const token = randomBytes(32).toString('base64url');
  const cookie = `saccade-${port}=${randomBytes(32).toString('base64url')}`;
  let spent = false;
  return {
    token,
    cookie,
    spend(candidate) {
      if (spent || !same(candidate, token)) return false;
      spent = true;
      return true;
    },
    knows(headers) {
      return (headers.cookie ?? '').split(/; */).some((pair) => same(pair, cookie));
    },
  };
}

/** Names of this machine's loopback. Any port: an SSH tunnel may enter at another one than it leaves. */
const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?$/;

/**
 * Why a request is refused, or null. A Host that is not loopback is DNS rebinding; an Origin other than the Host,
 * or a Sec-Fetch-Site that says so, is another page. `originNeeded`: as for WebSockets, which no CORS guards.
 */
export function refusal(headers: IncomingHttpHeaders, originNeeded: boolean): string | null {
  const host = headers.host ?? '';
  if (!loopback.test(host))
    return `Expected Host to be 127.0.0.1 or localhost, found "${host.slice(0, 80)}".`;
  const { origin } = headers;
  if (originNeeded && origin === undefined) return 'Expected an Origin header, found none.';
  if (origin !== undefined && origin !== `http://${host}`)
    return `Expected Origin to be http://${host}, found "${origin.slice(0, 80)}".`;
  const site = headers['sec-fetch-site'];
  const opensPage = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage)
    return 'Expected a request of this page, found one of another site.';
  return null;
}

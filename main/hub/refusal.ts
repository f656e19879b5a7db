import { SaccadeError } from '../../models/error.ts';
import { PassingError } from './patience.ts';

/** Turns an HTTP error of the Hub into a sentence. The Hub's own words are used only through `X-Error-Code`. */
export async function refusal(response: Response, what: string, hasToken: boolean): Promise<SaccadeError> {
  await response.body?.cancel().catch(() => {});
  const { status, headers } = response;
  const code = headers.get('x-error-code');
  if (code === 'GatedRepo')
    return new SaccadeError(
      'hub-gated',
      `${what}: its owner gives access only to those who accept the licence. Accept it on the model's page, then set HF_TOKEN to a token of that account.`,
    );
  // The Hub answers 401 for repositories that don't exist, too, so that their names stay unknown.
  if (status === 401)
    return hasToken
      ? new SaccadeError(
          'hub-unauthorized',
          `${what}: the Hub does not accept HF_TOKEN, or there is no such model. Check the name and the token.`,
        )
      : new SaccadeError(
          'hub-unauthorized',
          `${what}: there is no such model, or it is private. Check the name; for a private model set HF_TOKEN.`,
        );
  if (status === 403)
    return new SaccadeError(
      'hub-forbidden',
      `${what}: the Hub refuses access (403). Ask the owner, or use a token with the right to read it.`,
    );
  if (status === 404 && code === 'RevisionNotFound')
    return new SaccadeError('hub-not-found', `${what}: no such revision. Check what follows the @.`);
  if (status === 404 || status === 410)
    return new SaccadeError(
      'hub-not-found',
      `${what}: the Hub has nothing of that name (${status}). Check the spelling.`,
    );
  if (status === 429) {
    const waitMs = waitAsked(headers);
    return new PassingError(
      'hub-busy',
      `${what}: the Hub limits how often it is asked${waitMs === null ? '' : ` and wants ${Math.ceil(waitMs / 1000)} s of rest`}. Resume later; a token (HF_TOKEN) raises the limit.`,
      { waitMs },
    );
  }
  if (status >= 500 || status === 408)
    return new PassingError('hub-server', `${what}: the Hub failed (${status}). Resume the download later.`, {
      waitMs: waitAsked(headers),
    });
  return new SaccadeError(
    'hub-answer',
    `${what}: the Hub answered ${status}, which was not expected. Check HF_ENDPOINT.`,
  );
}

/** Retry-After in seconds or as a date (RFC 9110 §10.2.3), else the `t=` seconds of the Hub's RateLimit header. */
function waitAsked(headers: Headers): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after && /^\d{1,6}$/.test(after)) return Number(after) * 1000;
  if (after && Number.isFinite(Date.parse(after))) return Math.max(0, Date.parse(after) - Date.now());
  const reset = /;\s*t=(\d{1,6})/.exec(headers.get('ratelimit') ?? '');
  return reset ? Number(reset[1]) * 1000 : null;
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';

/** Where the Hub is and who asks, from the environment variables that Hugging Face's own tools read. */
export interface HubSettings {
  /** Origin and path prefix without a slash at the end (HF_ENDPOINT). */
  endpoint: string;
  /** Sent to the endpoint's own origin and to no other; never logged (HF_TOKEN). */
  token: string | null;
  /** Folder of `models--owner--name` (HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME). */
  cacheFolder: string;
  /** HF_HUB_OFFLINE: nothing may be fetched. */
  offline: boolean;
}

const defaultEndpoint = 'https://huggingface.co';
const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws SaccadeError `hub-endpoint` where HF_ENDPOINT can't be used. */
export function hubSettings(env: NodeJS.ProcessEnv): HubSettings {
  const token = env['HF_TOKEN']?.trim() || null;
  const home = env['HF_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: checkEndpoint(env['HF_ENDPOINT']?.trim() || defaultEndpoint, token),
    token,
    cacheFolder: env['HF_HUB_CACHE'] || join(home, 'hub'),
    offline: /^(1|on|yes|true)$/i.test(env['HF_HUB_OFFLINE'] ?? ''),
  };
}

function checkEndpoint(text: string, token: string | null): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new SaccadeError(
      'hub-endpoint',
      'HF_ENDPOINT must be an http or https address without user name, query or fragment. Correct it, or unset it to use the Hugging Face Hub.',
    );
  if (token !== null && url.protocol === 'http:' && !loopback.test(url.hostname))
    throw new SaccadeError(
      'hub-endpoint',
      `HF_ENDPOINT is plain http at ${url.host}, and HF_TOKEN would travel readable by anyone on the way. Use https, or unset HF_TOKEN.`,
    );
  return url.href.replace(/\/+$/, '');
}

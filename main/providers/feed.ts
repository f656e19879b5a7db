/**
 * A package feed as NuGet describes it (learn.microsoft.com/nuget/api/overview): where a version of a package lies,
 * and what its content must be.
 */
import { z } from 'zod';
import { SaccadeError } from '../../models/error.ts';
import type { HubClient } from '../hub/client.ts';
import { patiently } from '../hub/patience.ts';
import { readAll } from '../hub/repository.ts';
import { request } from '../hub/request.ts';

export interface FeedPackage {
  /** Of the archive (.nupkg, a zip file). */
  address: string;
  /** Lower-case, as the address ends. */
  fileName: string;
  bytes: number;
  /** Hex. */
  sha512: string;
}

const address = z.string().refine((text) => URL.canParse(text), 'an address');
const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) });
const leaf = z.object({
  catalogEntry: z.object({ '@id': address, version: z.string() }),
  packageContent: address,
});
const page = z.object({ '@id': address, items: z.array(leaf).nullish() });
const registration = z.object({ items: z.array(page) });
const details = z.object({
  packageHash: z.string(),
  packageHashAlgorithm: z.string(),
  packageSize: z.int().positive(),
});

/** `index`: address of the feed's service index. @throws SaccadeError `provider-feed`, and those of main/hub/request.ts */
export async function findPackage(
  client: HubClient,
  index: string,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<FeedPackage> {
  const ask = <T>(url: string, schema: z.ZodType<T>): Promise<T> =>
    askFeed(client, index, url, schema, signal);
  const { resources } = await ask(index, serviceIndex);
  // The plain kind: the others differ in compression and in versions that this is none of.
  const base = resources.find((each) => each['@type'] === 'RegistrationsBaseUrl')?.['@id'];
  if (!base) throw unexpected(index, 'no RegistrationsBaseUrl');
  const id = name.toLowerCase();
  const { items } = await ask(`${base.replace(/\/*$/, '/')}${id}/index.json`, registration);
  for (const each of items) {
    const leaves = each.items ?? (await ask(each['@id'], z.object({ items: z.array(leaf) }))).items;
    const found = leaves.find(({ catalogEntry }) => catalogEntry.version === version);
    if (!found) continue;
    const { packageHash, packageHashAlgorithm, packageSize } = await ask(found.catalogEntry['@id'], details);
    const hash = Buffer.from(packageHash, 'base64');
    if (packageHashAlgorithm !== 'SHA512' || hash.length !== 64)
      throw unexpected(index, `no SHA-512 of ${name} ${version}`);
    return {
      address: sameSafety(index, found.packageContent),
      fileName: `${id}.${version}.nupkg`,
      bytes: packageSize,
      sha512: hash.toString('hex'),
    };
  }
  throw new SaccadeError(
    'provider-feed',
    `${new URL(index).host} has no ${name} ${version}. Check SACCADE_PROVIDER_FEED.`,
  );
}

/** @throws SaccadeError `provider-feed` for plain http, except on this machine */
export function checkFeed(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url.href;
  throw new SaccadeError(
    'provider-feed',
    `SACCADE_PROVIDER_FEED should be the https address of a NuGet v3 service index; found "${text}".`,
  );
}

/** What an index that came over https names has to come over https, too. */
function sameSafety(index: string, url: string): string {
  const { protocol } = new URL(url);
  if (protocol === 'https:' || protocol === new URL(index).protocol) return url;
  throw unexpected(index, `an address that is not https: ${url}`);
}

function askFeed<T>(
  client: HubClient,
  index: string,
  url: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const what = new URL(index).host;
  return patiently(client.patience, signal, async () => {
    const response = await request(client, sameSafety(index, url), { signal, what });
    const text = (await readAll(client, response, what, signal)).toString('utf8');
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw unexpected(index, 'something that is not JSON');
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw unexpected(index, z.prettifyError(parsed.error).slice(0, 300));
    return parsed.data;
  });
}

function unexpected(index: string, found: string): SaccadeError {
  return new SaccadeError(
    'provider-feed',
    `${new URL(index).host} should answer as a NuGet v3 feed does; found ${found}. Check SACCADE_PROVIDER_FEED.`,
  );
}

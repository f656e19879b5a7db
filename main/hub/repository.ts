import { z } from 'zod';
import { SaccadeError } from '../../models/error.ts';
import type { HubClient } from './client.ts';
import type { ContentHash } from './hash.ts';
import { patiently } from './patience.ts';
import { bodyOf, request } from './request.ts';

export interface HubFile {
  /** Name in the repository's root. */
  path: string;
  bytes: number;
  hash: ContentHash;
  /** Where its content lies; absent: where the Hub has it. */
  address?: string;
}

/** A repository at one commit. */
export interface HubRepository {
  /** `owner/name`. */
  repository: string;
  /** Commit, 40 hex digits. */
  revision: string;
  /** In the root; folders are left out. */
  files: HubFile[];
}

const mostAnswerBytes = 32 * 1024 * 1024;
/** Names that are safe on every system and stay in their folder. */
const safeName = /^[A-Za-z0-9_][\w.-]{0,199}$/;

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const modelInfo = z.object({
  id: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/),
  sha: hex(40),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.int().nonnegative().nullish(),
      blobId: z.string().nullish(),
      lfs: z.object({ sha256: hex(64), size: z.int().nonnegative() }).nullish(),
    }),
  ),
});
const discussionList = z.object({
  discussions: z.array(
    z.object({
      num: z.int().positive(),
      status: z.string(),
      isPullRequest: z.boolean().nullish(),
      author: z.object({ name: z.string().nullish() }).nullish(),
    }),
  ),
});

/**
 * Asks the Hub for the commit behind `revision` (branch, tag, commit or `refs/pr/N`) and its files, with their sizes
 * and content hashes. Addresses as in huggingface_hub, `HfApi.model_info(files_metadata=True)`.
 */
export async function resolveRepository(
  client: HubClient,
  repository: string,
  revision: string,
  signal: AbortSignal,
): Promise<HubRepository> {
  const what = `${repository}@${revision}`;
  const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const { id, sha, siblings } = await ask(client, path, what, modelInfo, signal);
  const files = siblings
    .filter(({ rfilename }) => safeName.test(rfilename))
    .map(({ rfilename, size, blobId, lfs }): HubFile => {
      if (lfs) return { path: rfilename, bytes: lfs.size, hash: { kind: 'sha256', hex: lfs.sha256 } };
      if (typeof size !== 'number' || !/^[0-9a-f]{40}$/.test(blobId ?? ''))
        throw unexpected(what, `no size or content hash of ${rfilename}`);
      return { path: rfilename, bytes: size, hash: { kind: 'git-sha1', hex: blobId! } };
    });
  return { repository: id, revision: sha, files };
}

/**
 * Hugging Face's robot proposes a safetensors copy of repositories that have none; it stays a proposal until the
 * owner takes it. Answers with the newest open one (`refs/pr/N`), or null.
 */
export async function proposedConversion(
  client: HubClient,
  repository: string,
  signal: AbortSignal,
): Promise<string | null> {
  const path = `api/models/${repository}/discussions`;
  const { discussions } = await ask(client, path, repository, discussionList, signal);
  const found = discussions.find(
    ({ status, isPullRequest, author }) =>
      isPullRequest === true && status === 'open' && author?.name === 'SFconvertbot',
  );
  return found ? `refs/pr/${found.num}` : null;
}

/** Where a file's content lies at one commit. */
export function fileAddress(
  client: HubClient,
  { repository, revision }: HubRepository,
  path: string,
): string {
  return `${client.settings.endpoint}/${repository}/resolve/${revision}/${encodeURIComponent(path)}`;
}

/** A whole small answer. @throws SaccadeError `hub-answer` where it is larger than `most` bytes */
export async function readAll(
  client: HubClient,
  response: Response,
  what: string,
  signal: AbortSignal,
  most = mostAnswerBytes,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(response, client, signal)) {
    bytes += chunk.length;
    if (bytes > most) throw unexpected(what, `more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function ask<T>(
  client: HubClient,
  path: string,
  what: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const url = `${client.settings.endpoint}/${path}`;
  return patiently(client.patience, signal, async () => {
    const response = await request(client, url, { signal, what, headers: { accept: 'application/json' } });
    const text = (await readAll(client, response, what, signal)).toString('utf8');
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw unexpected(what, 'something that is not JSON');
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw unexpected(what, z.prettifyError(parsed.error).slice(0, 300));
    return parsed.data;
  });
}

function unexpected(what: string, found: string): SaccadeError {
  return new SaccadeError(
    'hub-answer',
    `About ${what} the Hub should answer as Hugging Face's does; found ${found}. Check HF_ENDPOINT.`,
  );
}

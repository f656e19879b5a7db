import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What a server says about a file's content. The Hub: SHA-256 for large files (LFS), git's blob id for the others. */
export interface ContentHash {
  kind: 'sha256' | 'sha512' | 'git-sha1';
  /** Lower-case. */
  hex: string;
}

/** `bytes` is the whole file's size: git puts it before the content. */
export function startHash(kind: ContentHash['kind'], bytes: number): Hash {
  return kind === 'git-sha1' ? createHash('sha1').update(`blob ${bytes}\0`) : createHash(kind);
}

/** Feeds the first `bytes` of a file to `hash`. */
export async function hashPrefix(
  hash: Hash,
  path: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  if (bytes === 0) return;
  const stream = createReadStream(path, { end: bytes - 1, highWaterMark: 1 << 20, signal });
  for await (const chunk of stream) hash.update(chunk as Buffer);
}

export async function matchesHash(
  path: string,
  bytes: number,
  expected: ContentHash,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = startHash(expected.kind, bytes);
  await hashPrefix(hash, path, bytes, signal);
  return hash.digest('hex') === expected.hex;
}

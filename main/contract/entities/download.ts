/** Models on their way from the Hugging Face Hub. */
import { z } from 'zod';
import { failure } from '../failure.ts';

/**
 * `resolving`: asking the Hub what there is; `checking`: hashing; `installing`: converting and measuring.
 * `paused` keeps what has arrived; after a restart of the application downloads wait as `paused`.
 */
const downloadState = z.enum([
  'resolving',
  'downloading',
  'checking',
  'installing',
  'paused',
  'installed',
  'failed',
  'cancelled',
]);
export type DownloadState = z.infer<typeof downloadState>;

export const downloadStatus = z.strictObject({
  id: z.string(),
  state: downloadState,
  /** `owner/name`. */
  repository: z.string(),
  /** Commit of the repository, 40 hex digits; null until resolved, fixed from then on. */
  revision: z.string().nullable(),
  /** Bytes here so far and in all; `totalBytes` is null until resolved. */
  bytes: z.number(),
  totalBytes: z.number().nullable(),
  /** Of `bytes`: taken from the Hub cache on this machine. */
  cachedBytes: z.number(),
  /** Of the last seconds; null: not downloading. */
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** The file in hand, or null. */
  file: z.string().nullable(),
  /** The model's id once installed. */
  model: z.string().nullable(),
  /** Why it failed or paused by itself; null otherwise. */
  error: failure.nullable(),
});
export type DownloadStatus = z.infer<typeof downloadStatus>;

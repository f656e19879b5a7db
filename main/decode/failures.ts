/** What can be wrong with a photo's file, in sentences. */
import { basename } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { pixelLimit } from './engine.ts';

export type DecodeCode =
  | 'unsupported-format'
  | 'corrupt-image'
  | 'truncated-image'
  | 'too-large'
  | 'unreadable'
  | 'empty-file'
  | 'missing-file'
  | 'changed-on-disk'
  | 'no-preview'
  | 'timed-out';

export const decodeError = (code: DecodeCode, message: string, cause?: unknown): SaccadeError =>
  new SaccadeError(code, message, { cause });

const endedEarly =
  /premature end|unexpected end|truncated|end of (file|data|image)|bad seek|read error|too short|out of range|outside buffer/i;

const badSeek = /bad seek to \d+$/;

/** What a reader says that lacks a part, not of a file that does. */
const otherKind =
  /unsupported (codec|feature|bit depth|color conversion|JPEG (data precision|process)|marker type 0xf7)|support is not configured|no decoding plugin/i; // 0xf7: JPEG-LS

/** A reader's error as ours. */
export function decodeFailure(path: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const name = basename(path);
  if (/pixel limit/i.test(reason)) return tooLarge(path);
  if (/timeout/i.test(reason)) return timedOut(path);
  // Readers repeat themselves; one line says it.
  const all = reason.split('\n');
  // libheif tries how long the file is, and then says what is wrong.
  const lines = all.some((each) => each.startsWith('heif: '))
    ? all.filter((each) => !badSeek.test(each))
    : all;
  const line = (lines.find((each) => endedEarly.test(each)) ?? lines[0]!).replace(/:?\s*$/, '');
  if (otherKind.test(reason))
    return decodeError(
      'unsupported-format',
      `${name} is of a kind that Saccade does not read (${line}). Save it as PNG or JPEG.`,
      error,
    );
  if (lines.some((each) => endedEarly.test(each)))
    return decodeError('truncated-image', `${name} ends before its picture does (${line}).`, error);
  return decodeError('corrupt-image', `${name} can't be decoded (${line}).`, error);
}

export const tooLarge = (
  path: string,
  size?: { width: number; height: number },
  bytes?: number,
): SaccadeError =>
  decodeError(
    'too-large',
    `${basename(path)} should have at most ${pixelLimit / 1e6} megapixels${size ? `, and claims ${size.width} × ${size.height} in ${bytes} bytes` : ''}.`,
  );

export const timedOut = (path: string): SaccadeError =>
  decodeError('timed-out', `${basename(path)} could not be read and decoded in time.`);

export const endsEarly = (path: string): SaccadeError =>
  decodeError('truncated-image', `${basename(path)} ends before any of its picture could be read.`);

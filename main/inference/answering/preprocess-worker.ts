/**
 * A worker thread that makes batches of model inputs from photos: a run blocks the main thread, and the steps of
 * decoding, which themselves run in libuv's pool, need somebody to put them one after another meanwhile.
 */
import { SaccadeError } from '../../../models/error.ts';
import { decodePhoto, inTurn } from '../../decode/decode.ts';
import { encodeThumbnail } from '../../decode/picture.ts';
import { pixelsNeeded, preprocess } from '../../decode/preprocess.ts';
import { answer } from '../../rpc/calls.ts';
import type { CallContext } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { allEnded } from '../../schedule/each.ts';
import { settle } from '../../contract/result.ts';
import type { PreprocessedPhoto, PreprocessAnswer, PreprocessRequest } from './preprocess-batch.ts';
import type { ClassifyPhoto } from '../../contract/inference.ts';

/** Cancelled, it answers when nothing writes into the memory any more. */
async function preprocessBatch(
  { memory, ...request }: PreprocessRequest & { memory: SharedArrayBuffer },
  { signal }: CallContext,
): Promise<PreprocessAnswer> {
  const { photos, input, preprocessing, thumbnailEdge } = request;
  const size = 3 * input.height * input.width;
  const pixelValues = new Float32Array(memory);
  let decodeMs = 0;

  async function preprocessOne(
    { path, ...file }: ClassifyPhoto | { path: string },
    i: number,
  ): Promise<PreprocessedPhoto> {
    if (signal.aborted) throw new SaccadeError('cancelled', 'Decoding was cancelled.');
    const expected = 'bytes' in file ? file : undefined;
    const photo = await decodePhoto(path, {
      expected,
      atLeast: (whole) => pixelsNeeded(whole, preprocessing),
    });
    const start = performance.now();
    const [, thumbnail] = await allEnded([
      preprocess(photo.pixels, photo, preprocessing, pixelValues, i * size),
      thumbnailEdge === null ? null : encodeThumbnail(photo, thumbnailEdge),
    ]);
    decodeMs += photo.decodeMs + performance.now() - start;
    const { width, height, takenMs, damaged } = photo;
    return { width, height, takenMs, damaged, thumbnail };
  }

  const results = await Promise.all(
    photos.map((photo, i) => settle(() => inTurn(() => preprocessOne(photo, i), request.urgent))),
  );
  // Runs take what could be decoded, in one piece.
  let good = 0;
  for (const [i, { ok }] of results.entries()) {
    if (!ok) continue;
    if (good !== i) pixelValues.copyWithin(good * size, i * size, (i + 1) * size);
    good++;
  }
  return { results, pixelValues, good, decodeMs };
}

answer(threadPort(), { preprocess: preprocessBatch });

/** Whether the weights of an ONNX file are numbers: NaN in one of them may hide behind a Relu or a Max. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from './schema.ts';
import { bytesNeeded, countOf } from './tensors.ts';

const step = 1 << 22;

/** For the element types that can hold NaN: bytes an element, and whether an array of them does. */
const kinds: Record<number, { bytes: number; holdsNaN: (data: ArrayBuffer) => boolean }> = {
  1: { bytes: 4, holdsNaN: (data) => new Uint32Array(data).some((bits) => (bits & 0x7fffffff) > 0x7f800000) },
  10: { bytes: 2, holdsNaN: (data) => new Uint16Array(data).some((bits) => (bits & 0x7fff) > 0x7c00) },
  11: { bytes: 8, holdsNaN: (data) => new Float64Array(data).some(Number.isNaN) },
  16: { bytes: 2, holdsNaN: (data) => new Uint16Array(data).some((bits) => (bits & 0x7fff) > 0x7f80) },
};

/** The data in pieces that begin at an element each. */
function* pieces(tensor: Tensor, folder: string): Generator<ArrayBuffer> {
  if (tensor.dataLocation !== 1) {
    for (let at = 0; at < tensor.rawData.length; at += step)
      yield new Uint8Array(tensor.rawData.subarray(at, at + step)).buffer;
    return;
  }
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const file = openSync(join(folder, entries.get('location') ?? ''), 'r');
  try {
    const start = Number(entries.get('offset') ?? 0);
    const length = bytesNeeded(tensor) ?? 0;
    for (let at = 0; at < length; at += step) {
      const piece = new Uint8Array(Math.min(step, length - at));
      if (readSync(file, piece, 0, piece.length, start + at) < piece.length) return;
      yield piece.buffer;
    }
  } finally {
    closeSync(file);
  }
}

/** The first tensor of more than one number that holds NaN; null: none. Infinity is how masks are written. */
export function tensorWithNaN(tensors: readonly Tensor[], folder: string): Tensor | null {
  for (const tensor of tensors) {
    const kind = kinds[tensor.dataType];
    if (!kind || countOf(tensor) < 2) continue;
    if (tensor.floatData.some(Number.isNaN) || tensor.doubleData.some(Number.isNaN)) return tensor;
    if (tensor.int32Data.length && kind.holdsNaN(Uint16Array.from(tensor.int32Data).buffer)) return tensor;
    for (const piece of pieces(tensor, folder))
      if (piece.byteLength % kind.bytes === 0 && kind.holdsNaN(piece)) return tensor;
  }
  return null;
}

/** What a tensor of an ONNX file holds, by its element type (onnx.proto, TensorProto.DataType). */
import type { Tensor } from './schema.ts';

/** Bytes an element; int4 and the like take parts of one. Text has none. */
const elementBytes: Record<number, number> = {
  1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2,
  17: 1, 18: 1, 19: 1, 20: 1, 21: 0.5, 22: 0.5, 23: 0.5, 24: 1, 25: 0.25, 26: 0.25,
}; // prettier-ignore

export function countOf(tensor: Tensor): number {
  return tensor.dims.reduce((product, side) => product * Number(side), 1);
}

/** Null for types that are not measured in bytes. */
export function bytesNeeded(tensor: Tensor): number | null {
  const size = elementBytes[tensor.dataType];
  return size === undefined ? null : Math.ceil(countOf(tensor) * size);
}

/** How many elements the file has for it; null where that can't be told (text, packed types as numbers). */
export function elementsHeld(tensor: Tensor): number | null {
  const size = elementBytes[tensor.dataType];
  if (size === undefined) return null;
  if (tensor.rawData.length)
    return tensor.rawData.length === bytesNeeded(tensor) ? countOf(tensor) : Math.floor(tensor.rawData.length / size); // prettier-ignore
  if (size < 1 || tensor.dataType === 14 || tensor.dataType === 15) return null;
  const { floatData, int32Data, int64Data, doubleData, uint64Data } = tensor;
  return Math.max(...[floatData, int32Data, int64Data, doubleData, uint64Data].map((list) => list.length));
}

/** The numbers of a small tensor in the file itself; null where it is large, elsewhere, or not of plain numbers. */
export function numbersOf(tensor: Tensor, most = 4096): number[] | null {
  if (tensor.dataLocation === 1 || countOf(tensor) > most) return null;
  if (!tensor.rawData.length) {
    const { floatData, int32Data, int64Data, doubleData, uint64Data } = tensor;
    if (tensor.dataType === 10) return [...new Float16Array(Uint16Array.from(int32Data).buffer)];
    if (tensor.dataType === 16) return null;
    const [list] = [floatData, int32Data, int64Data, doubleData, uint64Data].filter((data) => data.length);
    return (list ?? []).map(Number);
  }
  const { buffer } = new Uint8Array(tensor.rawData); // a copy, so that it is aligned
  switch (tensor.dataType) {
    case 1:
      return [...new Float32Array(buffer)];
    case 2:
    case 9:
      return [...new Uint8Array(buffer)];
    case 3:
      return [...new Int8Array(buffer)];
    case 6:
      return [...new Int32Array(buffer)];
    case 7:
      return [...new BigInt64Array(buffer)].map(Number);
    case 10:
      return [...new Float16Array(buffer)];
    case 11:
      return [...new Float64Array(buffer)];
    default:
      return null;
  }
}

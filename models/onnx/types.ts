/** Element types of ONNX tensors (onnx.proto, TensorProto.DataType) that graphs of ours use. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
} as const;
export type ElementType = keyof typeof elementTypes;

/** A value of a graph is the name of a tensor. */
export type Value = string;
export type AttributeValue = number | bigint | string | bigint[] | number[] | { float: number };

export type TensorData = Float32Array | Float16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

export function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float16Array) return 'float16';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int32Array) return 'int32';
  return 'int64';
}

export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A tensor that lies outside the protobuf: onnxruntime finds it by `path` in the session's option `externalData`. */
export interface ExternalTensor {
  path: string;
  data: Uint8Array;
}

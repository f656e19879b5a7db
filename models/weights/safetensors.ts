/**
 * The safetensors format: 8 bytes little-endian length of the header, the header as JSON
 * (name → dtype, shape, [begin, end) behind the header), then the tensors' bytes, row-major, little-endian.
 * Source: https://huggingface.co/docs/safetensors. Everything the header says is checked before it is believed.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { SaccadeError } from '../error.ts';

const bytesPerElement: Record<string, number> = {
  BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, U16: 2, I16: 2, F16: 2, BF16: 2,
  U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8,
}; // prettier-ignore
/** A header names tensors, it does not hold them: the reference implementation's own limit. */
const longestHeader = 100_000_000;

export interface TensorInfo {
  dtype: string;
  shape: number[];
  /** Bytes behind the header. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorInfo>;
  metadata: Record<string, string>;
  /** Where tensors' bytes begin in the file. */
  dataOffset: number;
}

function bad(file: string, what: string): SaccadeError {
  return new SaccadeError('bad-safetensors', `${basename(file)} is not a sound safetensors file: ${what}`);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkTensor(file: string, name: string, entry: unknown, dataBytes: number): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const size =
    typeof dtype === 'string' && Object.hasOwn(bytesPerElement, dtype) ? bytesPerElement[dtype] : undefined;
  if (typeof dtype !== 'string' || size === undefined)
    throw bad(file, `tensor "${name}" has the unknown dtype ${JSON.stringify(dtype)}.`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw bad(file, `tensor "${name}" should have a shape of whole numbers, found ${JSON.stringify(shape)}.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw bad(file, `tensor "${name}" should have two data_offsets, found ${JSON.stringify(offsets)}.`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes)
    throw bad(
      file,
      `tensor "${name}" lies at bytes ${begin} to ${end}, but there are ${dataBytes} bytes of tensors.`,
    );
  const expected = shape.reduce((product, side) => product * side, size);
  if (end - begin !== expected)
    throw bad(
      file,
      `tensor "${name}" of shape [${shape}] needs ${expected} bytes of ${dtype}, found ${end - begin}.`,
    );
  return { dtype, shape, begin, end };
}

/** @param fileBytes size of the whole file; @throws SaccadeError `bad-safetensors` */
function parseHeader(file: string, header: Uint8Array, fileBytes: number): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new SaccadeError(
      'bad-safetensors',
      `${basename(file)} is not a sound safetensors file: its header is not JSON.`,
      { cause },
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad(file, 'its header is not an object.');
  const dataOffset = 8 + header.length;
  const tensors = new Map<string, TensorInfo>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') metadata = entry as Record<string, string>;
    else tensors.set(name, checkTensor(file, name, entry, fileBytes - dataOffset));
  }
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin);
  for (const [i, [name, info]] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && info.begin < before[1].end)
      throw bad(file, `tensors "${before[0]}" and "${name}" overlap.`);
  }
  return { tensors, metadata, dataOffset };
}

/** Reads exactly `length` bytes at `position`. A read may return less than asked, and never more than 2 GiB. */
function readAt(fd: number, file: string, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const got = readSync(fd, bytes, done, Math.min(length - done, 1 << 30), position + done);
    if (got === 0) throw bad(file, `it ends after ${position + done} bytes, expected ${position + length}.`);
    done += got;
  }
  return bytes;
}

/** A safetensors file, open for reading tensor by tensor; at no time is more than one tensor in memory. */
export class SafetensorsFile {
  readonly path: string;
  readonly header: SafetensorsHeader;
  readonly #fd: number;

  /** @throws SaccadeError `bad-safetensors`; Node's own error when the file can't be opened */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(this.#fd);
      if (size < 8) throw bad(path, `it has ${size} bytes, expected at least 8.`);
      const length = Number(new DataView(readAt(this.#fd, path, 0, 8).buffer).getBigUint64(0, true));
      if (length > longestHeader || 8 + length > size)
        throw bad(path, `its header claims ${length} bytes, the whole file has ${size}.`);
      this.header = parseHeader(path, readAt(this.#fd, path, 8, length), size);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** @throws SaccadeError `missing-tensor` */
  info(name: string): TensorInfo {
    const info = this.header.tensors.get(name);
    if (!info)
      throw new SaccadeError(
        'missing-tensor',
        `Expected a tensor "${name}" in ${basename(this.path)}; it is not there.`,
      );
    return info;
  }

  bytes(name: string): Uint8Array<ArrayBuffer> {
    const info = this.info(name);
    return readAt(this.#fd, this.path, this.header.dataOffset + info.begin, info.end - info.begin);
  }

  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** F64, F32, F16 or BF16 bytes as float32 numbers. @throws SaccadeError `unsupported-dtype` */
export function toFloat32(name: string, dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (dtype === 'F64')
    return new Float32Array(new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8));
  if (dtype === 'F16')
    return new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
  if (dtype === 'BF16') {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const bits = new Uint32Array(halves.length);
    for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
    return new Float32Array(bits.buffer);
  }
  throw new SaccadeError(
    'unsupported-dtype',
    `Tensor "${name}" should be F64, F32, F16 or BF16; found ${dtype}.`,
  );
}

/** Writing the safetensors format, which `safetensors.ts` describes and reads. Runs in a browser too. */

export type Writable = Record<string, { shape: number[]; data: Float32Array | Float16Array | Uint8Array }>;

/** The whole file as bytes. Tensors are aligned to 8 bytes by padding the header with spaces. */
export function encodeSafetensors(tensors: Writable, metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {};
  let position = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const dtype = data instanceof Float32Array ? 'F32' : data instanceof Uint8Array ? 'U8' : 'F16';
    header[name] = { dtype, shape, data_offsets: [position, (position += data.byteLength)] };
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(
    text + ' '.repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8),
  );
  const file = new Uint8Array(8 + json.length + position);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  let at = 8 + json.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

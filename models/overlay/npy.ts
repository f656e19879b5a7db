/** NumPy's .npy, format 1.0 (numpy.lib.format), little-endian float32. */

/** A whole file; `shape` row-major. */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prelude = 10;
  const padded = Math.ceil((prelude + text.length + 1) / 64) * 64 - prelude;
  const file = new Uint8Array(prelude + padded + values.length * 4);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded & 255, padded >> 8]);
  file.set(new TextEncoder().encode(`${text.padEnd(padded - 1)}\n`), prelude);
  const view = new DataView(file.buffer, prelude + padded);
  values.forEach((value, i) => view.setFloat32(i * 4, value, true));
  return file;
}

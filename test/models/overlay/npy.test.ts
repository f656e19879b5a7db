import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeNpy } from '../../../models/overlay/npy.ts';

test('a .npy file has the header NumPy writes and little-endian floats', () => {
  const file = Buffer.from(encodeNpy(Float32Array.of(1, -2.5, 3, 4, 5, 6), [2, 3]));
  assert.deepEqual([...file.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const header = file.readUInt16LE(8);
  assert.equal((10 + header) % 64, 0);
  const text = file.toString('latin1', 10, 10 + header);
  assert.match(text, /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/);
  assert.equal(file.length, 10 + header + 24);
  assert.equal(file.readFloatLE(10 + header + 4), -2.5);
});

test('one dimension keeps its comma', () => {
  assert.match(Buffer.from(encodeNpy(new Float32Array(3), [3])).toString('latin1'), /'shape': \(3,\)/);
});

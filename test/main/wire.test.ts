import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from '../../main/contract/wire.ts';

test('typed arrays come back with their type and every bit', () => {
  const message = {
    id: 1,
    result: {
      ok: true,
      value: {
        bytes: Uint8Array.from({ length: 70_000 }, (_, i) => i % 256),
        floats: Float32Array.of(0, -0, 1 / 3, Infinity, 1e-40),
        none: new Float32Array(0),
        list: [{ bytes: Uint8Array.of(255) }],
      },
    },
  };
  assert.deepEqual(decode(encode(message)), message);
});

test('a view into a larger buffer carries only its own part', () => {
  const view = new Float32Array(Float32Array.of(1, 2, 3, 4).buffer, 4, 2);
  assert.deepEqual(decode(encode(view)), Float32Array.of(2, 3));
});

test('a Buffer is a Uint8Array', () => {
  assert.deepEqual(decode(encode([Buffer.from([1, 2])])), [Uint8Array.of(1, 2)]);
});

test('look-alikes of unknown type stay plain objects', () => {
  const message = { $bytes: 'AAAA', $type: 'SharedArrayBuffer' };
  assert.deepEqual(decode(JSON.stringify(message)), message);
});

test('text that encode did not write is refused', () => {
  assert.throws(() => decode('{'));
  assert.throws(() => decode('{"$bytes":"§","$type":"Uint8Array"}'));
  assert.throws(() => decode('{"$bytes":"AAAA","$type":"Float32Array"}'), RangeError);
});

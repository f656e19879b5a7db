import assert from 'node:assert/strict';
import test from 'node:test';
import { packMap, unpackMap } from '../../../models/overlay/stored.ts';

test('a packed map comes back within half a step', () => {
  for (const [low, high] of [
    [0.001, 0.15],
    [-0.3, 0.5],
    [-2, -1],
  ] as const) {
    const values = Float32Array.from({ length: 196 }, (_, i) => low + ((high - low) * i) / 195);
    const packed = packMap(values);
    const back = unpackMap(packed);
    for (let i = 0; i < 196; i++)
      assert.ok(Math.abs(back[i]! - values[i]!) <= packed.scale * 0.5001, `${values[i]} → ${back[i]}`);
    assert.ok(packed.scale < (high - low) / 253);
  }
});

test('zero stays zero in a map of both signs', () => {
  const back = unpackMap(packMap(Float32Array.of(-0.327, 0, 0.5073)));
  assert.ok(Math.abs(back[1]!) < 1e-8, String(back[1]));
});

test('a map of one value keeps it', () => {
  assert.deepEqual([...unpackMap(packMap(Float32Array.of(0.25, 0.25)))], [0.25, 0.25]);
  assert.deepEqual([...unpackMap(packMap(new Float32Array(3)))], [0, 0, 0]);
});

test('NaN is refused', () => {
  assert.throws(() => packMap(Float32Array.of(1, NaN)), { code: 'map-not-drawable' });
});

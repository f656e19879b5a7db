import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bottleneck, noTimes } from '../../../../main/library/runs/bottleneck.ts';
import type { StageTimes } from '../../../../main/library/runs/bottleneck.ts';

const times = (some: Partial<StageTimes>): StageTimes => ({ ...noTimes(), photos: 100, ...some });
const parts = (sentence: string | null): [string, number, string, number] => {
  const [, bound, rate, other, alone] =
    /^(\w+)-bound: ([\d.]+) photos\/s; (\w+) could do ([\d.]+)$/.exec(sentence!) ?? [];
  return [bound!, Number(rate), other!, Number(alone)];
};

test('nothing computed, no bottleneck', () => {
  assert.equal(bottleneck(noTimes(), { onCpu: true }), null);
});

test('beside a graphics processor the stage that is waited for is named', () => {
  const slowDecoding = times({ elapsedMs: 1000, decodeMs: 3900, waitMs: 750, runMs: 240 });
  assert.deepEqual(parts(bottleneck(slowDecoding, { onCpu: false, cores: 4 })), [
    'decode',
    100,
    'inference',
    417,
  ]);
  const slowRun = times({ elapsedMs: 1000, decodeMs: 1000, waitMs: 20, runMs: 970 });
  assert.deepEqual(parts(bottleneck(slowRun, { onCpu: false, cores: 4 })), [
    'inference',
    100,
    'decoding',
    400,
  ]);
});

test('on a CPU the stage that takes more of the cores is named, and together they explain the speed', () => {
  // 3 threads decode all the time and 2 compute, on 2 cores: everything takes 2.5 times as long as alone.
  const crowded = times({ elapsedMs: 4000, decodeMs: 12_000, waitMs: 100, runMs: 4000 });
  const [bound, rate, other, inference] = parts(bottleneck(crowded, { onCpu: true, cores: 2 }));
  assert.deepEqual([bound, rate, other, inference], ['decode', 25, 'inference', 63]);
  const decoding = 100_000 / (12_000 / 2.5 / 2);
  assert.ok(Math.abs(1 / (1 / decoding + 1 / inference) - rate) < 0.5);
});

test('no stage could do less alone than all do together', () => {
  for (const onCpu of [true, false])
    for (const decodeMs of [100, 3000, 9000])
      for (const runMs of [50, 1000, 2900]) {
        const told = bottleneck(times({ elapsedMs: 3000, decodeMs, runMs, waitMs: 10 }), { onCpu, cores: 3 });
        const [, rate, , alone] = parts(told);
        assert.ok(alone >= rate, `${told}`);
      }
});

test('reading and storing are named where they hold everything up', () => {
  const disk = times({ elapsedMs: 5000, decodeMs: 500, runMs: 700, waitMs: 100, readMs: 3000 });
  assert.match(bottleneck(disk, { onCpu: true, cores: 2 })!, /^reading-bound: 20 photos\/s; inference could/);
  const catalog = times({ elapsedMs: 5000, decodeMs: 500, runMs: 700, waitMs: 100, storeMs: 3000 });
  assert.match(bottleneck(catalog, { onCpu: false, cores: 2 })!, /^storing-bound/);
});

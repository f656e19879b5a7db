import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throughput } from '../../main/throughput.ts';

test('one moment gives no throughput, two do', () => {
  const throughput = new Throughput();
  throughput.mark(0, 1000);
  assert.equal(throughput.perSecond(), null);
  throughput.mark(500, 1500);
  assert.equal(throughput.perSecond(), 1000);
});

test('what is longer ago than the window no longer counts', () => {
  const throughput = new Throughput(5000);
  for (let second = 0; second <= 10; second++) throughput.mark(second * 1_000_000, second * 1000);
  for (let second = 11; second <= 20; second++)
    throughput.mark(10_000_000 + (second - 10) * 10, second * 1000);
  assert.equal(throughput.perSecond(), 10);
});

test('a file that begins anew begins the measurement anew', () => {
  const throughput = new Throughput();
  throughput.mark(1000, 0);
  throughput.mark(2000, 1000);
  throughput.mark(0, 2000);
  assert.equal(throughput.perSecond(), null);
  throughput.mark(300, 3000);
  assert.equal(throughput.perSecond(), 300);
});

test('a time left is told once it is known, and not after a pause until it is again', () => {
  const throughput = new Throughput();
  throughput.mark(0, 0);
  throughput.mark(900, 900);
  assert.equal(throughput.perSecond(), 1000);
  assert.equal(throughput.secondsLeft(5000), null);
  throughput.mark(2000, 2000);
  assert.equal(throughput.secondsLeft(5000), 5);
  throughput.restart();
  throughput.mark(2000, 60_000);
  throughput.mark(2100, 60_100);
  assert.equal(throughput.secondsLeft(5000), null);
});

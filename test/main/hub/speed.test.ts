import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Speed } from '../../../main/hub/speed.ts';

test('one moment gives no speed, two do', () => {
  const speed = new Speed();
  speed.note(0, 1000);
  assert.equal(speed.bytesPerSecond(), null);
  speed.note(500, 1500);
  assert.equal(speed.bytesPerSecond(), 1000);
});

test('what is longer ago than the window no longer counts', () => {
  const speed = new Speed(5000);
  for (let second = 0; second <= 10; second++) speed.note(second * 1_000_000, second * 1000);
  for (let second = 11; second <= 20; second++) speed.note(10_000_000 + (second - 10) * 10, second * 1000);
  assert.equal(speed.bytesPerSecond(), 10);
});

test('a file that begins anew begins the measurement anew', () => {
  const speed = new Speed();
  speed.note(1000, 0);
  speed.note(2000, 1000);
  speed.note(0, 2000);
  assert.equal(speed.bytesPerSecond(), null);
  speed.note(300, 3000);
  assert.equal(speed.bytesPerSecond(), 300);
});

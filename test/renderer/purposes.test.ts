import { expect, test } from 'vitest';
import { byPurpose, expectedThroughput, purposeOf, recommended } from '../../renderer/components/purposes.ts';
import { knownModels } from '../../models/catalogue.ts';
import { model } from './fake-bridge.ts';

const entries = knownModels.map((one) => ({ ...one, bytes: null, installed: [] }));

test('every model of the catalogue has one place, and the one to start with comes first', () => {
  const groups = byPurpose(entries);
  expect(groups[0]).toMatchObject({ purpose: 'start', entries: [{ id: recommended }] });
  expect(groups.flatMap((group) => group.entries)).toHaveLength(entries.length);
});

test('models are best for what they can do', () => {
  const like = { ...entries[0]!, id: 'x' };
  expect(purposeOf({ ...like, family: 'clip' })).toBe('words');
  expect(purposeOf({ ...like, family: 'dino', classes: 0 })).toBe('attention');
  expect(purposeOf({ ...like, family: 'dinov2', classes: 0 })).toBe('similar');
  expect(purposeOf({ ...like, family: 'vit', classes: 1000, parameters: 5.7e6 })).toBe('quick');
  expect(purposeOf({ ...like, family: 'vit', classes: 1000, parameters: 86e6 })).toBe('best');
});

test('the throughput to expect goes by the work of a photo, and is not told before one was measured', () => {
  const measured = { model, photosPerSecond: 100 };
  const same = { parameters: model.parameters, input: model.input, patchSize: 16 };
  expect(expectedThroughput(same, measured)).toBeCloseTo(100);
  expect(expectedThroughput({ ...same, parameters: model.parameters * 4 }, measured)).toBeCloseTo(25);
  expect(expectedThroughput(same, null)).toBeNull();
  expect(expectedThroughput({ ...same, parameters: null }, measured)).toBeNull();
});

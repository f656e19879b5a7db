import { expect, test } from 'vitest';
import type { Inspection } from '../../main/contract/entities/inspection.ts';
import { packMap } from '../../models/overlay/stored.ts';
import { attentionMap, partsOf } from '../../models/overlay/inspection.ts';
import { listRange, methodsOf, shownMap } from '../../renderer/inspector/map-choice.ts';
import { FakeHost } from './fake-bridge.ts';

async function inspection(): Promise<Inspection> {
  const answer = await new FakeHost({ photos: 3 }).bridge.ask('inspect.photo', {
    photoId: 1,
    classIndex: null,
  });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

test('heads are averaged, or the strongest or weakest taken, patch by patch', () => {
  // Two layers, two heads, three patches.
  const attention = Float32Array.of(0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 2, 7);
  const shape = { heads: 2, patches: 3 };
  expect([...attentionMap(attention, shape, 1, 'mean')]).toEqual([2, 2, 5]);
  expect([...attentionMap(attention, shape, 1, 'max')]).toEqual([3, 2, 7]);
  expect([...attentionMap(attention, shape, 1, 'min')]).toEqual([1, 2, 3]);
  expect([...attentionMap(attention, shape, 1, 1)]).toEqual([3, 2, 7]);
  expect([...attention.slice(6, 9)]).toEqual([1, 2, 3]);
});

test('contributions are summed over the chosen layers and keep their sign', async () => {
  const found = await inspection();
  const all = shownMap(found, { method: 'class', layer: 0, head: 'mean', layers: [0, 11] })!;
  const [first, second] = [
    [0, 5],
    [6, 11],
  ].map((layers) =>
    shownMap(found, { method: 'class', layer: 0, head: 'mean', layers: layers as [number, number] })!,
  );
  expect(all.signed).toBe(true);
  all.values.forEach((value, i) => expect(value).toBeCloseTo(first!.values[i]! + second!.values[i]!, 5));
});

test('only what the inspection has is offered', async () => {
  const found = await inspection();
  expect(methodsOf(found)).toEqual(['class', 'cls', 'rollout']);
  expect(methodsOf({ ...found, contribution: null })).toEqual(['cls', 'rollout']);
  expect(methodsOf({ ...found, grid: null })).toEqual([]);
  expect(
    shownMap({ ...found, contribution: null }, { method: 'class', layer: 0, head: 'mean', layers: [0, 1] }),
  ).toBeNull();
});

test('the parts of a score sum to it', async () => {
  const { contribution } = await inspection();
  const sum = partsOf(contribution!).reduce((total, { value }) => total + value, 0);
  expect(sum).toBeCloseTo(contribution!.sum, 4);
});

test('a list is compared only where its stored maps mean the same', async () => {
  const found = await inspection();
  const shown = shownMap(found, { method: 'cls', layer: 11, head: 'mean', layers: [0, 11] })!;
  const stored = { method: 'cls', layers: [11, 11], classIndex: null, rows: 14, columns: 14 } as const;
  const low = {
    ...stored,
    layers: [11, 11] as [number, number],
    ...packMap(new Float32Array(196).fill(0.25)),
  };
  const high = { ...low, ...packMap(Float32Array.from({ length: 196 }, (_, i) => i / 100)) };
  const other = { ...high, layers: [0, 0] as [number, number] };
  const range = listRange(shown, [low, high, other, null])!;
  expect(range.photos).toBe(2);
  expect(range.range[0]).toBeCloseTo(0);
  expect(range.range[1]).toBeCloseTo(1.95);
  expect(listRange(shown, [low, other])).toBeNull();
  expect(listRange({ ...shown, head: 3 }, [low, high])).toBeNull();
});

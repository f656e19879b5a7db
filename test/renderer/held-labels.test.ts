import { expect, test } from 'vitest';
import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import { heldLabels } from '../../renderer/components/held-labels.ts';

const said = ['beach', 'dog', 'ball'].map((name, index) => ({
  index,
  label: { id: name, name },
  probability: 0.9 - index / 10,
}));
const item = { top: said[0], also: said.slice(1) } as unknown as PhotoItem;
const names = (of: PhotoItem, wanted: number[]) => heldLabels(of, wanted).map(({ label }) => label.name);

test('labels that the list is of come before the others, the likeliest first', () => {
  expect(names(item, [])).toEqual(['beach', 'dog', 'ball']);
  expect(names(item, [2])).toEqual(['ball', 'beach', 'dog']);
  expect(names(item, [7, 2, 1])).toEqual(['dog', 'ball', 'beach']);
  expect(names({ ...item, top: null, also: [] }, [2])).toEqual([]);
});

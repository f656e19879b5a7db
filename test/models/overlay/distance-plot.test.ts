import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distancePoints, distanceSvg, ticksTo } from '../../../models/overlay/distance-plot.ts';
import { patchDistances } from '../../../models/explain/rows.ts';

test('points stand over their layer, as high as heads look far', () => {
  const points = distancePoints({ distances: [0, 50, 100, 25], layers: 2, heads: 2, longest: 100 });
  assert.deepEqual(
    points.map(({ layer, head, y }) => [layer, head, y]),
    [
      [0, 0, 0],
      [0, 1, 0.5],
      [1, 0, 1],
      [1, 1, 0.25],
    ],
  );
  assert.ok(points.every(({ layer, x }) => x > layer / 2 && x < (layer + 1) / 2));
});

test('ticks are round and end inside', () => {
  assert.deepEqual(ticksTo(224), [0, 100, 200]);
  assert.deepEqual(ticksTo(32), [0, 10, 20, 30]);
});

test('distances of patches are those of their middles', () => {
  const between = patchDistances({ rows: 2, columns: 3 }, { height: 4, width: 3 });
  assert.deepEqual([...between.subarray(0, 6)], [0, 3, 6, 4, 5, Math.fround(Math.hypot(4, 6))]);
});

test('names of models can be no markup', () => {
  const svg = distanceSvg({ distances: [1], layers: 1, heads: 1, longest: 2 }, { title: '<b> & "c"', x: '', y: '' }); // prettier-ignore
  assert.ok(svg.includes('&lt;b&gt; &amp; &quot;c&quot;') && !svg.includes('<b>'));
});

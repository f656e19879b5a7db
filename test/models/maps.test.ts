import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../../models/manifest.ts';
import { mapGiven } from '../../models/explain/maps.ts';

const manifest = (part: Partial<ModelManifest>) => part as ModelManifest;

test('a run stores the map it was asked for, else [CLS] attention, else none', () => {
  const pre = manifest({ kind: 'vit', architecture: { family: 'vit', norm: 'pre' } });
  const post = manifest({ kind: 'vit', architecture: { family: 'vit', norm: 'post' } });
  const cnn = manifest({
    kind: 'onnx',
    architecture: { family: 'onnx', absent: { cls: 'x', rollout: 'x', class: 'x' } },
  });
  assert.equal(mapGiven(pre, 'class'), 'class');
  assert.equal(mapGiven(post, 'class'), 'cls');
  assert.equal(mapGiven(post, 'rollout'), 'rollout');
  assert.equal(mapGiven(cnn, 'class'), null);
  assert.equal(mapGiven(pre, null), null);
});

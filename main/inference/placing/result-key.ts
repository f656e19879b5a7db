/** Which results a model gives: whatever changes an answer is part of their key. */
import { createHash } from 'node:crypto';
import { graphVersions } from '../../../models/kinds.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { ResultKey } from '../../contract/inference.ts';
import type { Precision } from '../../contract/values.ts';
import { pixelsVersion } from '../../decode/preprocess.ts';

export function resultKeyOf(manifest: ModelManifest, precision: Precision): ResultKey {
  const { weights, preprocessing, input, architecture, outputActivation, calibration } = manifest;
  const described: unknown[] = [
    pixelsVersion,
    preprocessing,
    input,
    // The same weights built otherwise (other heads, another activation) answer otherwise.
    architecture,
    outputActivation,
  ];
  // So does a foreign file whose temperature was not read when it was imported before.
  if (manifest.kind === 'onnx' && calibration.temperature !== 1) described.push(calibration);
  return {
    modelHash: weights.sha256,
    preprocessing: createHash('sha256').update(JSON.stringify(described, sortedKeys)).digest('hex'),
    precision,
    graphVersion: graphVersions[precision],
  };
}

/** The same settings give the same text, in whatever order their keys stand. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

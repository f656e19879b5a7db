/** What can be written of a model for other programs, known before anything of it is read or computed. */
import type { VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { type MapName, mapNames } from '../explain/options.ts';
import { absentMaps } from '../absent-maps.ts';
import { configurationOf, type HeadWords } from '../heads/export.ts';
import type { ModelManifest } from '../manifest.ts';

export interface Possible {
  /** Outputs of the ONNX graph. */
  maps: MapName[];
  /** As a folder that timm or transformers read. */
  weights: boolean;
}

function hasWords(manifest: ModelManifest, head: HeadWords): boolean {
  try {
    configurationOf(manifest, head);
    return true;
  } catch (error) {
    if (error instanceof SaccadeError) return false;
    throw error;
  }
}

/**
 * With the labels that the model came with, and with a set of one's own in their place (one that is taught: weights
 * hold none that is written). Null: a graph of somebody else's, which is an ONNX file already.
 */
export function possibleExports(manifest: ModelManifest): { came: Possible; others: Possible } | null {
  if (manifest.kind !== 'vit') return null;
  const config = manifest.architecture as unknown as VitConfig;
  const mapsOf = (classes: number) => {
    const absent = absentMaps({ ...config, classes });
    return mapNames.filter((map) => absent[map] === undefined);
  };
  const { labels, outputActivation } = manifest;
  const linear = { reads: { how: 'linear' }, none: false } as const;
  const came: HeadWords = { ...linear, answers: outputActivation === 'sigmoid' ? 'any' : 'one', labels };
  const others: HeadWords = { ...linear, answers: 'one', labels: [{ id: 'one', name: 'one' }] };
  return {
    came: {
      maps: mapsOf(config.classes),
      weights: config.classes > 0 && labels.length > 0 && hasWords(manifest, came),
    },
    others: { maps: mapsOf(1), weights: hasWords(manifest, others) },
  };
}

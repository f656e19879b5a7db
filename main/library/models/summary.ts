/** Installed models, as the contract tells of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledModel } from '../../../models/store.ts';
import { readsText } from '../../../models/texts/tower.ts';
import type { ModelDetail, ModelSummary } from '../../contract/entities.ts';

export function summary({ manifest, builtIn }: InstalledModel): ModelSummary {
  const { id, name, architecture, parameters, input, grid, labels, licence, weights } = manifest;
  return {
    id,
    name,
    family: architecture.family,
    parameters,
    input,
    grid,
    classes: labels.length,
    readsText: readsText(manifest),
    licence,
    bytes: weights.bytes,
    builtIn,
  };
}

export async function detail(model: InstalledModel): Promise<ModelDetail> {
  const { source, weights, preprocessing, calibration, doubt, card, labels, outputActivation } =
    model.manifest;
  return {
    ...summary(model),
    source,
    sha256: weights.sha256,
    preprocessing,
    outputActivation: outputActivation ?? 'softmax',
    temperature: calibration.temperature,
    doubt,
    // The card is for reading; a model without it works all the same.
    card: card === null ? null : await readFile(join(model.folder, card), 'utf8').catch(() => null),
    labels,
  };
}

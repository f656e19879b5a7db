/** The contract's verbs about models on this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { ImportOptions } from '../../../models/import.ts';
import { findModel, listModels, removeModel } from '../../../models/store.ts';
import type { InstalledModel, ModelRoots } from '../../../models/store.ts';
import type { ModelDetail, ModelSummary, Settings } from '../../contract/entities.ts';
import { importInThread } from './import-model.ts';

export interface ModelsOptions {
  roots: ModelRoots;
  settings(): Settings;
  /** Id of the model a run computes with, or null. */
  running(): string | null;
  /** Frees what the inference process holds of it. */
  unload(folder: string): Promise<void>;
  onChanged(): void;
}

export function modelVerbs({ roots, settings, running, unload, onChanged }: ModelsOptions) {
  return {
    list: (): { items: ModelSummary[] } => ({ items: listModels(roots).map(summary) }),

    show: (modelId: string): Promise<ModelDetail> => detail(findModel(roots, modelId)),

    async import(path: string, options: Pick<ImportOptions, 'name' | 'answers'>): Promise<ModelSummary> {
      const model = await importInThread(path, roots.installed, options);
      onChanged();
      return summary(model);
    },

    /** @throws SaccadeError `model-in-use`, `no-model`, `built-in-model` */
    async remove(modelId: string): Promise<void> {
      const { folder, manifest, builtIn } = findModel(roots, modelId);
      if (running() === modelId)
        throw new SaccadeError(
          'model-in-use',
          `${manifest.name} is classifying right now. Wait for the run, or cancel it, then remove the model.`,
        );
      if (settings().model === modelId && !builtIn)
        throw new SaccadeError(
          'model-in-use',
          `${manifest.name} is the model in use. Choose another one first, then remove it.`,
        );
      await unload(folder);
      removeModel(roots, modelId);
      onChanged();
    },
  };
}

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
    licence,
    bytes: weights.bytes,
    builtIn,
  };
}

async function detail(model: InstalledModel): Promise<ModelDetail> {
  const { source, weights, preprocessing, calibration, doubt, card, labels } = model.manifest;
  return {
    ...summary(model),
    source,
    sha256: weights.sha256,
    preprocessing,
    temperature: calibration.temperature,
    doubt,
    // The card is for reading; a model without it works all the same.
    card: card === null ? null : await readFile(join(model.folder, card), 'utf8').catch(() => null),
    labels,
  };
}

/** Installed models, as the contract tells of them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { possibleExports } from '../../../models/exported/possible.ts';
import { readsText } from '../../../models/manifest.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { ModelDetail, ModelSummary } from '../../contract/entities/model.ts';

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
    exports: possibleExports(manifest),
    licence,
    bytes: weights.bytes,
    builtIn,
  };
}

/** `CARD.zh-CN.md` beside the card is the same in Chinese. */
async function translated(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const cards = names.flatMap((name) => {
    const tag = /^CARD\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.md$/.exec(name)?.[1];
    return tag === undefined ? [] : [{ tag, file: join(folder, name) }];
  });
  const texts = await Promise.all(cards.map(({ file }) => readFile(file, 'utf8').catch(() => null)));
  return Object.fromEntries(
    cards.flatMap(({ tag }, i) => (typeof texts[i] === 'string' ? [[tag, texts[i]]] : [])),
  );
}

export async function detail(model: InstalledModel): Promise<ModelDetail> {
  const { source, weights, preprocessing, calibration, doubt, card, labels, outputActivation, assumed } =
    model.manifest;
  return {
    ...summary(model),
    source,
    sha256: weights.sha256,
    preprocessing,
    outputActivation: outputActivation ?? 'softmax',
    assumed: assumed ?? [],
    temperature: calibration.temperature,
    doubt,
    // The card is for reading; a model without it works all the same.
    cards: await translated(model.folder),
    card: card === null ? null : await readFile(join(model.folder, card), 'utf8').catch(() => null),
    labels,
  };
}

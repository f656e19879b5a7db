/** What is installed on this machine: folders with a `model.json`, the built-in ones first. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SaccadeError } from './error.ts';
import { modelIdPattern } from './manifest.ts';
import type { ModelManifest } from './manifest.ts';
import { manifestSchema } from './manifest-schema.ts';

export interface ModelRoots {
  /** Folder of one model that ships with the application. */
  builtIn: string;
  /** Folder of folders, one a model. */
  installed: string;
}

export interface InstalledModel {
  folder: string;
  manifest: ModelManifest;
  builtIn: boolean;
}

/** @throws SaccadeError `bad-manifest`, `no-model` */
export function readManifest(folder: string): ModelManifest {
  const file = join(folder, 'model.json');
  if (!existsSync(file))
    throw new SaccadeError('no-model', `Expected a model in ${folder}; there is no model.json.`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new SaccadeError('bad-manifest', `${file} should be JSON, and is not. Import the model again.`, {
      cause,
    });
  }
  const checked = manifestSchema.safeParse(json);
  if (checked.success) return checked.data as ModelManifest;
  const [problem] = checked.error.issues;
  throw new SaccadeError(
    'bad-manifest',
    `${file} is not a sound model.json: "${problem?.path.join('.') ?? ''}": ${problem?.message ?? ''}. Import the model again.`,
  );
}

/** Folders without a readable model.json are left out: a broken one must not hide the others. */
export function listModels(roots: ModelRoots): InstalledModel[] {
  const read = (folder: string, builtIn: boolean): InstalledModel[] => {
    try {
      return [{ folder, manifest: readManifest(folder), builtIn }];
    } catch (error) {
      if (error instanceof SaccadeError) return [];
      throw error;
    }
  };
  const names = existsSync(roots.installed) ? readdirSync(roots.installed).sort() : [];
  return [
    ...read(roots.builtIn, true),
    ...names
      .filter((name) => modelIdPattern.test(name))
      .flatMap((name) => read(join(roots.installed, name), false)),
  ];
}

/**
 * By id, or by the path of a model's folder (one with a model.json).
 * @throws SaccadeError `no-model` listing what there is
 */
export function findModel(roots: ModelRoots, nameOrPath: string): InstalledModel {
  const models = listModels(roots);
  const named = models.find(({ manifest }) => manifest.id === nameOrPath);
  if (named) return named;
  if (existsSync(join(nameOrPath, 'model.json'))) {
    const folder = resolve(nameOrPath);
    return (
      models.find((model) => resolve(model.folder) === folder) ?? {
        folder,
        manifest: readManifest(folder),
        builtIn: false,
      }
    );
  }
  const known = models.map(({ manifest }) => manifest.id).join(', ');
  throw new SaccadeError('no-model', `There is no model "${nameOrPath}". Installed: ${known || 'none'}.`);
}

/** @throws SaccadeError `no-model`, `built-in-model` */
export function removeModel(roots: ModelRoots, id: string): void {
  const model = findModel(roots, id);
  if (model.builtIn)
    throw new SaccadeError(
      'built-in-model',
      `${model.manifest.name} ships with Saccade and can't be removed.`,
    );
  if (join(roots.installed, basename(model.folder)) !== model.folder)
    throw new SaccadeError(
      'no-model',
      `${model.folder} is not among the installed models; delete it yourself.`,
    );
  rmSync(model.folder, { recursive: true });
}

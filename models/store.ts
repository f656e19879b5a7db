/** What is installed on this machine: folders with a `model.json`, the built-in ones first. */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SaccadeError } from './error.ts';
import { largest, readIn } from './folder.ts';
import { modelIdPattern } from './manifest-values.ts';
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

/** @throws SaccadeError `bad-manifest` */
function checkManifest(json: unknown, file = 'model.json'): ModelManifest {
  const checked = manifestSchema.safeParse(json);
  if (checked.success) return checked.data;
  const [problem] = checked.error.issues;
  throw new SaccadeError(
    'bad-manifest',
    `${file} is not a sound model.json: "${problem?.path.join('.') ?? ''}": ${problem?.message ?? ''}. Import the model again.`,
  );
}

/** @throws SaccadeError `bad-manifest`, `no-model`, `unsafe-file` */
export function readManifest(folder: string): ModelManifest {
  const file = join(folder, 'model.json');
  const text = readIn(folder, 'model.json', largest.config);
  if (text === null)
    throw new SaccadeError('no-model', `Expected a model in ${folder}; there is no model.json.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SaccadeError('bad-manifest', `${file} should be JSON, and is not. Import the model again.`, {
      cause,
    });
  }
  return checkManifest(json, file);
}

/** In one step, and only as what can be read again. @throws SaccadeError `bad-manifest` */
export function writeManifest(folder: string, manifest: ModelManifest): void {
  const file = join(folder, 'model.json');
  writeFileSync(`${file}.new`, JSON.stringify(checkManifest(manifest), null, 2) + '\n');
  renameSync(`${file}.new`, file);
}

/** An installed model's folder that can't be read as one. */
export interface BrokenModel {
  /** The folder's name. */
  id: string;
  folder: string;
  /** What is wrong: a sentence. */
  reason: string;
}

function foldersIn(root: string): string[] {
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).filter((name) => modelIdPattern.test(name)).sort(); // prettier-ignore
}

function whatIsIn(folder: string): { manifest: ModelManifest } | { reason: string } {
  try {
    return { manifest: readManifest(folder) };
  } catch (error) {
    if (error instanceof SaccadeError) return { reason: error.message };
    throw error;
  }
}

/** Folders without a readable model.json are left out: a broken one must not hide the others. */
export function listModels(roots: ModelRoots): InstalledModel[] {
  const read = (folder: string, builtIn: boolean): InstalledModel[] => {
    const found = whatIsIn(folder);
    return 'manifest' in found ? [{ folder, ...found, builtIn }] : [];
  };
  return [
    ...read(roots.builtIn, true),
    ...foldersIn(roots.installed).flatMap((name) => read(join(roots.installed, name), false)),
  ];
}

/** Folders among the installed models that `listModels` leaves out. */
export function listBroken({ installed }: Pick<ModelRoots, 'installed'>): BrokenModel[] {
  return foldersIn(installed).flatMap((id) => {
    const folder = join(installed, id);
    const found = whatIsIn(folder);
    return 'reason' in found ? [{ id, folder, reason: found.reason }] : [];
  });
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

/** Broken ones too. @throws SaccadeError `no-model`, `built-in-model` */
export function removeModel(roots: ModelRoots, id: string): void {
  const broken = listBroken(roots).find((each) => each.id === id);
  if (broken) return rmSync(broken.folder, { recursive: true });
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

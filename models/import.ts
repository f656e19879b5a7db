/**
 * Installing a model that somebody has: a folder or a file in timm's, Hugging Face's, the source document's or
 * ONNX's layout becomes `<installed>/<id>/` with the weights as they are and a `model.json`. Everything is read and
 * checked first; what does not check leaves nothing behind.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { gridOf, type VitConfig } from './config.ts';
import { halfDoubt } from './doubt.ts';
import type { Draft } from './draft.ts';
import { hashInto } from './weights/installed.ts';
import { SaccadeError } from './error.ts';
import { checkFile, fileIn, largest } from './folder.ts';
import type { Answers } from './formats/answers.ts';
import { describeClip, describeOpenClip } from './formats/clip.ts';
import type { Described } from './formats/described.ts';
import { describeHuggingFace, isHuggingFace } from './formats/huggingface.ts';
import { describeOnnx } from './formats/onnx.ts';
import { readFields } from './formats/parse.ts';
import { readProcessor } from './formats/processor.ts';
import { describeSiglip } from './formats/siglip.ts';
import { refuseLeftovers } from './formats/shapes.ts';
import { describeSource } from './formats/source.ts';
import { describeTimm } from './formats/timm.ts';
import { describeUnconfigured, layoutOf } from './formats/unconfigured.ts';
import type { ModelManifest } from './manifest.ts';
import { modelIdPattern } from './manifest-values.ts';
import { sweepImports } from './import-sweep.ts';
import { type InstalledModel, readManifest, writeManifest } from './store.ts';
import { tokenizerFiles } from './texts/tokens.ts';
import { textAsVit } from './texts/tower.ts';
import { tried, type TryOut } from './try-out.ts';
import { readVitWeights } from './weights/read.ts';
import { readTextWeights } from './weights/texts.ts';
import { weightFiles, WeightSource } from './weights/source.ts';

export interface ImportOptions {
  /** Id to install under; default: the folder's name. */
  name?: string;
  /** Where it came from; default: the path. */
  source?: string;
  /** What the files can't say. */
  answers?: Answers;
  /** One run of the whole path, before the model is put in place. */
  tryOut?: TryOut;
}

function describe(folder: string, source: WeightSource, answers: Answers): Described {
  const file = readFields(join(folder, 'config.json'));
  const open = source.has('visual.proj') ? readFields(join(folder, 'open_clip_config.json')) : null;
  if (open) return describeOpenClip(open, source, tokenizerFiles(folder));
  if (file?.values['model_type'] === 'clip')
    return describeClip(file, readProcessor(folder), source, tokenizerFiles(folder)); // prettier-ignore
  if (file?.values['model_type'] === 'siglip')
    return describeSiglip(file, readProcessor(folder), source, folder, answers);
  if (file && isHuggingFace(file)) return describeHuggingFace(file, readProcessor(folder), source, answers);
  if (file && (file.has('pretrained_cfg') || source.has('patch_embed.proj.weight')))
    return describeTimm(file, source, answers);
  if (file?.has('emb_dim') && source.has('pos_emb')) return describeSource(file, source, answers);
  const layout = file ? null : layoutOf(source);
  if (layout) return describeUnconfigured(layout, source, answers);
  throw new SaccadeError(
    'unknown-architecture',
    file
      ? 'config.json should be timm\'s (with "pretrained_cfg"), Hugging Face\'s (with "model_type") or the source document\'s (with "emb_dim"); found none of them.'
      : `Expected config.json beside the weights, since their names ("${source.names[0]?.slice(0, 80) ?? ''}", …) are not those of timm, DINO, DeiT, MAE or torchvision. Put the model's config.json there.`,
  );
}

/**
 * Whether a model could be installed, from its configuration and the headers of its weights alone: the tensors' bytes
 * need not be right yet. @throws SaccadeError as `importModel` does
 */
export function checkLayout(folder: string, answers: Answers = {}): void {
  using source = new WeightSource((weightFiles(folder) ?? []).map((file) => join(folder, file)));
  refuseLeftovers(describe(folder, source, answers).config, source);
}

/** Reads every tensor once, so that whatever is wrong is found before anything is installed. */
function checkWeights(config: VitConfig, source: WeightSource): void {
  refuseLeftovers(config, source);
  const weights = readVitWeights(source, config);
  for (let layer = 0; layer < config.depth; layer++) weights.block(layer);
  if (config.text) {
    const texts = readTextWeights(source, textAsVit(config, config.text), config.text.vocabulary);
    for (let layer = 0; layer < config.text.depth; layer++) texts.block(layer);
  }
  for (const name of source.names)
    if (!source.isFinite(name))
      throw new SaccadeError(
        'not-finite',
        `The weights of "${name}" hold NaN or infinity; a model of finite numbers was expected.`,
      );
}

function licenceOf(folder: string): string | null {
  // Whatever it is written in: its head is plain.
  const card = fileIn(folder, 'README.md', largest.card);
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card === null ? '' : readFileSync(card, 'utf8'))?.[1];
  return /^license:\s*["']?([^\s"']+)/m.exec(front ?? '')?.[1] ?? null;
}

function dtypeOf(source: WeightSource): Draft['dtype'] {
  const found = new Set(source.names.map((name) => source.dtype(name)));
  const [only] = found;
  return found.size === 1 && (only === 'F32' || only === 'F16' || only === 'BF16') ? only : 'mixed';
}

function draftFromSafetensors(folder: string, files: string[], answers: Answers): Draft {
  using source = new WeightSource(files.map((file) => join(folder, file)));
  const { config, preprocessing, labels, assumed, licence, outputActivation } = describe(
    folder,
    source,
    answers,
  );
  checkWeights(config, source);
  const { rows, columns } = gridOf(config);
  return {
    kind: 'vit',
    architecture: { ...config },
    input: config.imageSize,
    grid: { rows, columns, patchSize: config.patchSize },
    preprocessing,
    labels,
    outputActivation,
    ...(assumed?.length && { assumed }),
    calibration: { temperature: 1 },
    doubt: labels.length ? halfDoubt : null,
    parameters: source.names.reduce((sum, name) => sum + source.shape(name).reduce((a, b) => a * b, 1), 0),
    licence: licence ?? licenceOf(folder),
    files,
    dtype: dtypeOf(source),
  };
}

/** transformers.js's names for what Optimum exports, the exact one first. */
const usualOnnx = ['model.onnx', 'onnx/model.onnx', 'onnx/model_fp16.onnx', 'onnx/model_quantized.onnx'];

/** The one ONNX file of a folder: under a usual name, or the only one there is. */
function findOnnx(folder: string): string | null {
  for (const name of usualOnnx) if (fileIn(folder, name, largest.weights)) return join(folder, name);
  for (const place of [folder, join(folder, 'onnx')]) {
    if (!existsSync(place)) continue;
    const [only, ...others] = readdirSync(place).filter((name) => name.endsWith('.onnx'));
    if (only && others.length === 0) return fileIn(place, only, largest.weights);
  }
  return null;
}

function draftOf(path: string, answers: Answers): { folder: string; draft: Draft } {
  const isFolder = statSync(path).isDirectory();
  if (!isFolder) checkFile(path, largest.weights);
  const folder = isFolder ? path : dirname(path);
  const extension = isFolder ? '' : extname(path);
  if (extension === '.safetensors' && basename(path) !== 'model.safetensors')
    return { folder, draft: draftFromSafetensors(folder, [basename(path)], answers) };
  const files = extension === '.onnx' ? null : weightFiles(folder);
  if (files) return { folder, draft: draftFromSafetensors(folder, files, answers) };
  const onnx = extension === '.onnx' ? path : findOnnx(folder);
  if (onnx) {
    const draft = describeOnnx(onnx, answers);
    return { folder: dirname(onnx), draft: { ...draft, doubt: draft.doubt ?? (draft.labels.length ? halfDoubt : null) } }; // prettier-ignore
  }
  throw new SaccadeError(
    'no-weights',
    `Expected model.safetensors, model.safetensors.index.json or an .onnx file in ${folder}; found none. PyTorch's .bin and .pth files can run code when read and are not accepted: convert them to safetensors.`,
  );
}

/** Files that a model needs besides its weights. @throws SaccadeError `bad-manifest` */
function besideOf({ architecture }: Draft): string[] {
  const { tokenizer = [] } = (architecture as Partial<VitConfig>).text ?? {};
  const outside = tokenizer.find((file) => basename(file) !== file);
  if (outside !== undefined)
    throw new SaccadeError('bad-manifest', `model.json names the file "${outside}", which is not in its own folder.`); // prettier-ignore
  return tokenizer;
}

function idFor(path: string, options: ImportOptions): string {
  if (options.name !== undefined) {
    if (modelIdPattern.test(options.name)) return options.name;
    throw new SaccadeError(
      'bad-model-name',
      `A model's name should be of letters, digits, ".", "_" and "-"; found "${options.name}".`,
    );
  }
  const stem = basename(resolve(path)).replace(/\.(onnx|safetensors)$/, '');
  return (
    stem
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 128) || 'model'
  );
}

/**
 * @param path a folder, a .safetensors file or an .onnx file, with its configuration beside it
 * @param installedRoot folder that holds one folder a model
 * @throws SaccadeError with a code that names what is wrong; nothing is installed then
 */
export async function importModel(
  path: string,
  installedRoot: string,
  options: ImportOptions = {},
): Promise<InstalledModel> {
  if (!existsSync(path)) throw new SaccadeError('no-model', `Expected a model at ${path}; there is nothing.`);
  const id = idFor(path, options);
  const target = join(installedRoot, id);
  if (existsSync(target))
    throw new SaccadeError(
      'model-exists',
      `A model "${id}" is installed already. Remove it first, or import under another name.`,
    );
  const own = statSync(path).isDirectory() && existsSync(join(path, 'model.json'));
  const { folder, draft } = own ? fromOwn(path) : draftOf(path, options.answers ?? {});
  mkdirSync(installedRoot, { recursive: true });
  sweepImports(installedRoot);
  const temporary = mkdtempSync(join(installedRoot, `.importing-${process.pid}-`));
  try {
    for (const file of [...draft.files, ...besideOf(draft)]) {
      mkdirSync(dirname(join(temporary, file)), { recursive: true });
      copyFileSync(join(folder, file), join(temporary, file));
    }
    const card = ['CARD.md', 'README.md'].find((name) => fileIn(folder, name, largest.card));
    if (card) copyFileSync(join(folder, card), join(temporary, 'CARD.md'));
    const { files, dtype, ...rest } = draft;
    let manifest: ModelManifest = {
      // First: a manifest of our own brings an id of its own along, which would be two models' then.
      ...rest,
      format: 1,
      id,
      name: own ? readManifest(path).name : id,
      source: options.source ?? (own ? readManifest(path).source : null) ?? resolve(path),
      weights: { files, dtype, ...(await hashInto(files.map((file) => join(temporary, file)))) },
      card: card ? 'CARD.md' : null,
    };
    writeManifest(temporary, manifest);
    if (options.tryOut) {
      manifest = tried(manifest, await options.tryOut(temporary));
      writeManifest(temporary, manifest);
    }
    renameSync(temporary, target);
    return { folder: target, manifest, builtIn: false };
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** A folder that Saccade itself wrote, or the training recipe: its model.json holds, once its weights check. */
function fromOwn(folder: string): { folder: string; draft: Draft } {
  const { weights, ...manifest } = readManifest(folder);
  for (const file of weights.files)
    if (basename(file) !== file || !fileIn(folder, file, largest.weights))
      throw new SaccadeError(
        'bad-manifest',
        `model.json names the file "${file}", which is not in its own folder.`,
      );
  if (manifest.kind === 'vit') {
    using source = new WeightSource(weights.files.map((file) => join(folder, file)));
    checkWeights(manifest.architecture as unknown as VitConfig, source);
  }
  return { folder, draft: { ...manifest, files: weights.files, dtype: weights.dtype } };
}

/** Tensors by name out of one safetensors file or several shards. */
import { basename, dirname, join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { fileIn, largest, readIn } from '../folder.ts';
import { asPublished } from './published-names.ts';
import { SafetensorsFile, type TensorInfo, toFloat32 } from './safetensors.ts';

export class WeightSource {
  readonly #files: SafetensorsFile[] = [];
  /** By the name that our layouts have; `stored` is the file's own. */
  readonly #whereabouts = new Map<string, { file: SafetensorsFile; stored: string }>();

  /** @param paths files whose tensors together make the model; @throws SaccadeError `bad-safetensors` */
  constructor(paths: string[]) {
    try {
      const homes = new Map<string, SafetensorsFile>();
      for (const path of paths) {
        const file = new SafetensorsFile(path);
        this.#files.push(file);
        for (const name of file.header.tensors.keys()) homes.set(name, file);
      }
      for (const name of besideTeacher([...homes.keys()])) homes.delete(name);
      const wrapper = wrapperOf([...homes.keys()]);
      const names = asPublished([...homes.keys()].map((stored) => stored.slice(wrapper.length)));
      for (const [i, [stored, file]] of [...homes].entries())
        this.#whereabouts.set(names[i]!, { file, stored });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Without what all of them begin with. */
  get names(): string[] {
    return [...this.#whereabouts.keys()];
  }

  has(name: string): boolean {
    return this.#whereabouts.has(name);
  }

  /** @throws SaccadeError `missing-tensor` */
  shape(name: string): number[] {
    return this.#info(name).shape;
  }

  dtype(name: string): string {
    return this.#info(name).dtype;
  }

  /**
   * The tensor as float32, row-major.
   * @throws SaccadeError `missing-tensor`, `misshaped-tensor`, `unsupported-dtype`
   */
  read(name: string, shape: number[]): Float32Array {
    const { file, stored } = this.#place(name);
    const info = file.info(stored);
    if (info.shape.length !== shape.length || info.shape.some((side, i) => side !== shape[i]))
      throw new SaccadeError(
        'misshaped-tensor',
        `Expected tensor "${name}" to have the shape [${shape.join(', ')}], found [${info.shape.join(', ')}].`,
      );
    return toFloat32(name, info.dtype, file.bytes(stored));
  }

  /** Whether all numbers of a tensor are: neither NaN nor infinity. Tensors of whole numbers are. */
  isFinite(name: string): boolean {
    const { dtype, shape } = this.#info(name);
    return !['F64', 'F32', 'F16', 'BF16'].includes(dtype) || this.read(name, shape).every(Number.isFinite);
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #info(name: string): TensorInfo {
    const { file, stored } = this.#place(name);
    return file.info(stored);
  }

  #place(name: string): { file: SafetensorsFile; stored: string } {
    const place = this.#whereabouts.get(name);
    if (!place) {
      const files = this.#files.map(({ path }) => basename(path)).join(', ');
      throw new SaccadeError('missing-tensor', `Expected a tensor "${name}" in ${files}; it is not there.`);
    }
    return place;
  }
}

/**
 * What self-distillation (DINO, Caron et al. 2021; iBOT; DINOv2) trains beside the network that is used afterwards: the
 * student, where its teacher is there too, and projections that end in a weight-normed layer.
 */
function besideTeacher(names: string[]): string[] {
  const projections = names.flatMap(
    (name) => /^(.*head\.)last_layer\.(weight_[gv]|parametrizations\.weight\.)/.exec(name)?.[1] ?? [],
  );
  const taught = names.some((name) => name.startsWith('teacher.'));
  return names.filter(
    (name) =>
      (taught && name.startsWith('student.')) || projections.some((projection) => name.startsWith(projection)), // prettier-ignore
  );
}

/** First parts of names that belong to a layout: its own, where only that tower was saved. */
const layouts = new Set(['vision_model.', 'text_model.', 'visual.']);

/**
 * What all names begin with: Lightning, DataParallel, torch.compile, timm's wrapper and people put a model into another,
 * under whatever name, and one of these into the next. Empty: nothing.
 */
function wrapperOf(names: string[]): string {
  let found = '';
  for (const [any = ''] = names; ;) {
    const next = any.slice(found.length, any.indexOf('.', found.length) + 1);
    if (!next || layouts.has(next) || !names.every((name) => name.startsWith(found + next))) return found;
    found += next;
  }
}

/**
 * Names of the files that hold a model's tensors: `model.safetensors`, open_clip's, or the shards that
 * `model.safetensors.index.json` lists (Hugging Face's layout), relative to `folder`. Null: neither is there.
 * @throws SaccadeError `bad-weights-index`
 */
export function weightFiles(folder: string): string[] | null {
  for (const name of ['model.safetensors', 'open_clip_model.safetensors'])
    if (fileIn(folder, name, largest.weights)) return [name];
  const index = readIn(folder, 'model.safetensors.index.json', largest.config);
  if (index === null) return null;
  const bad = (what: string) =>
    new SaccadeError('bad-weights-index', `model.safetensors.index.json should list the shards: ${what}`);
  let map: unknown;
  try {
    map = (JSON.parse(index) as { weight_map?: unknown }).weight_map;
  } catch {
    throw bad('it is not JSON.');
  }
  if (typeof map !== 'object' || map === null) throw bad('expected an object "weight_map".');
  const files = [...new Set(Object.values(map))];
  for (const file of files) {
    if (typeof file !== 'string' || basename(file) !== file || dirname(file) !== '.')
      throw bad(`${JSON.stringify(file)} is not a file name in the same folder.`);
    if (!fileIn(folder, file, largest.weights))
      throw bad(`${file} is named there, but is not in the folder.`);
  }
  const homes = new Map<string, string>();
  for (const file of files as string[]) {
    using shard = new SafetensorsFile(join(folder, file));
    for (const tensor of shard.header.tensors.keys()) {
      const other = homes.get(tensor);
      if (other) throw bad(`"${tensor}" is in ${other} and in ${file}, and nobody knows which holds.`);
      homes.set(tensor, file);
    }
  }
  // A bias that a shard lacks would be taken for one that the model does not have.
  for (const [tensor, file] of Object.entries(map))
    if (homes.get(tensor) !== file)
      throw bad(`${String(file)} should hold "${tensor}", and does not. Download the shards again.`);
  return files as string[];
}

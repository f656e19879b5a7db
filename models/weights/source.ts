/** Tensors by name out of one safetensors file or several shards. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { SafetensorsFile, toFloat32 } from './safetensors.ts';

export class WeightSource {
  readonly #files: SafetensorsFile[] = [];
  readonly #whereabouts = new Map<string, SafetensorsFile>();

  /** @param paths files whose tensors together make the model; @throws SaccadeError `bad-safetensors` */
  constructor(paths: string[]) {
    try {
      for (const path of paths) {
        const file = new SafetensorsFile(path);
        this.#files.push(file);
        for (const name of file.header.tensors.keys()) this.#whereabouts.set(name, file);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.#whereabouts.keys()];
  }

  has(name: string): boolean {
    return this.#whereabouts.has(name);
  }

  /** @throws SaccadeError `missing-tensor` */
  shape(name: string): number[] {
    return this.#file(name).info(name).shape;
  }

  dtype(name: string): string {
    return this.#file(name).info(name).dtype;
  }

  /**
   * The tensor as float32, row-major.
   * @throws SaccadeError `missing-tensor`, `misshaped-tensor`, `unsupported-dtype`
   */
  read(name: string, shape: number[]): Float32Array {
    const file = this.#file(name);
    const info = file.info(name);
    if (info.shape.length !== shape.length || info.shape.some((side, i) => side !== shape[i]))
      throw new SaccadeError(
        'misshaped-tensor',
        `Expected tensor "${name}" to have the shape [${shape.join(', ')}], found [${info.shape.join(', ')}].`,
      );
    return toFloat32(name, info.dtype, file.bytes(name));
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #file(name: string): SafetensorsFile {
    const file = this.#whereabouts.get(name);
    if (!file) {
      const files = this.#files.map(({ path }) => basename(path)).join(', ');
      throw new SaccadeError('missing-tensor', `Expected a tensor "${name}" in ${files}; it is not there.`);
    }
    return file;
  }
}

/**
 * Names of the files that hold a model's tensors: `model.safetensors`, or the shards that
 * `model.safetensors.index.json` lists (Hugging Face's layout), relative to `folder`. Null: neither is there.
 * @throws SaccadeError `bad-weights-index`
 */
export function weightFiles(folder: string): string[] | null {
  if (existsSync(join(folder, 'model.safetensors'))) return ['model.safetensors'];
  const index = join(folder, 'model.safetensors.index.json');
  if (!existsSync(index)) return null;
  const bad = (what: string) =>
    new SaccadeError('bad-weights-index', `model.safetensors.index.json should list the shards: ${what}`);
  let map: unknown;
  try {
    map = (JSON.parse(readFileSync(index, 'utf8')) as { weight_map?: unknown }).weight_map;
  } catch {
    throw bad('it is not JSON.');
  }
  if (typeof map !== 'object' || map === null) throw bad('expected an object "weight_map".');
  const files = [...new Set(Object.values(map))];
  for (const file of files) {
    if (typeof file !== 'string' || basename(file) !== file || dirname(file) !== '.')
      throw bad(`${JSON.stringify(file)} is not a file name in the same folder.`);
    if (!existsSync(join(folder, file))) throw bad(`${file} is named there, but is not in the folder.`);
  }
  return files as string[];
}

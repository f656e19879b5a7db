/** Patches of a model input replaced by those of another picture: the photo blurred, or grey. */
import type { ModelManifest } from '../../../models/manifest.ts';
import { blur } from './blur.ts';

/** Pixels of the model's input. */
const blurSigma = 12;

const made = new WeakMap<Float32Array, Partial<Record<'blur' | 'grey', Float32Array>>>();

/** What a photo's patches are replaced by, [3, height, width]; of the same pixels made once. */
export function replacement(
  pixelValues: Float32Array,
  kind: 'blur' | 'grey',
  { input, preprocessing }: Pick<ModelManifest, 'input' | 'preprocessing'>,
): Float32Array {
  const known = made.get(pixelValues) ?? {};
  made.set(pixelValues, known);
  const area = input.height * input.width;
  return (known[kind] ??=
    kind === 'blur'
      ? blur(pixelValues, input.height, input.width, blurSigma)
      : pixelValues.map((_, i) => {
          const channel = Math.floor(i / area);
          return (0.5 - preprocessing.mean[channel]!) / preprocessing.std[channel]!;
        }));
}

/** Copies one patch of `from` into `to`, [3, height, width] each. */
export function copyPatch(
  patch: number,
  from: Float32Array,
  to: Float32Array,
  { input, grid }: { input: ModelManifest['input']; grid: { rows: number; columns: number } },
): void {
  const { height, width } = input;
  const { rows, columns } = grid;
  const edge = (i: number, count: number, length: number) => Math.round((i * length) / count);
  const line = Math.floor(patch / columns);
  const column = patch % columns;
  const [left, right] = [edge(column, columns, width), edge(column + 1, columns, width)];
  for (let channel = 0; channel < 3; channel++)
    for (let y = edge(line, rows, height); y < edge(line + 1, rows, height); y++) {
      const at = (channel * height + y) * width;
      to.set(from.subarray(at + left, at + right), at + left);
    }
}

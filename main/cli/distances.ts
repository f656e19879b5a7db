/** Mean attention distance over photos, as a plot or as numbers. */
import { extname } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { distanceSvg } from '../../models/overlay/distance-plot.ts';
import type { Inspection } from '../contract/entities/inspection.ts';
import type { Attended } from '../contract/entities/trial.ts';
import { sharp } from '../decode/engine.ts';
import { writePicture } from '../report/pictures.ts';

const endings = ['.svg', '.png', '.csv', '.json'] as const;

/** @throws SaccadeError `wrong-usage` */
export function checkDistanceFile(file: string): void {
  if (!(endings as readonly string[]).includes(extname(file).toLowerCase()))
    throw new SaccadeError('wrong-usage', `Expected a file that ends in ${endings.join(', ')} for --distance; found ${file}.`); // prettier-ignore
}

/** The longer side of what the model sees, pixels of its input. */
export function longestSide({ grid }: Inspection): number {
  return grid ? Math.max(grid.rows, grid.columns) * grid.patchSize : 0;
}

/** Sums over photos of one model. */
export class Distances {
  #sums: Float64Array | null = null;
  #photos = 0;
  #layers = 0;
  #heads = 0;

  count({ distance, layers, heads }: Attended): void {
    this.#sums ??= new Float64Array(distance.length);
    for (const [i, value] of distance.entries()) this.#sums[i]! += value;
    [this.#layers, this.#heads] = [layers, heads];
    this.#photos++;
  }

  /** [L, H], pixels of the model's input; null: of no photo. */
  get mean(): Float64Array | null {
    return this.#sums && this.#sums.map((sum) => sum / this.#photos);
  }

  /** As the ending of the file says. @param longest the longer side of the model's input, pixels */
  async write(file: string, model: string, longest: number): Promise<void> {
    const { mean } = this;
    if (!mean)
      throw new SaccadeError('no-map', 'Expected a photo whose attention can be measured; found none.');
    const [layers, heads, photos] = [this.#layers, this.#heads, this.#photos];
    const ending = extname(file).toLowerCase();
    const rows = Array.from({ length: layers }, (_, layer) => [
      ...mean.subarray(layer * heads, (layer + 1) * heads),
    ]);
    if (ending === '.json') {
      const told = { model, photos, unit: 'pixels of the model input', input: longest, distance: rows };
      return writePicture(file, Buffer.from(`${JSON.stringify(told)}\n`));
    }
    if (ending === '.csv') {
      const lines = rows.flatMap((row, layer) =>
        row.map((value, head) => `${layer + 1},${head + 1},${value.toFixed(3)}`),
      );
      return writePicture(file, Buffer.from(`layer,head,distance\n${lines.join('\n')}\n`));
    }
    const svg = distanceSvg(
      { distances: mean, layers, heads, longest },
      {
        title: `Mean attention distance, ${model}, ${photos} ${photos === 1 ? 'photo' : 'photos'}`,
        x: 'layer (a point a head)',
        y: 'pixels of the model input',
      },
    );
    if (ending === '.svg') return writePicture(file, Buffer.from(svg));
    return writePicture(file, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
  }
}

/** The eraser as the window asks for it: from a stroke to the labels, through the real library process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '../../main/contract/result.ts';
import type { Ablated } from '../../main/contract/entities/trial.ts';
import type { PhotoPage } from '../../main/contract/entities/photo.ts';
import { startLibrary } from '../../main/rpc/library.ts';
import { startFromHere } from '../../main/rpc/parent.ts';
import { readManifest } from '../../models/load.ts';
import { writeModel } from './models.ts';
import { writePhotos } from './photos.ts';
import type { Figure } from './scale.ts';
import { median } from './table.ts';

const aims = { 'vit-tiny': 40, 'vit-base': 150 };
/** Of all patches: the first stroke, a middle one, and one that leaves few. */
const shares = [0.01, 0.25, 0.5, 0.9];

export async function strokes(cache: string, variant: keyof typeof aims, rounds: number): Promise<Figure[]> {
  const { folder } = await writeModel(cache, variant);
  const { id, grid, name } = readManifest(folder);
  const photos = join(cache, 'one-of-12-megapixels');
  await writePhotos(photos, 1, 4000, 3000);
  const home = mkdtempSync(join(tmpdir(), 'saccade-bench-'));
  const library = startLibrary(startFromHere, { home, builtInModel: folder, window: true });
  const figures: Figure[] = [];
  try {
    unwrap(await library.ask('settings.set', { model: id, provider: 'cpu', precision: 'fp32' }));
    const listed = new Promise<void>((resolve) => {
      library.onEvent((event, payload) => {
        if (event === 'scan.progress' && (payload as { done: boolean }).done) resolve();
      });
    });
    unwrap(await library.ask('folders.add', { path: photos }));
    await listed;
    const first = { sort: { key: 'date', descending: true }, at: 0, limit: 1 } as const;
    const { items } = unwrap<PhotoPage>(await library.ask('photos.page', { filter: {}, ...first }));
    const photoId = items[0]!.id;
    const patches = grid!.rows * grid!.columns;
    const asked = (['fp32', 'int8'] as const).flatMap((precision) => [
      ...shares.map((share) => ({ precision, baseline: 'drop', share }) as const),
      { precision, baseline: 'blur', share: 0.5 } as const,
    ]);
    for (const { precision, baseline, share } of asked) {
      unwrap(await library.ask('settings.set', { precision }));
      const walls: number[] = [];
      const graphs: number[] = [];
      for (let round = -1; round < 10 * rounds; round++) {
        // Another part each time, as while one draws.
        const without = Array.from({ length: Math.max(1, Math.round(share * patches)) }, (_, i) => (i + 1 + round) % patches); // prettier-ignore
        const began = performance.now();
        const answer = unwrap<Ablated>(await library.ask('inspect.ablate', { photoId, classIndex: 1, baseline, without, headsOff: [] })); // prettier-ignore
        if (round < 0) continue; // decodes the photo and opens the graph
        walls.push(performance.now() - began);
        graphs.push(answer.runMs);
      }
      figures.push({
        what: `${name}, ${precision}, ${baseline}, a stroke without ${Math.round(100 * share)} % of the patches`,
        figure: `${Math.round(median(walls))} ms (${Math.round(median(graphs))} in the graph, most ${Math.round(Math.max(...walls))}; aim ${aims[variant]})`,
      });
      console.error(figures.at(-1));
    }
  } finally {
    await library.close();
    rmSync(home, { recursive: true, force: true });
  }
  return figures;
}

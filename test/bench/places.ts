/** The map of very many photos that all say where they were taken: processor time of what it asks for. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fromMap, onMap } from '../../main/contract/mercator.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import { noCapture } from '../../main/decode/metadata/capture.ts';
import { storeCapture } from '../../main/library/catalog/captures.ts';
import { openCatalog, type Catalog } from '../../main/library/catalog/database.ts';
import { addFolder, ensureFolder } from '../../main/library/catalog/folders.ts';
import { insertPhoto, setWords } from '../../main/library/catalog/photos.ts';
import { placesOf } from '../../main/library/lists/places.ts';
import { processorMs } from './alone.ts';
import { random } from './rows.ts';
import type { Figure } from './scale.ts';
import { median } from './table.ts';

/** Half of them in a hundred towns, the others anywhere; a third in a folder of its own. Made once and kept. */
function manyPlaces(root: string, count: number): Catalog {
  const path = join(root, `places-${count}.sqlite`);
  if (!existsSync(path)) {
    const part = `${path}.part`;
    for (const end of ['', '-wal', '-shm']) rmSync(part + end, { force: true });
    const catalog = openCatalog(part);
    // A half-made catalog is made anew: nothing of it has to be safe.
    catalog.exec('PRAGMA synchronous = OFF');
    addFolder(catalog, '/photos');
    const folders = [ensureFolder(catalog, '/photos/third'), ensureFolder(catalog, '/photos')];
    const next = random(1);
    const anywhere = () => fromMap({ x: next(), y: 0.1 + 0.8 * next() });
    const towns = Array.from({ length: 100 }, () => onMap(anywhere()));
    for (let from = 0; from < count; from += 10_000)
      catalog.transaction(() => {
        for (let i = from; i < Math.min(count, from + 10_000); i++) {
          const name = `${next() < 0.5 ? 'IMG_' : 'DSC'}${i}.jpg`;
          const id = insertPhoto(catalog, folders[Math.min(1, i % 3)]!, name, { bytes: 1, modifiedMs: 0, changedMs: 0 }); // prettier-ignore
          setWords(catalog, id, name, null);
          const { x, y } = towns[i % towns.length]!;
          const place = i % 2 ? anywhere() : fromMap({ x: x + 1e-4 * next(), y: y + 1e-4 * next() });
          storeCapture(catalog, id, { ...noCapture, ...place });
        }
      });
    catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    catalog.close();
    renameSync(part, path);
  }
  return openCatalog(path);
}

export async function placesOverMany(root: string, count: number): Promise<Figure[]> {
  const catalog = manyPlaces(root, count);
  const whole = { south: -90, west: -180, north: 90, east: 180 };
  const continent = { south: 35, west: -12, north: 60, east: 32 };
  const filters: [string, PhotoFilter][] = [
    ['all', {}],
    ['in a folder with a third', { folderId: catalog.one<{ id: number }>(`SELECT id FROM folders WHERE name = 'third'`)!.id }], // prettier-ignore
    ['that a word finds, half', { search: 'img' }],
  ];
  const figures: Figure[] = [];
  for (const [who, filter] of filters)
    for (const [what, box, level] of [
      ['their number and what is around them', whole, 0],
      ['the world in 4,096 squares', whole, 6],
      ['a continent in squares a quarter as wide', continent, 8],
    ] as const) {
      const times: number[] = [];
      let first = 0;
      for (let round = -1; round < 5; round++) {
        // What was found before is kept until something changes.
        catalog.run('UPDATE folders SET name = name WHERE id = 1');
        const [, ms] = await processorMs(() => Promise.resolve(placesOf(catalog, { filter, box, level })));
        if (round < 0) first = ms;
        else times.push(ms);
      }
      figures.push({
        what: `photos ${who} of ${count}: ${what}`,
        figure: `${median(times).toFixed(0)} ms of processor time after a change (first ${first.toFixed(0)})`,
      });
      process.stderr.write(`${figures.at(-1)!.what}: ${figures.at(-1)!.figure}\n`);
    }
  catalog.close();
  return figures;
}

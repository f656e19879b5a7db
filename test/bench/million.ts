/** A library of very many photos: pages, counts, facets, search, memory and bytes, asked of the real library process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { PhotoFilter, PhotoSort } from '../../main/contract/requests.ts';
import { sortKey } from '../../main/contract/values.ts';
import { unwrap } from '../../main/contract/result.ts';
import type { Library } from '../../main/rpc/library.ts';
import { manyRows, severalRows } from './rows.ts';
import type { Figure } from './scale.ts';
import { startBuilt, startSaccade } from './sides.ts';
import { ensureBuilt } from '../built.ts';

const pageSize = 100;

const at = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

function told(what: string, times: number[]): Figure {
  const sorted = times.toSorted((a, b) => a - b);
  const [middle, most, worst] = [at(sorted, 0.5), at(sorted, 0.99), sorted.at(-1)!].map((ms) =>
    ms.toFixed(0),
  );
  return {
    what,
    figure: `median ${middle} ms, 99 % within ${most} ms, longest ${worst} ms of ${times.length}`,
  };
}

async function timed(times: number[], ask: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await ask();
  times.push(performance.now() - start);
}

/** What a person narrows a list down to. */
async function narrowings(library: Library, several: boolean): Promise<Record<string, PhotoFilter>> {
  const { items: [root] } = unwrap(await library.ask('folders.children', { parentId: null, limit: 1 })); // prettier-ignore
  const { items: folders } = unwrap(
    await library.ask('folders.children', { parentId: root!.id, limit: 100 }),
  );
  const camera = folders.find(({ name }) => name === 'Camera')!;
  const year = folders.find(({ name }) => name !== 'Camera')!;
  const { items: [event] } = unwrap(await library.ask('folders.children', { parentId: year.id, limit: 1 })); // prettier-ignore
  return {
    'all photos': {},
    'the root': { folderId: root!.id },
    'a folder with a fifth of them': { folderId: camera.id },
    'a folder with a thirtieth': { folderId: year.id },
    'a folder with a thousandth': { folderId: event!.id },
    'the commonest label': { labels: [0] },
    'a rare label': { labels: [900] },
    'a label in a folder': { labels: [3], folderId: camera.id },
    unsure: { status: ['unsure'] },
    new: { status: ['new'] },
    improbable: { maxProbability: 0.1 },
    'own labels': { own: true },
    ...(several && {
      'two labels at once': { labels: [0, 7], match: 'all' },
      'either of two labels': { labels: [0, 7] },
      'a label that is probable': { labels: [0], minProbability: 0.5 },
      'not the commonest label': { withoutLabels: [0] },
    }),
  };
}

const searches = [
  ...['img_', 'dsc0012', 'hound', 'event 7', '12', 'camera img', 'no such thing'],
  ...['camera:canon', 'lens:50mm', 'year:2014', 'label:hound', 'img_ year:2010-2012'],
];

/** Resident megabytes; Linux only. */
const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** `several`: of a model several of whose labels may hold. */
export async function million(root: string, count: number, several = false): Promise<Figure[]> {
  const home = (several ? severalRows : manyRows)(root, count, (rows) =>
    process.stderr.write(`\r${rows} rows`),
  );
  const figures: Figure[] = [];
  const [opening, closing]: [number[], number[]] = [[], []];
  ensureBuilt();
  for (let i = 0; i < 5; i++) {
    let fresh!: Library;
    await timed(opening, async () => {
      fresh = startBuilt(home);
      unwrap(await fresh.ask('photos.page', { filter: {}, sort: { key: 'date', descending: true }, limit: pageSize })); // prettier-ignore
    });
    await timed(closing, () => fresh.close());
  }
  figures.push(
    told(`opening a library of ${count} photos, as built: from the start to its first page`, opening),
    told('closing it', closing),
  );

  const library = startSaccade(home);
  try {
    const ask: Library['ask'] = library.ask.bind(library);
    const all: number[] = [];
    const facets: number[] = [];
    const counts: number[] = [];
    const filters = await narrowings(library, several);
    for (const [name, filter] of Object.entries(filters)) {
      const { total } = unwrap(await ask('photos.count', { filter }));
      for (const key of sortKey.options) {
        const pages: number[] = [];
        for (const descending of [false, true]) {
          const sort: PhotoSort = { key, descending };
          for (const share of [0, 0.07, 0.31, 0.5, 0.64, 0.93]) {
            const from = Math.floor(share * total);
            await timed(pages, async () => unwrap(await ask('photos.page', { filter, sort, at: from, limit: pageSize }))); // prettier-ignore
          }
        }
        process.stderr.write(
          `${told(`${name} (${total}) by ${key}`, pages).figure}  ${name} (${total}) by ${key}\n`,
        );
        all.push(...pages);
      }
      const [ofFacets, ofCount]: [number[], number[]] = [[], []];
      for (let i = 0; i < 3; i++) {
        await timed(ofFacets, async () => unwrap(await ask('photos.facets', { filter, limit: 100 })));
        await timed(ofCount, async () => unwrap(await ask('photos.count', { filter })));
      }
      process.stderr.write(`   facets ${told('', ofFacets).figure}; count ${told('', ofCount).figure}\n`);
      facets.push(...ofFacets);
      counts.push(...ofCount);
    }
    figures.push(
      told('any page of any sort within any folder, label or status', all),
      told('facets: labels and statuses with their numbers', facets),
      told('how many a filter finds', counts),
    );
    const found: number[] = [];
    for (const search of searches) {
      const these: number[] = [];
      for (const key of ['date', 'name'] as const)
        for (let i = 0; i < 3; i++)
          await timed(these, async () => unwrap(await ask('photos.page', { filter: { search }, sort: { key, descending: true }, limit: pageSize }))); // prettier-ignore
      process.stderr.write(`${told('', these).figure}  search ${search}\n`);
      found.push(...these);
    }
    figures.push(told('search, with its number of photos', found));
    if (process.platform === 'linux')
      figures.push({ what: 'memory of the library process after all that', figure: `${resident(library.pid()!).toFixed(0)} MB` }); // prettier-ignore
  } finally {
    await library.close();
  }
  figures.push(...bytesOf(join(home, 'catalog.sqlite'), count));
  return figures;
}

/** Of each table and index, a photo. */
function bytesOf(path: string, count: number): Figure[] {
  const database = new Database(path, { readonly: true });
  const rows = database
    .prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC')
    .all() as { name: string; bytes: number }[];
  database.close();
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const large = rows.filter(({ bytes }) => bytes > total / 200);
  return [
    { what: 'catalog, bytes a photo', figure: (total / count).toFixed(0) },
    ...large.map(({ name, bytes }) => ({ what: `of them ${name}`, figure: (bytes / count).toFixed(0) })),
  ];
}

/** A person's word, and how long until the labels in use have been taught with it, by the real library process. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { HeadSummary, TeachingStatus } from '../../main/contract/entities/head.ts';
import type { RunStatus } from '../../main/contract/entities/run.ts';
import { unwrap } from '../../main/contract/result.ts';
import { startLibrary } from '../../main/rpc/library.ts';
import { startFromHere } from '../../main/rpc/parent.ts';
import { importModel } from '../../models/import.ts';
import { tinyShape, writeTimm } from '../models/tiny.ts';
import { examplesOf } from './again.ts';
import { writePhotos } from './photos.ts';
import type { Figure } from './scale.ts';
import { median } from './table.ts';

const [examples, labels] = [500, 10];

/** One block is enough: what the photos give is replaced by clusters, and nothing is looked at after that. */
async function modelOf(cache: string, length: number): Promise<string> {
  const installed = join(cache, 'follow');
  const name = `follow-${length}`;
  if (existsSync(join(installed, name))) return join(installed, name);
  const shape = { ...tinyShape, width: length, depth: 1, grid: 2, patchSize: 16 };
  return (await importModel(writeTimm(join(cache, 'checkpoint', name), shape), installed, { name })).folder;
}

/** As the bench without the library has them. */
function replaceFeatures(home: string, length: number): void {
  const { data } = examplesOf(examples + 100, length, labels).features;
  const catalog = new Database(join(home, 'catalog.sqlite'));
  const rows = catalog.prepare('SELECT f.content_id AS content, f.key_id AS key FROM features f JOIN photos p USING (content_id) ORDER BY p.name').all() as { content: number; key: number }[]; // prettier-ignore
  const put = catalog.prepare('UPDATE features SET vector = ? WHERE content_id = ? AND key_id = ?');
  for (const [i, { content, key }] of rows.entries())
    put.run(new Uint8Array(new Float16Array(data.subarray(i * length, (i + 1) * length)).buffer), content, key); // prettier-ignore
  catalog.close();
}

/** Of `rounds` words after five hundred examples of ten labels. */
export async function wordsFollowed(cache: string, rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const length of [192, 768]) {
    const folder = await modelOf(cache, length);
    const photos = join(cache, 'six-hundred');
    await writePhotos(photos, examples + 100, 320, 256);
    const home = mkdtempSync(join(tmpdir(), 'saccade-bench-'));
    const start = () => startLibrary(startFromHere, { home, builtInModel: folder, window: true });
    let library = start();
    try {
      const happened = (wanted: string, is: (payload: never) => boolean) =>
        new Promise<void>((resolve) => {
          library.onEvent((name, payload) => {
            if (name === wanted && is(payload as never)) resolve();
          });
        });
      unwrap(await library.ask('settings.set', { model: `follow-${length}`, provider: 'cpu' }));
      const listed = happened('scan.progress', ({ done }: { done: boolean }) => done);
      unwrap(await library.ask('folders.add', { path: photos }));
      await listed;
      const ended = happened('run.progress', ({ state }: RunStatus) => state === 'finished');
      unwrap(await library.ask('runs.start', { selection: { filter: {}, except: [] }, again: false, retryFailed: false })); // prettier-ignore
      await ended;
      await library.close();
      replaceFeatures(home, length);
      library = start();

      const pageFrom = async (at: number) => {
        const page = { sort: { key: 'name', descending: false }, at, limit: examples } as const;
        return unwrap<{ items: { id: number }[] }>(await library.ask('photos.page', { filter: {}, ...page }));
      };
      const items = [...(await pageFrom(0)).items, ...(await pageFrom(examples)).items];
      const say = async (ids: number[], label: number) =>
        unwrap(await library.ask('review.act', { selection: { ids }, act: { kind: 'label', labels: [`label ${label}`] } })); // prettier-ignore
      for (let label = 0; label < labels; label++)
        await say(
          items.flatMap(({ id }, i) => (i < examples && i % labels === label ? id : [])),
          label,
        );
      unwrap(await library.ask('heads.teach', { name: 'followed', source: { from: 'person' }, use: true }));
      for (;;) {
        const status = unwrap<TeachingStatus | null>(await library.ask('heads.teaching', {}));
        if (status?.state === 'finished') break;
        if (status?.error) throw new Error(status.error.message);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const version = async () => {
        const { items: heads } = unwrap<{ items: HeadSummary[] }>(await library.ask('heads.list', {}));
        return heads.find(({ inUse }) => inUse)!.version;
      };
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const before = await version();
        const began = performance.now();
        await say([items[examples + round]!.id], (examples + round) % labels);
        while ((await version()) === before) await new Promise((resolve) => setTimeout(resolve, 2));
        times.push(performance.now() - began);
        // The lists follow in the background; the next word comes after them.
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      figures.push({
        what: `from a word of a person's to labels taught with it, ${examples} examples × ${length}, in the library process`,
        figure: `${Math.round(median(times))} ms (${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))}; aim 300)`,
      });
      console.error(figures.at(-1));
    } finally {
      await library.close();
      rmSync(home, { recursive: true, force: true });
    }
  }
  return figures;
}

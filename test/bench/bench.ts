/**
 * `npm run bench [-- --rounds 3 --only large,base,small,pipeline,streams,streams-base,providers,maps,maps-base,listing,
 * scale,million,million-several,places,waits,heads,search,duplicates,alike,follow,strokes,strokes-base
 * --rows 1000000 --vectors 1000000 --provider cpu --json FILE]`: Saccade beside the transformers.js
 * pipeline with the same model and photos, in alternation, in one process tree. Needs no network and no weights.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision, ProviderName } from '../../main/contract/values.ts';
import { alikeOverMany } from './alike.ts';
import { duplicatesOverMany, headsOverMany, searchOverMany } from './heads.ts';
import { mapCosts } from './maps.ts';
import { writeModel } from './models.ts';
import { writePhotos } from './photos.ts';
import { pipelineEfficiency } from './pipeline.ts';
import { byProvider } from './providers.ts';
import { million } from './million.ts';
import { placesOverMany } from './places.ts';
import { listing, scale } from './scale.ts';
import { streamsBesideOne } from './streams.ts';
import { startSaccade, startTransformers, timeSaccade } from './sides.ts';
import { strokes } from './strokes.ts';
import { wordsFollowed } from './follow.ts';
import { median, printTable, type Row } from './table.ts';
import { windowWaits } from './waits.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: {
      type: 'string',
      default:
        'large,base,small,pipeline,streams,streams-base,providers,maps,maps-base,listing,scale,heads,search,duplicates,alike,follow,strokes,strokes-base',
    },
    photos: { type: 'string', default: '100000' },
    /** In each folder through which `waits` jumps; it needs a build and a Chromium, and is not among the parts that run by themselves. */
    long: { type: 'string', default: '10000' },
    /** Of the catalogs that `million` and `million-several`, 3 KB each, and `places`, 0.5 KB, write; not among the parts that run by themselves. */
    rows: { type: 'string', default: '1000000' },
    /** Of heads, search, duplicates and alike. A million of 768 numbers take 1.5 GB here and 0.8 GB in graphs. */
    vectors: { type: 'string', default: '1000000' },
    /** Of both sides of a comparison: cpu, webgpu, cuda, directml, coreml. int8 is for the CPU. */
    provider: { type: 'string', default: 'cpu' },
    json: { type: 'string' },
    /** Photos and models are kept here from one call to the next. */
    cache: { type: 'string', default: join(tmpdir(), 'saccade-bench') },
  },
});
const rounds = Number(values.rounds);
const chosen = new Set(values.only.split(','));
mkdirSync(values.cache, { recursive: true });
// What is measured of this machine is kept there: neither taken from a person's own data folder nor left in it.
process.env['SACCADE_HOME'] = join(values.cache, 'home');

interface Race {
  what: string;
  model: 'vit-tiny' | 'vit-base';
  paths: string[];
  precision: Precision;
  dtype: 'fp32' | 'q8';
  aim: number;
}

async function race({ what, model, paths, precision, dtype, aim }: Race): Promise<Row> {
  await writeModel(values.cache, model);
  const library = startSaccade(join(values.cache, 'home'));
  const other = startTransformers(join(values.cache, 'hub'));
  // transformers.js names DirectML after its option.
  const device = values.provider === 'directml' ? 'dml' : values.provider;
  const ours: number[] = [];
  const theirs: number[] = [];
  let bottleneck: string | null = null;
  try {
    const run = { model, precision, again: true, provider: values.provider as ProviderName };
    await timeSaccade(library, { ...run, paths: paths.slice(0, 1) });
    await other.time(model, dtype, device, paths.slice(0, 1));
    for (let round = 0; round < rounds; round++) {
      const mine = await timeSaccade(library, { ...run, paths });
      ours.push(mine.ms);
      bottleneck = mine.progress.bottleneck;
      theirs.push(await other.time(model, dtype, device, paths));
    }
  } finally {
    other.close();
    await library.close();
  }
  const perSecond = (ms: number[]) => (1000 * paths.length) / median(ms);
  const figures = { Saccade: perSecond(ours), 'transformers.js': perSecond(theirs) };
  const row = { what, figures, ratio: figures.Saccade / figures['transformers.js'], aim };
  // At once: the other parts take minutes.
  process.stderr.write(`${printTable([row]).split('\n').at(-1)}\n${bottleneck ?? 'no bottleneck named'}\n`);
  return row;
}

const rows: Row[] = [];
const large = () => writePhotos(join(values.cache, '12-megapixel'), 96, 4000, 3000);
const small = () => writePhotos(join(values.cache, '500-pixel'), 200, 500, 375);

if (chosen.has('large'))
  rows.push(await race({ what: '96 JPEGs of 12 megapixels, ViT-Ti/16, fp32', model: 'vit-tiny', paths: await large(), precision: 'fp32', dtype: 'fp32', aim: 4 })); // prettier-ignore
if (chosen.has('base')) {
  const paths = (await large()).slice(0, 48);
  const base = { model: 'vit-base', paths } as const;
  rows.push(
    await race({
      ...base,
      what: '12 megapixels, ViT-B/16, fp32',
      precision: 'fp32',
      dtype: 'fp32',
      aim: 1.15,
    }),
    await race({
      ...base,
      what: '12 megapixels, ViT-B/16, int8 against fp32',
      precision: 'int8',
      dtype: 'fp32',
      aim: 2.5,
    }),
    await race({
      ...base,
      what: '12 megapixels, ViT-B/16, int8 against q8',
      precision: 'int8',
      dtype: 'q8',
      aim: 1,
    }),
  );
}
if (chosen.has('small')) {
  const tiny = { model: 'vit-tiny', paths: await small() } as const;
  rows.push(
    await race({ ...tiny, what: '500 pixels, ViT-Ti/16, fp32', precision: 'fp32', dtype: 'fp32', aim: 1.5 }),
    await race({
      ...tiny,
      what: '500 pixels, ViT-Ti/16, int8 against fp32',
      precision: 'int8',
      dtype: 'fp32',
      aim: 2.5,
    }),
  );
}
if (chosen.has('pipeline'))
  rows.push(...(await pipelineEfficiency(values.cache, rounds, await large(), await small())));
if (chosen.has('streams')) rows.push(...(await streamsBesideOne(values.cache, 'vit-tiny', 3 * rounds)));
if (chosen.has('streams-base')) rows.push(...(await streamsBesideOne(values.cache, 'vit-base', rounds)));
if (chosen.has('providers')) rows.push(...(await byProvider(values.cache, rounds)));
if (chosen.has('maps'))
  rows.push(...(await mapCosts(values.cache, 'vit-tiny', 'ViT-Ti/16, fp32', 20 * rounds)));
if (chosen.has('maps-base'))
  rows.push(...(await mapCosts(values.cache, 'vit-base', 'ViT-B/16, fp32', 3 * rounds)));
const many = Number(values.photos);
const scaled = [
  ...(chosen.has('listing') ? await listing(values.cache, many) : []),
  ...(chosen.has('scale') ? await scale(values.cache, many) : []),
  ...(chosen.has('million') ? await million(values.cache, Number(values.rows)) : []),
  ...(chosen.has('million-several') ? await million(values.cache, Number(values.rows), true) : []),
  ...(chosen.has('places') ? await placesOverMany(values.cache, Number(values.rows)) : []),
  ...(chosen.has('follow') ? await wordsFollowed(values.cache, 5 * rounds) : []),
  ...(chosen.has('strokes') ? await strokes(values.cache, 'vit-tiny', rounds) : []),
  ...(chosen.has('strokes-base') ? await strokes(values.cache, 'vit-base', rounds) : []),
  ...(chosen.has('waits') ? await windowWaits(values.cache, Number(values.long)) : []),
];

const vectors = Number(values.vectors);
for (const [name, measure] of Object.entries({
  heads: headsOverMany,
  search: searchOverMany,
  duplicates: duplicatesOverMany,
  alike: async (_: number, many: number) => ({ rows: [], figures: await alikeOverMany(many) }),
})) {
  if (!chosen.has(name)) continue;
  const measured = await measure(rounds, vectors);
  rows.push(...measured.rows);
  scaled.push(...measured.figures);
}

const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
console.log(
  `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, medians of ${rounds} rounds, photos/s`,
);
if (rows.length) console.log(printTable(rows));
if (scaled.length) console.log(scaled.map(({ what, figure }) => `- ${what}: ${figure}`).join('\n'));
if (values.json)
  writeFileSync(values.json, JSON.stringify({ machine, rounds, rows, scale: scaled }, null, 2));

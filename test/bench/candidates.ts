/**
 * Candidates for a faithful map, on photos: docs/faithfulness.md's protocol over the maps that `candidates.py` made.
 *
 *   node test/bench/candidates.ts prepare DIR WEIGHTS PHOTOS…   model inputs into DIR/pixels
 *   python3 test/bench/candidates.py DIR WEIGHTS/model.safetensors HEADS EPSILON [PHOTOS]
 *   node test/bench/candidates.ts curves DIR WEIGHTS            areas into DIR/areas.jsonl, a line a photo
 *   node test/bench/candidates.ts measure DIR WEIGHTS           the same of measured maps, into DIR/measured.jsonl: needs
 *                                                               `prepare` alone; photos in an order drawn at random
 *   node test/bench/candidates.ts table DIR
 *
 * Everything is done photo by photo and goes on where it was stopped. 7 steps; patches are taken away by blur.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { meanInterval } from '../../main/cli/intervals.ts';
import { softmax } from '../../main/inference/answering/answers.ts';
import { area, orderOf } from '../../main/inference/answering/faithfulness.ts';
import { preprocessInWorker } from '../../main/inference/answering/preprocess-batch.ts';
import { copyPatch, replacement } from '../../main/inference/answering/replace.ts';
import { randomHalf } from '../../models/explain/random-parts.ts';
import { importModel } from '../../models/import.ts';
import { buildGraph, type GraphOptions } from '../../models/load.ts';
import { contributionMap } from '../../models/overlay/inspection.ts';
import { emptyTally, measuredMap, standardisedSum, tallied } from '../../models/overlay/measured.ts';
import { seeded } from '../../models/random.ts';
import { findModel, type InstalledModel } from '../../models/store.ts';

const steps = 7;
const passes = 400;
const passesAtOnce = 8;
/** Known to be far behind, or near one that is compared: maps without curves. */
const leftOut = new Set(['rollout', '[CLS] attention, last layer', 'evidence, last 6 layers', 'evidence times rollout', 'rollout of norms', 'LibraGrad, before layer 7']); // prettier-ignore

interface Areas {
  photo: string;
  label: number;
  /** Of the label: of the whole photo, and of it blurred. */
  whole: number;
  gone: number;
  /** By map: [deletion, insertion]. */
  maps: Record<string, [number, number]>;
}

async function modelIn(place: string, weights: string): Promise<InstalledModel> {
  const installed = join(place, 'models');
  if (!existsSync(join(installed, 'candidate'))) await importModel(weights, installed, { name: 'candidate' });
  return findModel({ builtIn: join(import.meta.dirname, '../../models/starter'), installed }, 'candidate');
}

async function sessionOf({ folder, manifest }: InstalledModel, kind: GraphOptions['kind']) {
  const graph = await buildGraph(folder, manifest, { kind, precision: 'fp32', map: null });
  const session = await ort.InferenceSession.create(graph.model, {
    externalData: graph.externalData,
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return { session, graph };
}

const numbers = (file: string): Float32Array => new Float32Array(new Uint8Array(readFileSync(file)).buffer);
const lines = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as T)
    : [];

async function prepare(place: string, weights: string, photos: string[]): Promise<void> {
  const { manifest } = await modelIn(place, weights);
  mkdirSync(join(place, 'pixels'), { recursive: true });
  for (const [at, path] of photos.entries()) {
    const { preprocessing, input } = manifest;
    const { results, pixelValues } = await preprocessInWorker({ photos: [{ path }], preprocessing, input, thumbnailEdge: null, urgent: true }); // prettier-ignore
    if (!results[0]!.ok) throw new Error(`${path}: ${results[0]!.error.message}`);
    const file = `${String(at).padStart(4, '0')}-${basename(path).replace(/\W+/g, '-')}.f32`;
    writeFileSync(join(place, 'pixels', file), pixelValues);
  }
}

/** Areas of maps of one photo. */
async function areasOf(
  { manifest }: InstalledModel,
  session: ort.InferenceSession,
  pixels: Float32Array,
  maps: Record<string, Float32Array>,
): Promise<Omit<Areas, 'photo'>> {
  const { height, width } = manifest.input;
  const grid = manifest.grid!;
  const patches = grid.rows * grid.columns;
  const blurred = replacement(pixels, 'blur', manifest);
  const partOf = (kept: readonly number[]) => {
    const picture = blurred.slice();
    for (const patch of kept) copyPatch(patch, pixels, picture, { input: manifest.input, grid });
    return picture;
  };
  async function probabilities(pictures: Float32Array[]): Promise<Float32Array[]> {
    const data = new Float32Array(pictures.length * pixels.length);
    pictures.forEach((picture, i) => data.set(picture, i * pixels.length));
    const tensor = new ort.Tensor('float32', data, [pictures.length, 3, height, width]);
    const { logits } = await session.run({ pixel_values: tensor });
    const all = logits!.data as Float32Array;
    const classes = all.length / pictures.length;
    return pictures.map((_, i) => softmax(all.subarray(i * classes, (i + 1) * classes)));
  }
  const [whole, gone] = (await probabilities([pixels, blurred])) as [Float32Array, Float32Array];
  const label = whole.indexOf(Math.max(...whole));
  const found: Areas['maps'] = {};
  for (const [name, map] of Object.entries(maps)) {
    const order = orderOf(map);
    const after = Array.from({ length: steps - 1 }, (_, i) => Math.round(((i + 1) * patches) / steps));
    const deleted = await probabilities(after.map((count) => partOf(order.slice(count))));
    const inserted = await probabilities(after.map((count) => partOf(order.slice(0, count))));
    const of = (values: Float32Array[]) => values.map((each) => each[label]!);
    found[name] = [
      area([whole[label]!, ...of(deleted), gone[label]!]),
      area([gone[label]!, ...of(inserted), whole[label]!]),
    ];
  }
  return { label, whole: whole[label]!, gone: gone[label]!, maps: found };
}

async function curves(place: string, weights: string): Promise<void> {
  const model = await modelIn(place, weights);
  const { session } = await sessionOf(model, 'classify');
  const target = join(place, 'areas.jsonl');
  const done = new Set(lines<Areas>(target).map(({ photo }) => photo));
  const files = () => readdirSync(join(place, 'maps')).filter((file) => file.endsWith('.f32')).sort(); // prettier-ignore
  const names = JSON.parse(readFileSync(join(place, 'maps', 'names.json'), 'utf8')) as string[];
  for (const file of files()) {
    if (done.has(file)) continue;
    const pixels = numbers(join(place, 'pixels', file));
    const made = numbers(join(place, 'maps', file));
    const patches = made.length / names.length;
    const random = seeded(Number(file.slice(0, 4)));
    const maps = Object.fromEntries(
      [
        ['random', Float32Array.from({ length: patches }, random)],
        ...names.map((name, i) => [name, made.subarray(i * patches, (i + 1) * patches)] as const),
      ].filter(([name]) => !leftOut.has(name as string)),
    ) as Record<string, Float32Array>;
    const line: Areas = { photo: file, ...(await areasOf(model, session, pixels, maps)) };
    appendFileSync(target, `${JSON.stringify(line)}\n`);
    console.log(file);
  }
}

async function measure(place: string, weights: string): Promise<void> {
  const model = await modelIn(place, weights);
  const { session } = await sessionOf(model, 'classify');
  const { session: looking, graph: looks } = await sessionOf(model, 'inspect');
  const { session: parts, graph } = await sessionOf(model, 'ablate');
  const target = join(place, 'measured.jsonl');
  const done = new Set(lines<Areas>(target).map(({ photo }) => photo));
  const grid = model.manifest.grid!;
  const patches = grid.rows * grid.columns;
  const { height, width } = model.manifest.input;
  const photos = readdirSync(join(place, 'pixels')).sort();
  const drawn = seeded(1);
  const order = photos.map((photo) => ({ photo, at: drawn() })).sort((a, b) => a.at - b.at);
  for (const { photo } of order) {
    if (done.has(photo)) continue;
    const pixels = numbers(join(place, 'pixels', photo));
    const picture = new ort.Tensor('float32', pixels, [1, 3, height, width]);
    const seen = await looking.run({
      pixel_values: picture,
      class_index: new ort.Tensor('int64', BigInt64Array.of(-1n), [1]),
      direction: new ort.Tensor('float32', new Float32Array(looks.direction!), [1, looks.direction!]),
    });
    const own = seen['logits']!.data as Float32Array;
    const label = own.indexOf(Math.max(...own));
    const evidence = contributionMap(seen['class_map']!.data as Float32Array, patches, [0, looks.layers - 1]);
    let tally = emptyTally(patches);
    for (let from = 0; from < passes; from += passesAtOnce) {
      const sets = Array.from({ length: passesAtOnce }, (_, i) => randomHalf(grid, 'single', 0, from + i));
      const { logits } = await parts.run({
        pixel_values: picture,
        kept: new ort.Tensor('int64', BigInt64Array.from(sets.flat(), BigInt), [sets.length, sets[0]!.length]), // prettier-ignore
        head_mask: new ort.Tensor('float32', new Float32Array(graph.layers * graph.heads).fill(1), [graph.layers, graph.heads]), // prettier-ignore
      });
      const all = logits!.data as Float32Array;
      const classes = all.length / sets.length;
      const kept = new Uint8Array(sets.length * patches);
      for (const [pass, set] of sets.entries()) for (const patch of set) kept[pass * patches + patch] = 1;
      tally = tallied(tally, sets.map((_, i) => all[i * classes + label]!), kept); // prettier-ignore
    }
    const { values } = measuredMap(tally);
    const random = seeded(Number(photo.slice(0, 4)));
    const maps = {
      random: Float32Array.from({ length: patches }, random),
      'evidence, all layers': evidence,
      measured: values,
      thorough: standardisedSum(evidence, values),
    };
    const line: Areas = { photo, ...(await areasOf(model, session, pixels, maps)) };
    appendFileSync(target, `${JSON.stringify(line)}\n`);
    console.log(photo);
  }
}

function table(place: string): void {
  const tried = new Map(lines<Areas>(join(place, 'measured.jsonl')).map((line) => [line.photo, line]));
  const all = lines<Areas>(join(place, 'areas.jsonl'));
  const show = (photos: Areas[], title: string) => {
    const base = 'evidence, all layers';
    const figure = (values: number[]) => {
      const { mean, margin } = meanInterval(values);
      return `${mean >= 0 ? '' : '−'}${Math.abs(mean).toFixed(3)} ± ${margin.toFixed(3)}`;
    };
    const rows = Object.keys(photos[0]?.maps ?? {}).map((name) => {
      const of = (side: 0 | 1) => photos.map(({ maps }) => maps[name]![side]);
      const against = (side: 0 | 1) => photos.map(({ maps }) => maps[name]![side] - maps[base]![side]);
      const mean = meanInterval(of(1)).mean;
      return { mean, row: [name, figure(of(0)), figure(of(1)), figure(against(0)), figure(against(1))] };
    });
    rows.sort((a, b) => b.mean - a.mean);
    const mean = (of: (each: Areas) => number) => meanInterval(photos.map(of)).mean.toFixed(2);
    console.log(`\n${title}: ${photos.length} photos, whole ${mean((p) => p.whole)}, blurred ${mean((p) => p.gone)}`); // prettier-ignore
    console.log(
      '| map | deletion | insertion | deletion − evidence | insertion − evidence |\n|---|---|---|---|---|',
    );
    for (const { row } of rows) console.log(`| ${row.join(' | ')} |`);
  };
  if (all.length) show(all, 'One look, and gradients');
  if (tried.size) show([...tried.values()], 'Measured maps');
  const both = all.flatMap((line) => {
    const more = tried.get(line.photo);
    return more ? [{ ...line, maps: { ...line.maps, ...more.maps } }] : [];
  });
  if (both.length) show(both, 'The photos that have both');
}

const [task, place = '', weights = '', ...photos] = process.argv.slice(2);
if (task === 'prepare') await prepare(place, weights, photos);
else if (task === 'curves') await curves(place, weights);
else if (task === 'measure') await measure(place, weights);
else if (task === 'table') table(place);
else throw new Error('Expected prepare, curves, measure or table.');
process.exit(0);

/**
 * How right taught labels are, and whether what is said of them on their own examples holds on other photos:
 *
 *     node test/bench/teaching.ts --model FOLDER --train FOLDER --val FOLDER [--counts 5,20,50,200] [--draws 3] [--maps 0]
 *
 * `--model`: as it is imported. `--train`, `--val`: folders of class folders. `--classes`: their names with commas
 * between; default: every twelfth, so that they are not chosen for being easy. `--draws`: so many different sets of
 * examples of each count, where there are photos enough. `--maps`: on so many of the photos the evidence for the labels
 * taught last is measured too; `--steps`: in so many.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyHead, type Features } from '../../models/heads/apply.ts';
import { wilson } from '../../models/heads/figures.ts';
import type { Share } from '../../models/heads/report.ts';
import type { Head } from '../../models/heads/head.ts';
import { fitOf } from '../../models/heads/own.ts';
import { teach } from '../../models/heads/teach.ts';
import { importModel } from '../../models/import.ts';
import { readManifest } from '../../models/load.ts';
import { seeded } from '../../models/random.ts';
import { queryOf } from '../../models/search/nearest.ts';
import { lookAtPhotos } from './look.ts';
import { taughtMaps } from './taught-maps.ts';

const { values: given } = parseArgs({
  options: {
    model: { type: 'string' },
    train: { type: 'string' },
    val: { type: 'string' },
    classes: { type: 'string' },
    counts: { type: 'string', default: '5,20,50,200' },
    draws: { type: 'string', default: '3' },
    maps: { type: 'string', default: '0' },
    steps: { type: 'string', default: '14' },
  },
});
if (!given.model || !given.train || !given.val)
  throw new Error('Expected --model, --train and --val; see the head of test/bench/teaching.ts.');
const { train, val } = given;
const counts = given.counts.split(',').map(Number);
const classes = given.classes?.split(',') ?? readdirSync(train).sort().filter((_, i) => i % 12 === 0); // prettier-ignore
const most = Math.max(...counts);

/** The first by name are no sample: neighbours in a folder are more alike than others, and easier. */
function photosOf(root: string, label: string, end?: number): string[] {
  const names = readdirSync(join(root, label)).sort();
  const random = seeded(7);
  const order = new Map(names.map((name) => [name, random()]));
  const some = end === undefined ? names : names.sort((a, b) => order.get(a)! - order.get(b)!).slice(0, end);
  return some.map((name) => join(root, label, name));
}

/** Photos with the class each lies in. */
interface Seen {
  paths: string[];
  label: string[];
  features: Features;
}

const installed = mkdtempSync(join(tmpdir(), 'saccade-teaching-'));
const { folder } = await importModel(given.model, installed, { name: 'model' });
const manifest = readManifest(folder);
const fits = fitOf(manifest)!;

async function see(root: string, end?: number): Promise<Seen> {
  const listed = classes.flatMap((label) => photosOf(root, label, end).map((path) => ({ path, label })));
  const paths = listed.map(({ path }) => path);
  return { paths, label: listed.map(({ label }) => label), features: await lookAtPhotos(folder, manifest, paths) }; // prettier-ignore
}

/** `count` photos of each class, others for each draw. */
function drawn({ label }: Seen, count: number, draw: number): number[] {
  const random = seeded(1000 + draw);
  const order = label.map(() => random());
  return classes.flatMap(
    (name) =>
    [...label.keys()].filter((i) => label[i] === name).sort((a, b) => order[a]! - order[b]!).slice(0, count), // prettier-ignore
  );
}

const contentOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const labels = classes.map((name) => ({ id: name, name }));
const examples = await see(train, most);
const others = await see(val);
const { length } = examples.features;
const percent = (share: number) => (100 * share).toFixed(1);
const shown = ({ share, low, high }: Share) => `${percent(share)} % (${percent(low)} to ${percent(high)})`;

console.log(`${classes.join(', ')}: ${others.paths.length} photos to try on, ${length} numbers each`);
console.log('| examples a label | cross-validated | on other photos | doubt lets through | of those right | seconds |'); // prettier-ignore
console.log('| --- | --- | --- | --- | --- | --- |');
let last: Head | null = null;
for (const count of counts)
  for (let draw = 0; draw < (count === most ? 1 : Number(given.draws)); draw++) {
    const rows = drawn(examples, count, draw);
    const data = new Float32Array(rows.length * length);
    for (const [at, i] of rows.entries())
      data.set(examples.features.data.subarray(i * length, (i + 1) * length), at * length);
    const began = performance.now();
    const { head, report } = teach(
      {
        features: { data, length },
        labels: rows.map((i) => [examples.label[i]!]),
        names: rows.map((i) => examples.paths[i]!),
        contents: rows.map((i) => contentOf(examples.paths[i]!)),
      },
      { name: 'everyday', labels, answers: 'one', fits },
    );
    last = head;
    const seconds = (performance.now() - began) / 1000;
    const said = applyHead(head, others.features, 1);
    const all = [...others.label.keys()];
    const right = (some: number[]) =>
      wilson(some.filter((i) => head.labels[said.rows[i]!]?.id === others.label[i]).length, some.length);
    const sure = all.filter((i) => !said.unsure[i]);
    const ofSure = right(sure);
    console.log(
      `| ${count} | ${report ? shown(report.accuracy) : 'nothing held out'} | ${shown(right(all)!)} | ${percent(sure.length / all.length)} % | ${ofSure ? shown(ofSure) : ''} | ${seconds.toFixed(1)} |`,
    );
  }
/**
 * Reads as labels in words do, by the cosine with a row each; a row is the mean of what the model saw in examples, where
 * words have the mean of what it read in phrases. No weights that read text are needed for it.
 */
function headOfMeans(taught: Head, { label, features: { data } }: Seen): Head {
  const weight = new Float32Array(labels.length * length);
  for (const [row, { id }] of labels.entries())
    weight.set(queryOf({ data, length }, [...label.keys()].filter((i) => label[i] === id)), row * length); // prettier-ignore
  return {
    ...taught,
    kind: 'written',
    reads: { how: 'cosine', scale: 20 },
    calibration: { temperature: 1 },
    doubt: { threshold: 0.5 },
    none: false,
    labels,
    origin: { from: 'texts', templates: ['{}'], phrases: labels.map(({ name }) => [name]), none: [] },
    weight,
    bias: new Float32Array(labels.length),
  };
}

const maps = Number(given.maps);
if (last && maps) {
  // Spread over the classes.
  const some = others.paths.filter((_, i) => (i * maps) % others.paths.length < maps);
  const heads = { taught: last, 'by cosine': headOfMeans(last, examples) };
  console.log(await taughtMaps(folder, heads, some, Number(given.steps)));
}
rmSync(installed, { recursive: true });

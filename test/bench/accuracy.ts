/**
 * How well a model answers in Saccade itself, from image files through its own decoding, preprocessing and graph:
 *
 *     node test/bench/accuracy.ts --model models/starter --data everyday120/val [--none FOLDER] [--limit 100]
 *
 * `--data`: a folder of class folders, named after labels (id or name); `--classes` tells each class. `--none`: a
 * folder, with or without folders in it, of photos of no class. `--limit`: so many photos of each folder.
 * `--precision fp32|fp16`.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { decodePhoto } from '../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../main/decode/preprocess.ts';
import { buildGraph, readManifest } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { calibrationError, confusions, interval, isUnsure, softmax, topK, type Answer } from './answers.ts';

const { values: given } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/starter' },
    data: { type: 'string' },
    classes: { type: 'boolean', default: false },
    none: { type: 'string' },
    limit: { type: 'string' },
    precision: { type: 'string', default: 'fp32' },
  },
});
const perBatch = 50;

interface Listed {
  path: string;
  /** Index of the class; -1: none. */
  label: number;
}

const photosIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(jpe?g|png|webp|avif|tiff?|gif|bmp)$/i.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort()
    .slice(0, given.limit ? Number(given.limit) : undefined);

const foldersIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));

function listClasses(folder: string, { labels }: ModelManifest): Listed[] {
  return foldersIn(folder).flatMap((each) => {
    const label = labels.findIndex(({ id, name }) => [id, name].includes(basename(each)));
    if (label < 0) throw new Error(`${each} should be named after one of the model's labels, and is not.`);
    return photosIn(each).map((path) => ({ path, label }));
  });
}

function listNone(folder: string): Listed[] {
  const deeper = foldersIn(folder).filter((each) => !/\.\w+$/.test(each));
  return [folder, ...deeper].flatMap(photosIn).map((path) => ({ path, label: -1 }));
}

async function answer(
  session: ort.InferenceSession,
  manifest: ModelManifest,
  photos: Listed[],
): Promise<Answer[]> {
  const { height, width } = manifest.input;
  const numbers = 3 * height * width;
  const answers: Answer[] = [];
  for (let at = 0; at < photos.length; at += perBatch) {
    const batch = photos.slice(at, at + perBatch);
    const pixels = new Float32Array(batch.length * numbers);
    await Promise.all(
      batch.map(async ({ path }, i) => {
        const photo = await decodePhoto(path, {
          atLeast: (size) => pixelsNeeded(size, manifest.preprocessing),
        });
        await preprocess(photo.pixels, photo, manifest.preprocessing, pixels, i * numbers);
      }),
    );
    const pixelValues = new ort.Tensor('float32', pixels, [batch.length, 3, height, width]);
    const { logits } = await session.run({ pixel_values: pixelValues }, ['logits']);
    const data = logits!.data as Float32Array;
    const classes = data.length / batch.length;
    batch.forEach(({ label }, i) =>
      answers.push({ label, logits: data.slice(i * classes, (i + 1) * classes) }),
    );
  }
  return answers;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const shareOf = <T>(all: T[], is: (one: T) => boolean): number => all.filter(is).length / all.length;

function reportClasses(answers: Answer[], manifest: ModelManifest): void {
  const { temperature } = manifest.calibration;
  const right = (k: number) => shareOf(answers, ({ label, logits }) => topK(logits, k).includes(label));
  const [low, high] = interval(right(1), answers.length).map(percent);
  console.log(
    `${answers.length} photos: top-1 ${percent(right(1))} (95 % interval ${low} … ${high}), top-5 ${percent(right(5))}`,
  );
  // The recipe's export.py fits temperature and threshold to the photos at even places.
  const held = answers.filter((_, i) => i % 2 === 1);
  const error = (t: number) => percent(calibrationError(held, t));
  console.log(
    `calibration error on every second photo: ${error(1)} before, ${error(temperature)} after (temperature ${temperature})`,
  );
  const unsure = ({ logits }: Answer) => isUnsure(logits, manifest);
  const isRight = ({ label, logits }: Answer) => topK(logits, 1)[0] === label;
  const named = held.filter((one) => !unsure(one));
  console.log(
    `unsure about ${percent(shareOf(held.filter(isRight), unsure))} of right answers, ` +
      `${percent(
        shareOf(
          held.filter((one) => !isRight(one)),
          unsure,
        ),
      )} of wrong ones; it names a class on ${percent(named.length / held.length)}, ` +
      `and is right on ${percent(shareOf(named, isRight))} of these`,
  );
  for (const { label, answered, share } of confusions(answers).slice(0, 8))
    console.log(
      `  ${manifest.labels[label]!.name} taken for ${manifest.labels[answered]!.name}: ${percent(share)}`,
    );
}

/** Best first: the class, the share of its photos that the best label is right for, and that are named. */
function reportEach(answers: Answer[], manifest: ModelManifest): void {
  manifest.labels
    .map(({ name }, index) => ({ name, all: answers.filter(({ label }) => label === index) }))
    .filter(({ all }) => all.length > 0)
    .map(({ name, all }) => ({
      name,
      count: all.length,
      right: shareOf(all, ({ label, logits }) => topK(logits, 1)[0] === label),
      named: shareOf(all, ({ logits }) => !isUnsure(logits, manifest)),
    }))
    .sort((a, b) => b.right - a.right)
    .forEach(({ name, count, right, named }) =>
      console.log(`  ${name}: ${percent(right)} of ${count} right, ${percent(named)} named`),
    );
}

function reportNone(answers: Answer[], manifest: ModelManifest): void {
  const unsure = shareOf(answers, ({ logits }) => isUnsure(logits, manifest));
  const best = ({ logits }: Answer) => Math.max(...softmax(logits, manifest.calibration.temperature));
  const mean = answers.reduce((sum, one) => sum + best(one), 0) / answers.length;
  console.log(
    `${answers.length} photos of no class: unsure about ${percent(unsure)}; mean probability of the best class ${percent(mean)}`,
  );
}

const manifest = readManifest(given.model);
const graph = await buildGraph(given.model, manifest, {
  kind: 'classify',
  precision: given.precision as 'fp32' | 'fp16',
  map: null,
});
const session = await ort.InferenceSession.create(graph.model, {
  externalData: graph.externalData,
  logSeverityLevel: 3,
});
if (given.data) {
  const photos = listClasses(given.data, manifest);
  const began = performance.now();
  const answers = await answer(session, manifest, photos);
  const each = (performance.now() - began) / photos.length;
  reportClasses(answers, manifest);
  console.log(`${each.toFixed(1)} ms a photo, decoding included`);
  if (given.classes) reportEach(answers, manifest);
}
if (given.none) reportNone(await answer(session, manifest, listNone(given.none)), manifest);

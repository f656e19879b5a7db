/** What the window shows of a real ViT-Tiny on real photos, against PyTorch in 64 bits on the same pixels. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Distances } from '../../../main/cli/distances.ts';
import { preprocessInWorker } from '../../../main/inference/answering/preprocess-batch.ts';
import { evidenceMap } from '../../../main/library/labels/evidence.ts';
import { importModel } from '../../../models/import.ts';
import { othersOf, whereOf } from '../../../models/looks/where.ts';
import { emptyTally, measuredMap, tallied } from '../../../models/overlay/measured.ts';
import { unpackMap } from '../../../models/overlay/stored.ts';
import { askPython, needsTorch } from '../../python.ts';
import { largestDifference, needsShared, shared } from '../../shared.ts';
import { context, handlers, onCpu } from './parts.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'torch');

const photos = ['chelsea.png', 'coffee.png', 'rocket.jpg'].map((name) => join(shared, 'photos', name));
const [layers, heads, patches] = [12, 3, 196];
/** Of the photo, and of its label: what is asked. */
const label = 281;
const query = 75;
const without = Array.from({ length: patches }, (_, i) => i).filter((i) => i % 5 < 2);
const headsOff: [number, number][] = [
  [11, 0],
  [10, 2],
  [3, 1],
];
const measured = { classIndex: label, fields: 'smooth', seed: 9, from: 0, passes: 48, baseline: 'drop' } as const; // prettier-ignore

interface Truth {
  dropped: number[][];
  row: number[][][];
  distance: number[][];
  classMap: number[][];
  scores: number[];
  values: number[];
  errors: number[];
}

test(
  'the eraser, heads off, a patch’s row, distances, mean map and measured map equal PyTorch, ViT-Tiny',
  { skip: needsTorch || needsShared.skip },
  async (t) => {
    const weights = join(shared, 'models', 'vit-tiny-patch16-224', 'timm');
    const { folder, manifest } = await importModel(weights, root, { name: 'tiny' });
    const { load, ...ask } = handlers();
    const { handle } = await load({ ...onCpu, modelFolder: folder }, context);
    const [path] = photos as [string];
    const { kept, scores } = await ask.measureMap({ handle, path, ...measured }, context);
    const sets = Array.from({ length: measured.passes }, (_, pass) =>
      Array.from({ length: patches }, (_, i) => i).filter((i) => kept[pass * patches + i]),
    );
    const { preprocessing, input } = manifest;
    const { pixelValues } = await preprocessInWorker({ photos: photos.map((each) => ({ path: each })), preprocessing, input, thumbnailEdge: null, urgent: true }); // prettier-ignore
    const file = join(root, 'pixels.f32');
    writeFileSync(file, pixelValues);
    const headMask = Array.from({ length: layers }, (_, l) =>
      Array.from({ length: heads }, (_, h) =>
        Number(!headsOff.some(([layer, head]) => layer === l && head === h)),
      ),
    );
    const stay = Array.from({ length: patches }, (_, i) => i).filter((i) => !without.includes(i));
    const [erased, off, ...rest] = await askPython<Truth[]>(
      join(import.meta.dirname, '../../models/vit.py'),
      {
        weights: join(weights, 'model.safetensors'),
        pixels: file,
        side: 224,
        heads,
        epsilon: 1e-6,
        cases: [
          { kept: stay },
          { kept: stay, headMask },
          // [CLS] comes before the patches.
          ...photos.map((_, photo) => ({ photo, query: 1 + query, class: label })),
          { passes: sets, class: label },
        ],
      },
    );
    const truths = rest.slice(0, photos.length);
    const truth = rest.at(-1)!;
    const within = (what: string, found: ArrayLike<number>, expected: ArrayLike<number>, allowed: number) => {
      const apart = largestDifference(found, expected);
      t.diagnostic(`${what}: ${apart.toExponential(1)}, allowed ${allowed.toExponential(1)}`);
      assert.ok(apart <= allowed, what);
    };

    const part = { handle, path, without, baseline: 'drop', topK: 1 } as const;
    within('a part erased', (await ask.ablate(part, context)).logits, erased!.dropped[0]!, 1e-4);
    within(
      'and heads off',
      (await ask.ablate({ ...part, headsOff }, context)).logits,
      off!.dropped[0]!,
      1e-4,
    );

    const distances = new Distances();
    const maps = [];
    for (const [i, each] of photos.entries()) {
      const attended = await ask.attend({ handle, path: each, query: { patch: query } }, context);
      const rows = truths[i]!.row.flat(); // [L · H][T]
      within(
        'a patch’s row',
        attended.attention,
        rows.flatMap((row) => row.slice(1)),
        1e-5,
      );
      within(
        'and what goes to [CLS]',
        attended.toSpecial,
        rows.map((row) => row[0]!),
        1e-5,
      );
      distances.count(attended);
      const seen = await ask.inspect({ handle, path: each, classIndex: label, topK: 1 }, context);
      within('evidence', seen.contribution!.patches, truths[i]!.classMap.flat(), 2e-5);
      maps.push(evidenceMap(seen)!);
    }
    const mean = (of: (one: Truth) => number[]) => {
      const all = truths.map(of);
      return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]! / all.length, 0));
    };
    within(
      'mean attention distance, pixels',
      distances.mean!,
      mean(({ distance }) => distance.flat()),
      1e-2,
    );

    // Stored with 255 steps: no patch is off by more than half of one.
    const values = maps.map(unpackMap);
    const step = Math.max(...maps.map(({ scale }) => scale)) / 2 + 1e-4;
    const looked = values.map((map) => ({ values: map, seen: null, photo: { width: 1, height: 1 }, special: null, logit: null })); // prettier-ignore
    const where = whereOf(looked, { rows: 14, columns: 14 }, othersOf([]));
    const overLayers = ({ classMap }: Truth) =>
      classMap[0]!.map((_, i) => classMap.reduce((sum, layer) => sum + layer[i]!, 0));
    within('mean map', where.mean, mean(overLayers), step);

    within('passes', scores, truth.scores, 5e-5);
    const found = measuredMap(tallied(emptyTally(patches), scores, kept));
    within('measured map', found.values, truth.values, 2e-5);
    within('its standard error', found.errors, truth.errors, 2e-5);
    assert.ok(Math.max(...truth.values) > 0.1, 'there is something to measure');
  },
);

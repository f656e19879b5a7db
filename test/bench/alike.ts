/** Look-alikes among very many photos: how long it takes, and what is found of what comparing all finds. */
import type { InferenceVerbs } from '../../main/contract/inference.ts';
import { caller } from '../../main/rpc/calls.ts';
import { startFromHere } from '../../main/rpc/parent.ts';
import type { Features } from '../../models/heads/apply.ts';
import { groupedAlike, leastCosine, plainProducts } from '../../models/search/alike.ts';
import { unit } from '../../models/search/nearest.ts';
import { fill, partSize, seconds, timed } from './made.ts';
import type { Figure } from './scale.ts';

/** Every tenth is the one before it, moved a little. */
export function withLookAlikes(count: number, length: number): Features & { data: Float16Array } {
  const data = new Float16Array(count * length);
  fill(data, length, 7);
  const noise = new Float32Array(1024 * length);
  fill(noise, length, 13);
  for (let row = 10; row < count; row += 10)
    for (let i = 0; i < length; i++)
      data[row * length + i] =
        data[(row - 1) * length + i]! + 0.15 * noise[((row / 10) % 1024) * length + i]!;
  return { data, length };
}

/** Of `pairs`, the share that is in one group. */
function togetherIn(groups: readonly number[][], pairs: readonly (readonly [number, number])[]): number {
  const groupOf = new Map(groups.flatMap((rows, group) => rows.map((row) => [row, group] as const)));
  const right = pairs.filter(([a, b]) => groupOf.has(a) && groupOf.get(a) === groupOf.get(b));
  return right.length / pairs.length;
}

/** All pairs that are near, of few. */
async function nearPairsOf(features: Features): Promise<[number, number][]> {
  const least = leastCosine(features);
  const { data, length } = features;
  const rows = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += length) rows.set(unit(data.subarray(at, at + length)), at);
  const count = data.length / length;
  const near = await plainProducts(rows, rows, length);
  const pairs: [number, number][] = [];
  for (let b = 0; b < count; b++)
    for (let a = 0; a < b; a++) if (near[b * count + a]! >= least) pairs.push([a, b]);
  return pairs;
}

/** Look-alikes among `many` vectors of 768 numbers, by the inference process as the library asks it. */
export async function alikeOverMany(many: number): Promise<Figure[]> {
  const length = 768;
  const few = withLookAlikes(4000, length);
  const exact = await timed(() => nearPairsOf(few));
  const some = await timed(() => groupedAlike(few));
  const features = withLookAlikes(many, length);
  const inference = caller<InferenceVerbs>(startFromHere('inference').port);
  const set = 'bench';
  const handed = await timed(async () => {
    for (let from = 0; from < many; from += partSize) {
      const part = features.data.slice(from * length, (from + partSize) * length);
      const data = new Uint8Array(part.buffer);
      await inference.call('addAlike', { set, length, count: many, from, data });
    }
  });
  let told = 0;
  const found = await timed(async () => {
    for (;;) {
      const { share, groups } = await inference.call('stepAlike', { set });
      if (groups) return groups;
      if (share > told + 0.05) console.error(`look-alikes: ${Math.round(100 * (told = share))} %`);
    }
  });
  inference.close();
  const planted = Array.from({ length: Math.floor((many - 1) / 10) }, (_, i) => [10 * i + 9, 10 * i + 10] as const); // prettier-ignore
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return [
    {
      what: `look-alikes among ${many} × ${length}`,
      figure: `${found.value.length} groups in ${seconds(found.ms)}, ${percent(togetherIn(found.value, planted))} of ${planted.length} pairs that were made; vectors handed over in ${seconds(handed.ms)}`,
    },
    {
      what: `look-alikes among 4000 × ${length}, one thread`,
      figure: `${percent(togetherIn(some.value, exact.value))} of the ${exact.value.length} pairs that comparing all finds (${seconds(some.ms)}, all: ${seconds(exact.ms)})`,
    },
  ];
}

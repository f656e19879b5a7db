/** What labels of one's own cost when there are very many photos: reading them off features, search, duplicates. */
import type { InferenceVerbs } from '../../main/contract/inference.ts';
import { caller } from '../../main/rpc/calls.ts';
import { startFromHere } from '../../main/rpc/parent.ts';
import { applyHead, type Features } from '../../models/heads/apply.ts';
import type { Head } from '../../models/heads/head.ts';
import { groupDuplicates, nearPairs } from '../../models/search/duplicates.ts';
import { best, chunkSize, nearestOfAll, queryOf, recallAt, rescore } from '../../models/search/nearest.ts';
import { taughtAgain } from './again.ts';
import { fill, manyFeatures, partSize, seconds, timed } from './made.ts';
import type { Figure } from './scale.ts';
import { median, type Row } from './table.ts';

function headOf(labels: number, length: number): Head {
  const weight = new Float32Array(labels * length);
  fill(weight, length, 11);
  return {
    name: 'bench',
    kind: 'taught',
    reads: { how: 'linear' },
    answers: 'one',
    labels: Array.from({ length: labels }, (_, i) => ({ id: `${i}`, name: `${i}` })),
    none: false,
    calibration: { temperature: 1 },
    doubt: { threshold: 0.5 },
    fits: { model: 'bench', weights: '0'.repeat(64), feature: 'cls', length },
    origin: { from: 'model' },
    weight,
    bias: new Float32Array(labels),
  };
}

/** The textbook's loop: what `applyHead` is measured against. */
function plainly({ weight, bias }: Head, { data, length }: Features): Int32Array {
  const labels = bias.length;
  return Int32Array.from({ length: data.length / length }, (_, photo) => {
    let best = 0;
    let most = -Infinity;
    for (let label = 0; label < labels; label++) {
      let sum = bias[label]!;
      for (let i = 0; i < length; i++) sum += data[photo * length + i]! * weight[label * length + i]!;
      if (sum > most) [most, best] = [sum, label];
    }
    return best;
  });
}

const perSecond = (count: number, ms: number[]) => (1000 * count) / median(ms);

export interface Measured {
  rows: Row[];
  figures: Figure[];
}

/** Labels of a head with 20 rows from features of 192 numbers in 16 bits, in alternation with the plain loop. */
export async function headsOverMany(rounds: number, many: number): Promise<Measured> {
  const length = 192;
  const head = headOf(20, length);
  const figures: Figure[] = [];
  const rows: Row[] = [];
  for (const count of [...new Set([100_000, many])]) {
    const features = manyFeatures(count, length);
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const mine = await timed(() => applyHead(head, features, 5));
      const other = await timed(() => plainly(head, features));
      const differ = other.value.reduce(
        (n, row, i) => n + Number(row !== mine.value.rows[i * mine.value.k]),
        0,
      );
      // Sums in another order round otherwise, which decides between labels that are even to seven digits.
      if (differ > Math.max(1, count * 1e-5))
        throw new Error(`Expected the same labels as by the plain loop; ${differ} of ${count} differ.`);
      ours.push(mine.ms);
      plain.push(other.ms);
    }
    const both = { Saccade: perSecond(count, ours), 'plain loop': perSecond(count, plain) };
    const what = `${count} features × 20 labels, five best and doubt`;
    rows.push({ what, figures: both, ratio: both.Saccade / both['plain loop'], aim: 1 });
    figures.push({ what, figure: seconds(median(ours)) });
  }
  return { rows, figures: [...figures, ...(await taughtAgain(rounds))] };
}

/** Of a search: scored again in float besides the ten. */
const spare = 100;

/**
 * The ten nearest of `many` vectors of 768 numbers: by graphs of eight bits in the inference process, from the question
 * to the best scored again, in alternation with the exact scan.
 */
export async function searchOverMany(rounds: number, many: number): Promise<Measured> {
  const length = 768;
  const features = manyFeatures(many, length);
  const inference = caller<InferenceVerbs>(startFromHere('inference').port);
  const set = 'bench';
  const opened = await timed(async () => {
    for (let start = 0; start < many; start += chunkSize) {
      const count = Math.min(chunkSize, many - start);
      for (let from = start; from < start + count; from += partSize) {
        const some = features.data.slice(from * length, Math.min(from + partSize, start + count) * length);
        const data = new Uint8Array(some.buffer as ArrayBuffer);
        await inference.call('addVectors', { set, length, chunk: { start, count }, data });
      }
    }
  });
  const byGraphs = async (query: Float32Array) => {
    const { scores } = await inference.call('scoreVectors', { set, query });
    return rescore(query, features, best(scores, 10 + spare).rows, 10);
  };
  const ours: number[] = [];
  const exact: number[] = [];
  const recalls: number[] = [];
  const queries = 5 * rounds;
  await byGraphs(queryOf(features, [0]));
  for (let round = 0; round < queries; round++) {
    const query = queryOf(features, [Math.floor((round * many) / queries)]);
    const mine = await timed(() => byGraphs(query));
    const all = await timed(() => nearestOfAll(query, features, 10));
    ours.push(mine.ms);
    exact.push(all.ms);
    recalls.push(recallAt(10, mine.value, all.value));
  }
  inference.close();
  const both = { graphs: perSecond(many, ours), 'exact scan': perSecond(many, exact) };
  const what = `ten nearest of ${many} × ${length}`;
  const recall = recalls.reduce((a, b) => a + b, 0) / recalls.length;
  const ms = (some: number[]) => `${Math.round(median(some))} ms (least ${Math.round(Math.min(...some))})`;
  return {
    rows: [{ what, figures: both, ratio: both.graphs / both['exact scan'], aim: 10 }],
    figures: [
      { what, figure: `${ms(ours)}, exact scan ${ms(exact)}` },
      { what: `recall@10 over ${recalls.length} queries`, figure: recall.toFixed(3) },
      { what: `graphs of ${many} vectors made and loaded`, figure: seconds(opened.ms) },
    ],
  };
}

/** Groups of the same picture among `many` hashes. */
export async function duplicatesOverMany(rounds: number, many: number): Promise<Measured> {
  const hashes = new BigUint64Array(many);
  const words = new Uint32Array(hashes.buffer);
  const noise = new Float32Array(words.length);
  fill(noise, 1024, 3);
  for (const [i, value] of noise.entries()) words[i] = Math.imul(Math.round(value * 2 ** 30) ^ i, 0x9e3779b1);
  // Every tenth is its neighbour with three bits changed.
  for (let i = 10; i < many; i += 10) hashes[i] = hashes[i - 1]! ^ (1n << BigInt(i % 61)) ^ 6n;
  const ours: number[] = [];
  const processor: number[] = [];
  let groups = 0;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const { ms, value } = await timed(() => groupDuplicates(hashes, () => true).length);
    const { user, system } = process.cpuUsage(before);
    ours.push(ms);
    processor.push((user + system) / 1000);
    groups = value;
  }
  const few = hashes.subarray(0, Math.min(10_000, many));
  const bits = (x: bigint) => {
    let count = 0;
    for (; x; x &= x - 1n) count++;
    return count;
  };
  const indexed = await timed(() => [...nearPairs(few)].length);
  const sample = few.subarray(0, 2000);
  let pairs = 0;
  for (let a = 0; a < sample.length; a++)
    for (let b = a + 1; b < sample.length; b++) if (bits(sample[a]! ^ sample[b]!) <= 10) pairs++;
  if ([...nearPairs(sample)].length !== pairs)
    throw new Error('Expected the pairs that comparing all finds.');
  return {
    rows: [],
    figures: [
      {
        what: `groups among ${many} hashes`,
        figure: `${groups} in ${seconds(median(ours))}, ${seconds(median(processor))} of processor time`,
      },
      { what: `near pairs among ${few.length} hashes`, figure: `${indexed.value} in ${seconds(indexed.ms)}` },
    ],
  };
}

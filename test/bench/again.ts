/** How long a set of labels takes to be taught again after one more word of a person's. */
import type { Examples } from '../../models/heads/examples.ts';
import { teach, type TeachOptions } from '../../models/heads/teach.ts';
import { seconds, timed } from './made.ts';
import type { Figure } from './scale.ts';
import { median } from './table.ts';

/** `count` photos of ten labels, each around a centre of its label. */
export function examplesOf(count: number, length: number, labels: number): Examples {
  let state = 9;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const centres = Float32Array.from({ length: labels * length }, next);
  const data = Float32Array.from({ length: count * length }, (_, i) => {
    const label = Math.floor(i / length) % labels;
    return centres[label * length + (i % length)]! + 3 * next();
  });
  const ids = Array.from({ length: count }, (_, i) => `${i % labels}`);
  return { features: { data, length }, labels: ids.map((id) => [id]), names: ids };
}

const firstOf = ({ features: { data, length }, labels, names }: Examples, count: number): Examples => ({
  features: { data: data.slice(0, count * length), length },
  labels: labels.slice(0, count),
  names: names.slice(0, count),
});

export async function taughtAgain(rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const length of [192, 768]) {
    const all = examplesOf(501, length, 10);
    const labels = Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, name: `${i}` }));
    const options: TeachOptions = {
      ...{ name: 'bench', labels, answers: 'one' },
      fits: { model: 'bench', weights: '0'.repeat(64), feature: 'cls', length },
    };
    const first = await timed(() => teach(firstOf(all, 500), options).head);
    const times: number[] = [];
    const processor: number[] = [];
    for (let round = 0; round < 5 * rounds; round++) {
      const before = process.cpuUsage();
      times.push((await timed(() => teach(all, { ...options, again: first.value }))).ms);
      const { user, system } = process.cpuUsage(before);
      processor.push((user + system) / 1000);
    }
    figures.push({
      what: `500 examples × ${length}, ten labels, taught again after one more`,
      figure: `${Math.round(median(times))} ms, ${Math.round(median(processor))} of processor time; at first, with folds: ${seconds(first.ms)}`,
    });
  }
  return figures;
}

/**
 * What maps cost: the same photos through one model, as labels alone, with the map that a run stores, as inspection,
 * and beside it the ordinary way, every attention map returned whole. Inference alone, since decoding would hide it.
 */
import { createOrtSession } from '../../main/inference/runtime/create-session.ts';
import { type InferenceSession } from '../../main/inference/runtime/inference-session.ts';
import type { VitConfig } from '../../models/config.ts';
import { join } from 'node:path';
import { buildGraph, readManifest, type BuiltGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { Vit } from '../../models/vit.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { randomNumbers } from '../models/tiny.ts';
import { writeModel } from './models.ts';
import { median, type Row } from './table.ts';

/** Labels and [B, H, T, T] of every layer, as `output_attentions` returns them. */
function everyMap(folder: string, manifest: ModelManifest): BuiltGraph {
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const vit = new Vit(config, readVitWeights(source, config), { type: 'float32', allRows: true });
  const { g } = vit;
  const { tokens, blocks } = vit.encode();
  g.output('logits', vit.classify(vit.read(tokens).feature), 'float32', ['batch', config.classes]);
  for (const [layer, { probabilities }] of blocks.entries())
    g.output(`attentions.${layer}`, probabilities, 'float32', [
      'batch',
      config.heads,
      vit.layers.tokens,
      vit.layers.tokens,
    ]);
  const { depth: layers, heads } = config;
  return {
    ...g.finish('every-map'),
    outputs: g.outputNames,
    absent: {},
    direction: null,
    layers,
    heads,
    batch: null,
    tokens: null,
    whole: null,
    allHeads: null,
  };
}

/**
 * Milliseconds of one run of each, in turn and with the order turned round from round to round, so that whatever else
 * the machine does, and what one leaves behind for the next, meets both alike.
 */
async function sideBySide(one: () => Promise<unknown>, other: () => Promise<unknown>, rounds: number) {
  const times: { one: number[]; other: number[] } = { one: [], other: [] };
  const timed = async (which: 'one' | 'other') => {
    const start = performance.now();
    await (which === 'one' ? one() : other());
    times[which].push(performance.now() - start);
  };
  await one();
  await other();
  for (let round = 0; round < rounds; round++)
    for (const which of round % 2 ? (['other', 'one'] as const) : (['one', 'other'] as const))
      await timed(which);
  return times;
}

export async function mapCosts(
  root: string,
  name: 'vit-tiny' | 'vit-base',
  title: string,
  rounds: number,
): Promise<Row[]> {
  const { folder } = await writeModel(root, name);
  const manifest = readManifest(folder);
  const { height, width } = manifest.input;
  const ours = (kind: 'classify' | 'inspect', map: 'cls' | 'class' | null) =>
    buildGraph(folder, manifest, { kind, precision: 'fp32', map });
  const plain = await ours('classify', null);
  const rows: Row[] = [];
  const measure = async (batch: number, others: { what: string; graph: BuiltGraph; aim: number }[]) => {
    const pixels = { type: 'float32', data: randomNumbers(batch * 3 * height * width, 1), dims: [batch, 3, height, width] } as const; // prettier-ignore
    const best = { type: 'int64', data: BigInt64Array.of(-1n), dims: [1] } as const;
    const running = async (graph: BuiltGraph): Promise<[InferenceSession, () => Promise<unknown>]> => {
      const session = await createOrtSession(graph, 'cpu');
      const { direction } = graph;
      const asked = direction !== null && {
        class_index: best,
        direction: { type: 'float32', data: new Float32Array(direction), dims: [1, direction] } as const,
      };
      return [session, () => session.run({ pixel_values: pixels, ...asked })];
    };
    const [alone, runAlone] = await running(plain);
    for (const { what, graph, aim } of others) {
      const [session, run] = await running(graph);
      const { one, other } = await sideBySide(runAlone, run, rounds);
      await session.release();
      const perSecond = (ms: number[]) => (1000 * batch) / median(ms);
      rows.push({
        what: `${title}, batch ${batch}: ${what}`,
        figures: { 'labels alone': perSecond(one), 'with it': perSecond(other) },
        // Of neighbours in time, since a machine that is used for other things drifts.
        ratio: median(one.map((ms, round) => ms / other[round]!)),
        aim,
      });
    }
    await alone.release();
  };
  const ordinary = everyMap(folder, manifest);
  await measure(4, [
    { what: 'with the stored map, evidence for the first label', graph: await ours('classify', 'class'), aim: 0.97 },
    { what: 'with the stored map, [CLS] attention', graph: await ours('classify', 'cls'), aim: 0.97 },
    { what: 'with every attention map returned', graph: ordinary, aim: 0 },
  ]); // prettier-ignore
  await measure(1, [
    { what: 'inspection, all maps and terms', graph: await ours('inspect', null), aim: 0.77 },
    { what: 'with every attention map returned', graph: ordinary, aim: 0 },
  ]);
  return rows;
}

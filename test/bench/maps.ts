/**
 * What maps cost: the same photos through one model, as labels alone, with the map that a run stores, as inspection,
 * and beside it the ordinary way, every attention map returned whole. Inference alone, since decoding would hide it.
 */
import { createOrtSession, type Feeds, type Session } from '../../main/inference/session.ts';
import type { VitConfig } from '../../models/config.ts';
import { join } from 'node:path';
import { prepareGraph, readManifest, type PreparedGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { Vit } from '../../models/vit.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { randomNumbers } from '../models/tiny.ts';
import { writeModel } from './models.ts';
import { median, type Row } from './table.ts';

/** Labels and [B, H, T, T] of every layer, as `output_attentions` returns them. */
function everyMap(folder: string, manifest: ModelManifest): PreparedGraph {
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const g = new Vit(config, readVitWeights(source, config), { type: 'float32', allRows: true });
  const { tokens, blocks } = g.encode();
  g.output('logits', g.classify(tokens).logits, 'float32', ['batch', config.classes]);
  for (const [layer, { probabilities }] of blocks.entries())
    g.output(`attentions.${layer}`, probabilities, 'float32', ['batch', config.heads, g.tokens, g.tokens]);
  const { depth: layers, heads } = config;
  return { ...g.finish('every-map'), outputs: g.outputNames, absent: {}, layers, heads, batch: null };
}

/** Milliseconds of one run each, in turn, so that whatever else the machine does meets all alike. */
async function inTurn(sessions: Session[], feeds: Feeds[], rounds: number): Promise<number[][]> {
  const times: number[][] = sessions.map(() => []);
  for (let round = -1; round < rounds; round++)
    for (const [i, session] of sessions.entries()) {
      const start = performance.now();
      await session.run(feeds[i]!);
      if (round >= 0) times[i]!.push(performance.now() - start);
    }
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
    prepareGraph(folder, manifest, { kind, precision: 'fp32', map });
  const plain = await ours('classify', null);
  const rows: Row[] = [];
  const measure = async (batch: number, others: { what: string; graph: PreparedGraph; aim: number }[]) => {
    const pixels = { type: 'float32', data: randomNumbers(batch * 3 * height * width, 1), dims: [batch, 3, height, width] } as const; // prettier-ignore
    const best = { type: 'int64', data: BigInt64Array.of(-1n), dims: [1] } as const;
    const graphs = [plain, ...others.map(({ graph }) => graph)];
    const sessions = await Promise.all(graphs.map((graph) => createOrtSession(graph, 'cpu')));
    const feeds = graphs.map((graph) => ({
      pixel_values: pixels,
      ...(graph.outputs.includes('cls_attention') ? { class_index: best } : {}),
    }));
    const [alone = [], ...times] = await inTurn(sessions, feeds, rounds);
    for (const session of sessions) await session.release();
    for (const [i, { what, aim }] of others.entries()) {
      const perSecond = (ms: number[]) => (1000 * batch) / median(ms);
      rows.push({
        what: `${title}, batch ${batch}: ${what}`,
        figures: { labels: perSecond(alone), 'with it': perSecond(times[i]!) },
        // Of neighbours in time, since a machine that is used for other things drifts.
        ratio: median(alone.map((ms, round) => ms / times[i]![round]!)),
        aim,
      });
    }
  };
  const ordinary = everyMap(folder, manifest);
  await measure(8, [
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

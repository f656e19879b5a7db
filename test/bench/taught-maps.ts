/** Whether evidence for a taught label shows what the answer depends on: docs/faithfulness.md's protocol, beside the model's own label. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselineOf, faithfulnessTable, summarise } from '../../main/cli/commands/faithfulness.ts';
import type { FaithfulnessCurve } from '../../main/contract/entities/inspection.ts';
import { inferenceHandlers } from '../../main/inference/handlers.ts';
import type { CallContext } from '../../main/rpc/calls.ts';
import type { Head } from '../../models/heads/head.ts';

const methods = ['class', 'rollout', 'random'] as const;
const context: CallContext = { signal: new AbortController().signal, urgent: false, transfer: [] };

/** A table for the model's own labels, then one for each head, on the same photos. */
export async function taughtMaps(
  folder: string,
  heads: Record<string, Head>,
  paths: string[],
  steps: number,
): Promise<string> {
  const verdictsFile = join(tmpdir(), `saccade-bench-verdicts-${process.pid}.json`);
  const { load, faithfulness } = inferenceHandlers({ verdictsFile });
  const { handle } = await load(
    { modelFolder: folder, provider: 'cpu', precision: 'fp32', batch: 8 },
    context,
  );
  const tables: string[] = [];
  for (const [name, followed] of [["the model's own", undefined], ...Object.entries(heads)] as const) {
    const photos: FaithfulnessCurve[][] = [];
    for (const path of paths)
      photos.push((await faithfulness({ handle, path, methods: [...methods], steps, head: followed }, context)).curves); // prettier-ignore
    const table = faithfulnessTable(summarise(photos, methods), photos.length, baselineOf(methods));
    tables.push(`${name} labels, ${steps} steps\n${table}`);
  }
  return tables.join('\n');
}

/** `session.run` alone on every provider that this machine has, by precision and batch. */
import { obstacle } from '../../main/inference/placing/choose.ts';
import { deviceOf } from '../../main/inference/runtime/devices.ts';
import { builtInInputs } from '../../main/inference/placing/built-in-inputs.ts';
import { LoadedModel, usualGraph } from '../../main/inference/placing/loaded-model.ts';
import { providerNames, providerTable } from '../../main/inference/runtime/providers.ts';
import { Slots } from '../../main/schedule/slots.ts';
import { createOrtSession } from '../../main/inference/runtime/create-session.ts';
import { readManifest } from '../../models/load.ts';
import { writeModel } from './models.ts';
import { median, type Row } from './table.ts';

/** A run that took longer has shown what there is to see. */
const longEnoughMs = 3000;

export async function byProvider(root: string, rounds: number): Promise<Row[]> {
  const { folder } = await writeModel(root, 'vit-tiny');
  const manifest = readManifest(folder);
  const rows: Row[] = [];
  let reference = 0;
  for (const provider of providerNames) {
    const { title, precisions } = providerTable[provider];
    const reason = await obstacle(provider);
    if (reason) {
      process.stderr.write(`SKIPPED ${title}: ${reason}\n`);
      continue;
    }
    const { device, driver } = await deviceOf(provider);
    for (const precision of precisions) {
      const placement = {
        provider,
        precision,
        device,
        driver,
        batch: 1,
        nodesOnCpu: null,
        reason: 'measured',
      };
      const model = new LoadedModel(folder, manifest, placement, { create: createOrtSession, queue: new Slots(1, { blocking: true }), next: [] }); // prettier-ignore
      try {
        for (const batch of [1, 4, 16, 64]) {
          model.batch = batch;
          const inputs = builtInInputs(batch, manifest.input);
          const run = async () => (await model.run(usualGraph(model), inputs, batch, () => {})).runMs;
          await run();
          const times: number[] = [];
          for (let round = 0; round < rounds; round++) times.push(await run());
          const speed = (1000 * batch) / median(times);
          reference ||= speed;
          const what = `${title} ${precision}, ViT-Ti/16, ${batch} at a time (${device}, ${driver}), against the CPU one by one`;
          rows.push({ what, figures: { run: speed }, ratio: speed / reference, aim: 0 });
          if (median(times) > longEnoughMs) break;
        }
      } catch (error) {
        process.stderr.write(`SKIPPED ${title} ${precision}: ${(error as Error).message}\n`);
      } finally {
        await model.release();
      }
    }
  }
  return rows;
}

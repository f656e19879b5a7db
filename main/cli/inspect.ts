/** `saccade inspect` */
import type { Command } from 'commander';
import { Option } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import { storedMethod } from '../defaults.ts';
import type { Inspection, MapMethod, RolloutOptions } from '../contract/entities.ts';
import { inspectionMetadata, inspectionTensors } from '../contract/inspection-file.ts';
import { encodeNpy } from '../../models/overlay/npy.ts';
import { headsSheet } from '../report/heads.ts';
import { isSigned, mapOf } from '../report/maps.ts';
import { partsOf, type HeadChoice, type Part } from '../../models/overlay/inspection.ts';
import { overlayPng, writePicture } from '../report/pictures.ts';
import { unwrap } from '../contract/result.ts';
import type { Library } from '../rpc/library.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type ExitCode, type Run } from './exit.ts';
import { formatTable } from './formats.ts';
import {
  computeOf,
  count,
  drawingOf,
  discard,
  head,
  methods,
  withCompute,
  withDrawing,
  type ComputeOptions,
  type DrawingOptions,
} from './options.ts';
import { withLibrary } from './session.ts';
import { harmless } from './terminal.ts';

interface InspectOptions extends ComputeOptions, DrawingOptions {
  output?: string;
  overlay?: string;
  values?: string;
  heads?: string;
  method: MapMethod;
  layer?: number;
  head: HeadChoice;
  class?: number;
  fusion: RolloutOptions['fusion'];
  discard: number;
  top: number;
}

async function preprocessingOf(library: Library, model: string): Promise<unknown> {
  const shown = await library.ask('models.show', { modelId: model });
  return shown.ok ? shown.value.preprocessing : undefined;
}

const whoseAttention = {
  'unread-cls':
    'This model answers from the mean of its patches and does not read [CLS]: the cls map shows what [CLS] attended to, which did not decide the label.',
  patches: 'This model has no [CLS] token: the cls map shows what its patches attended to on average.',
};

const partNames: Record<Part['name'], string> = {
  patches: 'patches, through attention',
  special: '[CLS] and other special tokens, through attention',
  mlp: 'MLPs',
  bias: 'biases of values and projections',
  start: '[CLS] token and its position',
  head: "norm's shift and the head's bias",
};

function sentences(inspection: Inspection): string {
  const labels = inspection.predictions.map(({ label, probability }) => [
    harmless(label.name),
    `${(probability * 100).toFixed(1)} %`,
  ]);
  const lines = [formatTable(labels, undefined, [1])];
  const { contribution } = inspection;
  if (contribution) {
    const parts = partsOf(contribution).map(({ name, value }): [string, number] => [partNames[name], value]);
    const logit = inspection.logits[contribution.classIndex]!;
    const rows = [...parts, ['sum', contribution.sum] as const, ['logit', logit] as const];
    lines.push(
      `\nWhat makes up the logit of class ${contribution.classIndex}:\n`,
      formatTable(
        rows.map(([name, value]) => [name, value.toFixed(3)]),
        undefined,
        [1],
      ),
    );
  }
  if (inspection.clsAttention && inspection.attentionOf !== 'cls')
    lines.push(`${whoseAttention[inspection.attentionOf]}\n`);
  for (const [method, reason] of Object.entries(inspection.absent))
    lines.push(`No ${method} map: ${reason}\n`);
  return lines.join('');
}

async function inspect(photo: string, options: InspectOptions): Promise<ExitCode> {
  const file = resolve(photo);
  return withLibrary(async (library, interrupted) => {
    const inspection = unwrap(
      await library.ask(
        'internal.inspect',
        {
          ...computeOf(options),
          path: file,
          classIndex: options.class ?? null,
          topK: options.top,
          rollout: { fusion: options.fusion, discardRatio: options.discard },
        },
        { signal: interrupted, urgent: true },
      ),
    );
    const layer = options.layer === undefined ? null : options.layer - 1;
    const map = () => mapOf(inspection, options.method, layer, options.head);
    const drawing = drawingOf(options, isSigned(options.method));
    if (options.overlay)
      await writePicture(resolve(options.overlay), await overlayPng(file, inspection.seen, map(), drawing));
    if (options.values) {
      const { values, rows, columns } = map();
      await writePicture(resolve(options.values), encodeNpy(values, [rows, columns]));
    }
    if (options.heads)
      await writePicture(
        resolve(options.heads),
        await headsSheet(file, inspection, drawingOf(options, false)),
      );
    if (options.output) {
      const metadata = inspectionMetadata(inspection, await preprocessingOf(library, inspection.model));
      await writePicture(resolve(options.output), encodeSafetensors(inspectionTensors(inspection), metadata));
    }
    const out = standardOutput();
    await out.write(sentences(inspection));
    await out.end();
    return exitCodes.allWell;
  });
}

export function addInspect(command: Command, run: Run): void {
  withCompute(command.argument('<photo>', 'a file'))
    .option('--output <file.safetensors>', 'write logits, feature, attention, rollout, contributions')
    .option('--overlay <file.png>', 'write the photo with one map over it')
    .option('--values <file.npy>', 'write the numbers of that map')
    .option('--heads <file.png>', 'write all heads of all layers on one sheet')
    .addOption(new Option('--method <name>', 'which map').choices(methods).default(storedMethod))
    .option('--layer <n>', 'counted from 1 (default: the last of cls, all of class)', count(1, 10_000))
    .option('--head <n>', 'counted from 1, or mean, max, min over heads (cls)', head, 'mean')
    .addOption(
      new Option('--fusion <name>', 'how rollout joins heads')
        .choices(['mean', 'max', 'min'])
        .default('mean'),
    )
    .option('--discard <ratio>', 'of the smallest attentions, left out of rollout: 0 to 0.99', discard, 0)
    .option('--class <index>', 'whose evidence (default: the first label)', count(0, 1_000_000))
    .option('--top <k>', 'labels', count(1, 1000), 5);
  withDrawing(command, ['photo', 'absolute']).action((photo: string, options: InspectOptions) =>
    run(() => {
      if (options.method === 'rollout' && options.layer !== undefined)
        throw new SaccadeError('wrong-usage', 'Rollout runs through all layers; leave out --layer.');
      return inspect(photo, options);
    }),
  );
}

/** `saccade inspect` */
import type { Command } from 'commander';
import { Option } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { encodeSafetensors } from '../../../models/weights/encode-safetensors.ts';
import { storedMethod } from '../../defaults.ts';
import type { Inspection } from '../../contract/entities/inspection.ts';
import type { RolloutOptions } from '../../../models/explain/options.ts';
import { shownMethod, type ShownMethod } from '../../contract/values.ts';
import { standardisedSum } from '../../../models/overlay/measured.ts';
import { systemPath } from '../../file-names.ts';
import { statSync } from 'node:fs';
import { checkDistanceFile, Distances, longestSide } from '../distances.ts';
import { attend, inspectFolder } from '../inspect-folder.ts';
import { measure, withMeasuring, type MeasuringOptions } from '../measuring.ts';
import { patchesIn, token, type TokenChoice } from '../patches.ts';
import { inspectionMetadata, inspectionTensors } from '../../contract/inspection-file.ts';
import { encodeNpy } from '../../../models/overlay/npy.ts';
import { headsSheet } from '../../report/heads.ts';
import { isSigned, mapOf, type DrawnMap } from '../../report/maps.ts';
import { partsOf, type HeadChoice, type Part } from '../../../models/overlay/inspection.ts';
import { overlayPng, writePicture } from '../../report/pictures.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import {
  computeOf,
  count,
  drawingOf,
  discard,
  head,
  withCompute,
  withDrawing,
  type ComputeOptions,
  type DrawingOptions,
} from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { harmless, message } from '../terminal.ts';

interface InspectOptions extends ComputeOptions, DrawingOptions, MeasuringOptions {
  output?: string;
  distance?: string;
  recursive: boolean;
  from?: TokenChoice;
  overlay?: string;
  values?: string;
  heads?: string;
  method: ShownMethod;
  layer?: number;
  head: HeadChoice;
  class?: number;
  labels?: string;
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
  tokens:
    'This model averages all its tokens, special ones among them: the cls map shows what they attended to on average.',
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

/** The map that `--method` names, from the token of `--from`, measured where it takes many looks. */
async function mapOfOne(
  library: Library,
  interrupted: AbortSignal,
  file: string,
  inspection: Inspection,
  options: InspectOptions,
): Promise<DrawnMap> {
  const { method, head, from } = options;
  const layer = options.layer === undefined ? null : options.layer - 1;
  const { grid } = inspection;
  if (method !== 'measured' && method !== 'thorough') {
    if (!from || !grid) return mapOf(inspection, method, layer, head);
    const query = 'special' in from ? from : { patch: patchesIn([from], grid)[0]! };
    const { attention } = await attend(library, file, query, options, interrupted);
    return mapOf({ ...inspection, clsAttention: attention }, 'cls', layer, head);
  }
  const classIndex = inspection.contribution?.classIndex ?? options.class ?? inspection.predictions[0]?.index;
  if (!grid || classIndex === undefined)
    throw new SaccadeError('map-absent', `${inspection.model} has no label whose map could be measured.`);
  const { rows, columns } = grid;
  const photo = { path: file, classIndex, patches: rows * columns, head: options.labels };
  const { values, errors } = await measure(library, photo, options, interrupted);
  if (!values.every(Number.isFinite))
    throw new SaccadeError(
      'map-absent',
      'Expected enough looks for every patch to be there and gone twice; take more with --passes.',
    );
  const error = Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length);
  message(`${options.passes} looks; standard error of a patch: ${error.toPrecision(3)} logits.`);
  if (method === 'measured') return { method, values, rows, columns };
  const evidence = mapOf(inspection, 'class', null, 'mean');
  return { method, values: standardisedSum(evidence.values, values), rows, columns };
}

async function inspect(photo: string, options: InspectOptions): Promise<ExitCode> {
  const file = resolve(photo);
  return withLibrary(async (library, interrupted) => {
    const inspectOne = async (path: string) =>
      unwrap(
        await library.ask(
          'internal.inspect',
          {
            ...computeOf(options),
            path,
            classIndex: options.class ?? null,
            topK: options.top,
            rollout: { fusion: options.fusion, discardRatio: options.discard },
            head: options.labels,
          },
          { signal: interrupted, urgent: true },
        ),
      );
    const preprocessing = (model: string) => preprocessingOf(library, model);
    if (statSync(systemPath(file), { throwIfNoEntry: false })?.isDirectory()) {
      if (options.overlay || options.values || options.heads)
        throw new SaccadeError(
          'wrong-usage',
          'Expected one photo for --overlay, --values and --heads; found a folder, of which --output and --distance are written.',
        );
      if (!options.output && !options.distance)
        throw new SaccadeError(
          'wrong-usage',
          `Expected --output or --distance, where the numbers of a folder's photos go; found neither. To print labels, say saccade classify.`,
        );
      return inspectFolder(library, interrupted, file, options, inspectOne, preprocessing);
    }
    const inspection = await inspectOne(file);
    let made: Promise<DrawnMap> | null = null;
    const map = () => (made ??= mapOfOne(library, interrupted, file, inspection, options));
    const drawing = drawingOf(options, isSigned(options.method));
    if (options.overlay)
      await writePicture(
        resolve(options.overlay),
        await overlayPng(file, inspection.seen, await map(), drawing),
      );
    if (options.values) {
      const { values, rows, columns } = await map();
      await writePicture(resolve(options.values), encodeNpy(values, [rows, columns]));
    }
    if (options.heads)
      await writePicture(
        resolve(options.heads),
        await headsSheet(file, inspection, drawingOf(options, false)),
      );
    if (options.output) {
      const metadata = inspectionMetadata(inspection, await preprocessing(inspection.model));
      await writePicture(resolve(options.output), encodeSafetensors(inspectionTensors(inspection), metadata));
    }
    if (options.distance) {
      const distances = new Distances();
      distances.count(await attend(library, file, { patch: 0 }, options, interrupted));
      await distances.write(resolve(options.distance), inspection.model, longestSide(inspection));
    }
    const out = standardOutput();
    await out.write(sentences(inspection));
    await out.end();
    return exitCodes.allWell;
  });
}

export function addInspect(command: Command, run: Run): void {
  withMeasuring(withCompute(command.argument('<photo>', 'a file, or a folder of photos')))
    .option(
      '--output <file>',
      'write logits, feature, attention, rollout, contributions as safetensors; of a folder: into this folder, or as one table (.parquet)',
    ) // prettier-ignore
    .option('--distance <file>', 'write the mean attention distance of every head: .svg, .png, .csv, .json')
    .option('--no-recursive', 'without the folders below')
    .option('--overlay <file.png>', 'write the photo with one map over it')
    .option('--values <file.npy>', 'write the numbers of that map')
    .option('--heads <file.png>', 'write all heads of all layers on one sheet')
    .addOption(new Option('--method <name>', 'which map').choices(shownMethod.options).default(storedMethod))
    .option('--layer <n>', 'counted from 1 (default: the last of cls, all of class)', count(1, 10_000))
    .option(
      '--from <token>',
      'whose attention (cls): a patch ROW:COLUMN, or token:N of the special ones',
      token,
    ) // prettier-ignore
    .option('--head <n>', 'counted from 1, or mean, max, min over heads (cls)', head, 'mean')
    .addOption(
      new Option('--fusion <name>', 'how rollout joins heads')
        .choices(['mean', 'max', 'min'])
        .default('mean'),
    )
    .option('--discard <ratio>', 'of the smallest attentions, left out of rollout: 0 to 0.99', discard, 0)
    .option(
      '--labels <name>',
      'a head whose labels are told and explained (default: what the model came with)',
    ) // prettier-ignore
    .option('--class <index>', 'whose evidence (default: the first label)', count(0, 1_000_000))
    .option('--top <k>', 'labels', count(1, 1000), 5);
  withDrawing(command, ['photo', 'absolute']).action((photo: string, options: InspectOptions) =>
    run(() => {
      if (options.method === 'rollout' && options.layer !== undefined)
        throw new SaccadeError('wrong-usage', 'Rollout runs through all layers; leave out --layer.');
      if (options.from && options.method !== 'cls')
        throw new SaccadeError('wrong-usage', '--from asks whose attention to show; give --method cls with it.'); // prettier-ignore
      if (options.distance) checkDistanceFile(options.distance);
      return inspect(photo, options);
    }),
  );
}

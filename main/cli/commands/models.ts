/** `saccade models` */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { imagenet } from '../../../models/formats/labels-file.ts';
import type { BrokenModel, ModelDetail, ModelSummary } from '../../contract/entities/model.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { answersOf, withAnswers, type AnswerOptions } from '../answers.ts';
import { addModelsDownload } from './models-download.ts';
import { addModelsExport } from './models-export.ts';
import { withLibrary } from '../with-library.ts';
import { harmless } from '../terminal.ts';

const millions = (count: number) => `${(count / 1e6).toFixed(1)} M`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

export function modelTable(models: ModelSummary[]): string {
  const head = ['MODEL', 'FAMILY', 'PARAMETERS', 'INPUT', 'CLASSES', 'SIZE', '', 'LICENCE'];
  const rows = models.map((model) => [
    harmless(model.id),
    harmless(model.family),
    millions(model.parameters),
    `${model.input.width} × ${model.input.height}`,
    String(model.classes),
    megabytes(model.bytes),
    model.builtIn ? 'ships with Saccade' : '',
    harmless(model.licence ?? 'unknown'),
  ]);
  return formatTable([head, ...rows], undefined, [2, 4, 5]);
}

/** Below the table: what lies among the models and is none. */
function brokenLines(broken: BrokenModel[]): string {
  return broken
    .map(
      ({ id, reason }) =>
        `\n${harmless(id)} is broken: ${harmless(reason)} saccade models remove ${harmless(id)} deletes it.\n`,
    )
    .join('');
}

const meanings: Record<ModelDetail['outputActivation'], string> = {
  softmax: 'classes that exclude each other (softmax)',
  sigmoid: 'classes that each hold or not (sigmoid)',
  none: 'probabilities already, of classes that exclude each other',
  'none-each': 'probabilities already, of classes that each hold or not',
};

const customs: Record<ModelDetail['assumed'][number], string> = {
  labels: `names of classes (ImageNet-1k's, since there are 1000)`,
  size: 'size of the input',
  mean: 'mean',
  std: 'standard deviation',
  resize: 'how photos are resized',
  interpolation: 'filter of resizing',
  crop: 'crop (what is left over goes)',
  activation: 'that classes exclude each other (softmax)',
};
const customsOf = ({ assumed }: ModelDetail) => assumed.map((name) => customs[name]).join(', ');

/** Below the table of a model that has just been imported. */
function assumedLines(model: ModelDetail): string {
  const { assumed, labels } = model;
  const told = assumed.length
    ? `\nNo file says, so the usual was taken: ${customsOf(model)}. If that is wrong, remove the model and import it again with what is right (saccade models import --help).\n`
    : '';
  const nameless = labels.length === 1000 && labels[0]?.name === 'class 0';
  return (
    told +
    (nameless
      ? `\nNothing names its 1000 classes. If they are ImageNet-1k's, remove it and import it again with --labels ${imagenet}.\n`
      : '')
  );
}

export function modelFacts(model: ModelDetail): string {
  const { grid, preprocessing, doubt, labels } = model;
  const rows: [string, string][] = [
    ['model', model.id],
    ['name', model.name],
    ['family', model.family],
    ['parameters', millions(model.parameters)],
    ['input', `${model.input.width} × ${model.input.height} pixels`],
    ['patches', grid ? `${grid.columns} × ${grid.rows}, ${grid.patchSize} pixels each` : 'none'],
    ['preprocessing', JSON.stringify(preprocessing)],
    [
      'classes',
      `${model.classes}: ${labels
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ')}${labels.length > 5 ? ' …' : ''}`,
    ],
    ['outputs', meanings[model.outputActivation]],
    ['temperature', String(model.temperature)],
    ...(model.assumed.length ? [['assumed', `${customsOf(model)}: no file says`] as [string, string]] : []),
    ['unsure', doubt ? `${doubt.method} below ${doubt.threshold}` : 'never'],
    ['licence', model.licence ?? 'unknown'],
    ['source', model.source ?? 'unknown'],
    ['weights', `${megabytes(model.bytes)}, SHA-256 ${model.sha256}`],
  ];
  const card = model.card ? `\n${model.card.trim()}\n` : '';
  return formatTable(rows.map((row) => row.map(harmless))) + card;
}

async function print(text: string): Promise<void> {
  const out = standardOutput();
  await out.write(text);
  await out.end();
}

export function addModels(models: Command, run: Run): void {
  /** `remember`: false where nothing of the catalog is needed, so that it also works where none can be written. */
  const action = (work: (library: Library, interrupted: AbortSignal) => Promise<string>, remember = true) =>
    run(() =>
      withLibrary(
        async (library, interrupted) => {
          await print(await work(library, interrupted));
          return exitCodes.allWell;
        },
        { remember },
      ),
    );

  models
    .command('list')
    .description('every installed model')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) =>
      action(async (library) => {
        const { items, broken } = unwrap(await library.ask('models.list', {}));
        return json ? `${JSON.stringify(items, null, 2)}\n` : modelTable(items) + brokenLines(broken);
      }, false),
    );
  models
    .command('show')
    .description('what is known about a model, and its card')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: boolean }) =>
      action(async (library) => {
        const model = unwrap(await library.ask('models.show', { modelId: name }));
        return json ? `${JSON.stringify(model, null, 2)}\n` : modelFacts(model);
      }, false),
    );
  withAnswers(
    models
      .command('import')
      .description('install a model from this machine: a folder of safetensors or ONNX, or a file')
      .argument('<path>')
      .option('--name <name>', 'to call it by'),
  ).action((path: string, { name, ...told }: { name?: string } & AnswerOptions) =>
    action(async (library, signal) => {
      const answers = answersOf(told) ?? undefined;
      const request = { path: resolve(path), name, answers };
      const model = unwrap(await library.ask<'models.import'>('models.import', request, { signal }));
      return (
        modelTable([model]) + assumedLines(unwrap(await library.ask('models.show', { modelId: model.id })))
      );
    }),
  );
  models
    .command('remove')
    .description('delete an installed model; what it found out about photos stays')
    .argument('<name>')
    .action((name: string) =>
      action(async (library) => {
        unwrap(await library.ask('models.remove', { modelId: name }));
        return `Removed ${harmless(name)}.\n`;
      }),
    );
  addModelsExport(models, run);
  addModelsDownload(models, run);
}

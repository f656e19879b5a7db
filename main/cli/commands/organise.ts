/** `saccade organise`: photos into folders named after their labels. */
import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { OrganiseOptions } from '../../contract/writing.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import type { ExitCode, Run } from '../exit.ts';
import {
  eachLabelled,
  expectOneChoice,
  type LabelledOptions,
  type Labelling,
  Told,
  withLabels,
} from '../labelled.ts';
import { withLibrary } from '../with-library.ts';

interface Options extends LabelledOptions {
  into?: string;
  template: string;
  by: OrganiseOptions['way'];
  undo?: boolean;
  stacks?: boolean;
}

async function organise(
  library: Library,
  interrupted: AbortSignal,
  paths: string[],
  options: Options,
): Promise<ExitCode> {
  const told = new Told(options, 'file');
  const { into, template, by: way, stacks = false, dryRun = false } = options;
  if (options.undo) {
    if (dryRun || into !== undefined || paths.length)
      throw new SaccadeError(
        'wrong-usage',
        'Expected --undo alone: it takes the last batch back, and has nothing to try first. Nothing was taken back.',
      );
    await told.tell(unwrap(await library.ask('internal.undoOrganised', {})).items);
    return told.end();
  }
  if (into === undefined || paths.length === 0)
    throw new SaccadeError('wrong-usage', 'Expected photos and --into FOLDER, or --undo alone.');
  const folder = resolve(into);
  const write = async (photos: Labelling) => {
    const request = { ...photos, options: { folder, template, way }, stacks, dryRun };
    await told.tell(unwrap(await library.ask('internal.organise', request)).items);
  };
  // One batch, which is taken back as one.
  return eachLabelled(library, interrupted, paths, options, told, write, true);
}

export function addOrganise(command: Command, run: Run): void {
  withLabels(command.argument('[path...]', 'photos and folders of photos'))
    .option('--into <folder>', 'where the folders are made')
    .option(
      '--template <levels>',
      'of {label} {year} {month} {day} {name} {stem} {ext}',
      '{label}/{year}/{name}',
    )
    .addOption(
      new Option(
        '--by <way>',
        'what is done with each photo: of several labels it is copied or linked to each, and moved to the first',
      )
        .choices(['copy', 'hardlink', 'symlink', 'move'])
        .default('copy'),
    )
    .option('--stacks', 'a RAW goes where the JPEG or HEIC of the same name beside it goes')
    .option('--undo', 'take the last batch back, also one that was cut off')
    .action((paths: string[], options: Options) =>
      run(() => {
        expectOneChoice(options);
        return withLibrary((library, interrupted) => organise(library, interrupted, paths, options));
      }),
    );
}

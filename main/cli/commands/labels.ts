/** `saccade labels` */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { PhotoFilter } from '../../contract/requests.ts';
import {
  datasetFormat,
  type DatasetFormat,
  type ExportTarget,
  type LabelsImported,
} from '../../contract/exports.ts';
import type { Request } from '../../contract/verbs.ts';
import { unwrap } from '../../contract/result.ts';
import { photoStatus } from '../../contract/values.ts';
import { standardOutput } from '../destination.ts';
import { expectUsed } from '../options.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { withLibrary } from '../with-library.ts';
import { harmless, message } from '../terminal.ts';

interface LabelsExportOptions {
  format: DatasetFormat;
  output: string;
  labels: 'person' | 'model' | 'both';
  place?: 'copy' | 'hardlink' | 'symlink';
  root?: string;
  search?: string;
  status?: PhotoFilter['status'];
}

const photos = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'photo' : 'photos'}`;

/** What was, or would be, taken over. */
export function importedFacts(imported: LabelsImported, dryRun: boolean): string {
  const { pictures, unlabelled, matched, changed, newLabels, unmatched, unmatchedTotal } = imported;
  const lines = [
    `${pictures.toLocaleString('en')} pictures in the file; ${photos(matched)} of the library have labels there; ${dryRun ? `${photos(changed)} would change` : `${photos(changed)} changed`}.`,
  ];
  if (unlabelled) lines.push(`Without a label: ${unlabelled.toLocaleString('en')}.`);
  if (newLabels.length) lines.push(`Labels that are new: ${newLabels.map(harmless).join(', ')}.`);
  for (const { file, reason } of unmatched) lines.push(`${harmless(file)}: ${reason}.`);
  if (unmatchedTotal > unmatched.length)
    lines.push(
      `${(unmatchedTotal - unmatched.length).toLocaleString('en')} more are no photo of the library, or could be several.`,
    );
  return `${lines.join('\n')}\n`;
}

export function addLabels(labels: Command, run: Run): void {
  const format = () =>
    new Option('--format <program>', 'whose').choices(datasetFormat.options).makeOptionMandatory();
  labels
    .command('export')
    .description('write photos and labels for FiftyOne, Label Studio, Hugging Face or COCO')
    .addOption(format())
    .requiredOption('--output <path>', 'the file, or a folder that is not there yet')
    .addOption(
      new Option('--labels <whose>', "a person's, the model's where it is sure, or both, a person's first")
        .choices(['person', 'model', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--place <how>', 'of imagefolder: how photos get into the folder (default: copy)').choices([
        'copy',
        'hardlink',
        'symlink',
      ]),
    )
    .option('--root <folder>', 'of label-studio: the folder that it serves')
    .option('--search <words>', 'only photos that the words find, as in the window')
    .addOption(new Option('--status <kind...>', 'only such photos').choices(photoStatus.options))
    .action((options: LabelsExportOptions) =>
      run(() => {
        const { format: program, output, labels: whose, place, root, search, status } = options;
        expectUsed(program, {
          '--place': { given: place, of: ['imagefolder'] },
          '--root': { given: root, of: ['label-studio'] },
        });
        return withLibrary(async (library, interrupted) => {
          const common = { labels: whose };
          const target: ExportTarget =
            program === 'imagefolder'
              ? { format: program, ...common, place }
              : program === 'label-studio'
                ? { format: program, ...common, root: root && resolve(root) }
                : { format: program, ...common };
          const filter = { search, status };
          const request: Request<'exports.write'> = {
            selection: { filter, except: [] },
            path: resolve(output),
            target,
          };
          const written = unwrap(
            await library.ask('exports.write', request, { signal: interrupted, outlast: true }),
          );
          for (const note of written.notes) message(note);
          message(`${photos(written.photos)} in ${written.path}.`);
          return exitCodes.allWell;
        });
      }),
    );
  labels
    .command('import')
    .description('take labels of such a file over as your own; the window can take them back')
    .argument('<file>')
    .addOption(format())
    .option('--dry-run', 'only tell what would change')
    .action(
      (file: string, { format: program, dryRun = false }: { format: DatasetFormat; dryRun?: boolean }) =>
        run(() =>
          withLibrary(async (library): Promise<ExitCode> => {
            const imported = unwrap(
              await library.ask('labels.import', { path: resolve(file), format: program, dryRun }),
            );
            const out = standardOutput();
            await out.write(importedFacts(imported, dryRun));
            await out.end();
            return imported.unmatchedTotal ? exitCodes.someFailed : exitCodes.allWell;
          }),
        ),
    );
}

/** `saccade models export` */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { opsets } from '../../../models/onnx/builder.ts';
import type { MapMethod, Precision } from '../../contract/values.ts';
import type { ExportedModel } from '../../contract/exports.ts';
import { unwrap } from '../../contract/result.ts';
import { mapMethod, precision } from '../../contract/values.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { headNamed } from './heads.ts';
import { count } from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { harmless } from '../terminal.ts';

interface ModelExportOptions {
  format: 'onnx' | 'safetensors';
  output: string;
  maps?: MapMethod[];
  precision?: Precision;
  opset?: number;
  head?: string;
}

function maps(text: string): MapMethod[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    const known = mapMethod.safeParse(name);
    if (known.success) return known.data;
    throw new InvalidArgumentError(
      `Expected some of ${mapMethod.options.join(', ')}, with commas between them.`,
    );
  });
}

/** What the file takes and gives, and how near it is to the model. */
function exportedFacts({ path, files, inputs, outputs, differences }: ExportedModel): string {
  const of = (name: string) => differences.find((each) => each.name === name);
  const row = (kind: string, { name, about }: ExportedModel['inputs'][number]) => {
    const found = kind === 'output' ? of(name) : undefined;
    return [kind, name, found ? `± ${found.largest.toExponential(1)} of ${found.magnitude.toPrecision(3)}` : '', harmless(about)]; // prettier-ignore
  };
  const rows = [...inputs.map((each) => row('input', each)), ...outputs.map((each) => row('output', each))];
  return `${harmless(path)}: ${files.map(harmless).join(', ')}\n${rows.length ? `\n${formatTable(rows)}` : ''}`;
}

export function addModelsExport(
  models: Command,
  run: (work: () => Promise<ExitCode>) => Promise<void>,
): void {
  models
    .command('export')
    .description(
      'write a model for other programs: as an ONNX graph, or as timm and transformers name its weights',
    )
    .argument('<name>', 'an installed model')
    .addOption(new Option('--format <kind>').choices(['onnx', 'safetensors']).default('onnx'))
    .requiredOption('--output <path>', 'the ONNX file, or a folder that is not there yet')
    .option('--maps <list>', 'of ONNX: outputs with maps, some of cls,rollout,class', maps)
    .addOption(
      new Option('--precision <name>', 'of ONNX: of the weights (default: fp32)').choices(precision.options),
    )
    .option(
      '--opset <n>',
      'of ONNX: version of its operators (default: 20)',
      count(opsets.least, opsets.most),
    )
    .option('--head <name>', 'with these labels of yours')
    .action((name: string, { format, output, head, ...onnx }: ModelExportOptions) =>
      run(async () => {
        if (format === 'safetensors' && Object.keys(onnx).length)
          throw new SaccadeError(
            'cannot-export',
            'Maps, precision and opset are those of a graph; safetensors holds weights alone. Expected --format onnx with them.',
          );
        return withLibrary(async (library, signal) => {
          const headId = head === undefined ? undefined : await headNamed(library, head);
          const exported = unwrap(
            await library.ask(
              'models.export',
              {
                modelId: name,
                headId,
                path: resolve(output),
                as: format === 'onnx' ? { format, ...onnx } : { format },
              },
              { signal },
            ),
          );
          const out = standardOutput();
          await out.write(exportedFacts(exported));
          await out.end();
          return exitCodes.allWell;
        });
      }),
    );
}

/** `saccade evidence`: what a label looks at over many photos. */
import { Option, type Command } from 'commander';
import type { Finding } from '../../../models/looks/where.ts';
import { standardOutput } from '../destination.ts';
import { type Evidence, evidenceFor, type EvidenceQuestion } from '../evidence-looks.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { count, withCompute } from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { harmless } from '../terminal.ts';

interface EvidenceOptions extends EvidenceQuestion {
  format: 'text' | 'jsonl';
}

function percent(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(1)} %`;
}

function findingLine({ kind, share, usual, even, photos, mostly, odd }: Finding): string {
  return [odd ? 'odd' : '', kind, percent(share), percent(usual), percent(even), `${mostly} of ${photos}`]
    .map((cell, i) => (i < 2 ? cell.padEnd(i ? 14 : 5) : cell.padStart(14)))
    .join('');
}

function jsonLines(
  { label, name, called, otherLabels, grid, where, crops, unusual }: Evidence,
  head?: string,
) {
  const { mean, ...told } = where;
  return [
    {
      kind: 'where',
      label,
      name,
      head: head ?? null,
      called,
      otherLabels,
      ...grid,
      mean: [...mean],
      ...told,
    },
    ...crops.map(({ side, path, row, column, value, share, region }) => ({
      kind: 'patch',
      ...{ side, path, row: row + 1, column: column + 1, value, share, ...region },
    })),
    ...unusual.map((photo) => ({ kind: 'unusual', ...photo })),
  ].map((line) => JSON.stringify(line));
}

function textLines(
  wanted: string,
  { called, known, otherLabels, where, crops, unusual }: Evidence,
): string[] {
  const alike =
    where.likeOthers === null ? '' : `, rank correlation of the mean maps ${where.likeOthers.toFixed(2)}`;
  return [
    `${harmless(wanted)}: ${called} photos, evidence of ${known}; compared with ${otherLabels} other labels${alike}`,
    `${'place'.padStart(10).padEnd(19)}${'evidence'.padStart(14)}${'other labels'.padStart(14)}${'if even'.padStart(14)}${'mostly there'.padStart(14)}`,
    ...where.findings.map(findingLine),
    '',
    ...crops.map(
      ({ side, path, row, column, value, share }) =>
        `${side.padEnd(8)} ${value.toFixed(3).padStart(8)} ${share === null ? '' : percent(share).padStart(8)}  ${harmless(path)} ${row + 1}:${column + 1}`,
    ),
    '',
    ...unusual.map(({ path, share }) => `unusual  ${percent(share).padStart(8)}  ${harmless(path)}`),
  ];
}

async function evidence(wanted: string, path: string, options: EvidenceOptions): Promise<ExitCode> {
  return withLibrary(async (library, interrupted) => {
    const found = await evidenceFor(library, wanted, path, options, interrupted);
    if (!found) return exitCodes.someFailed;
    const lines = options.format === 'jsonl' ? jsonLines(found, options.head) : textLines(wanted, found);
    const out = standardOutput();
    await out.write(`${lines.join('\n')}\n`);
    await out.end();
    return found.failed ? exitCodes.someFailed : exitCodes.allWell;
  });
}

export function addEvidence(command: Command, run: Run): void {
  withCompute(
    command
      .argument('<label>', 'its name, in any language')
      .argument('<path>', 'a file, or a folder of photos'),
  )
    .option('--head <name>', 'a head whose label it is (default: what the model came with)')
    .option('--crops <n>', 'the strongest patches for it, and as many against it', count(0, 1000), 12)
    .option('--unusual <n>', 'photos whose evidence lies where it usually does not', count(0, 100_000), 12)
    .option('--most <n>', 'photos that are looked at for a head, spread over all', count(1, 100_000), 200)
    .addOption(
      new Option('--format <kind>', 'a table, or JSON lines').choices(['text', 'jsonl']).default('text'),
    )
    .action((label: string, path: string, options: EvidenceOptions) =>
      run(() => evidence(label, path, options)),
    );
}

/** `saccade ablate` */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { contributionMap } from '../../../models/overlay/inspection.ts';
import type { Inspection } from '../../contract/entities/inspection.ts';
import type { Ablated } from '../../contract/entities/trial.ts';
import type { Baseline } from '../../contract/values.ts';
import { unwrap } from '../../contract/result.ts';
import { baseline } from '../../contract/values.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { computeOf, count, share, withCompute, type ComputeOptions } from '../options.ts';
import { blocks, headList, patchesIn, type Block } from '../patches.ts';
import { withLibrary } from '../with-library.ts';
import { harmless } from '../terminal.ts';

interface AblateOptions extends ComputeOptions {
  without?: Block[];
  only?: Block[];
  strongest?: number;
  smallest?: boolean;
  headsOff: [number, number][];
  baseline: Baseline;
  class?: number;
  labels?: string;
  top: number;
}

/** What `--strongest` takes of the evidence for the label that is followed. */
function strongestOf({ contribution, absent, layers }: Inspection, patches: number, part: number): number[] {
  if (!contribution)
    throw new SaccadeError('no-map', absent.class ?? 'This model gives no evidence to order patches by.');
  const map = contributionMap(contribution.patches, patches, [0, layers - 1]);
  const order = [...map.keys()].sort((a, b) => map[b]! - map[a]! || a - b);
  return order.slice(0, Math.round(part * patches));
}

/** Rows of `#` for what stays and `.` for what is gone. */
function picture(without: readonly number[], { rows, columns }: { rows: number; columns: number }): string {
  const gone = new Set(without);
  const row = (y: number) =>
    Array.from({ length: columns }, (_, x) => (gone.has(y * columns + x) ? '.' : '#')).join('');
  return Array.from({ length: rows }, (_, y) => `${row(y)}\n`).join('');
}

function told(before: Inspection, after: Ablated, options: AblateOptions): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const labels = (one: Pick<Inspection, 'predictions'>) =>
    one.predictions
      .slice(0, options.top)
      .map(({ label, probability }) => [harmless(label.name), percent(probability)]);
  const [whole, part] = [labels(before), labels(after)];
  const rows = Array.from({ length: Math.max(whole.length, part.length) }, (_, i) => [
    ...(whole[i] ?? ['', '']),
    ...(part[i] ?? ['', '']),
  ]);
  const table = formatTable([['WHOLE', '', 'WITHOUT', ''], ...rows], undefined, [1, 3]);
  const { asked } = after;
  const fell =
    asked &&
    `\n${harmless(asked.label.name)}: logit ${before.logits[asked.index]?.toFixed(3) ?? '-'} to ${asked.logit.toFixed(3)}\n`;
  return `${table}${fell ?? ''}${after.instead ? `${after.instead}\n` : ''}`;
}

async function ablate(photo: string, options: AblateOptions): Promise<ExitCode> {
  const path = resolve(photo);
  return withLibrary(async (library, interrupted) => {
    const asking = { signal: interrupted, urgent: true };
    const { top: topK, baseline, headsOff, labels: head } = options;
    const compute = computeOf(options);
    const classIndex = options.class ?? null;
    const before = unwrap(
      await library.ask('internal.inspect', { ...compute, path, classIndex, topK, head }, asking),
    );
    const { grid } = before;
    if (!grid) throw new SaccadeError('no-map', `${before.model} has no patches that could be left out.`);
    const all = Array.from({ length: grid.rows * grid.columns }, (_, i) => i);
    const out = standardOutput();
    let without = new Set<number>();
    if (options.smallest) {
      const found = unwrap(
        await library.ask('internal.smallestPart', { ...compute, path, baseline, classIndex, head }, asking),
      );
      const kept = new Set(found.kept);
      without = new Set(all.filter((patch) => !kept.has(patch)));
      await out.write(
        `${found.kept.length} of ${all.length} patches keep the label; without any one of them it is another. ${found.runs} parts were tried.\n`,
      );
    }
    if (options.only) {
      const kept = new Set(patchesIn(options.only, grid));
      without = new Set(all.filter((patch) => !kept.has(patch)));
    }
    for (const patch of patchesIn(options.without ?? [], grid)) without.add(patch);
    if (options.strongest !== undefined)
      for (const patch of strongestOf(before, all.length, options.strongest)) without.add(patch);
    const follow = classIndex ?? before.contribution?.classIndex ?? before.predictions[0]?.index ?? null;
    const request = {
      ...compute,
      path,
      baseline,
      headsOff,
      topK,
      classIndex: follow,
      head,
      without: [...without],
    };
    const after = unwrap(await library.ask('internal.ablate', request, asking));
    await out.write(`${picture([...without], grid)}\n${told(before, after, options)}`);
    await out.end();
    return exitCodes.allWell;
  });
}

export function addAblate(command: Command, run: Run): void {
  withCompute(command.argument('<photo>', 'a file'))
    .option(
      '--without <patches>',
      'ROW:COLUMN or ROW-ROW:COLUMN-COLUMN, counted from 1, commas between',
      blocks,
    )
    .option('--only <patches>', 'takes all others away', blocks)
    .option('--strongest <share>', 'takes away what speaks for the label most, 0 to 1', share)
    .option('--smallest', 'keeps the smallest part that is found to keep the label')
    .option('--heads-off <list>', 'LAYER.HEAD, counted from 1, commas between', headList, [])
    .addOption(
      new Option('--baseline <kind>', 'how patches are taken away').choices(baseline.options).default('drop'),
    )
    .option('--class <index>', 'whose logit and evidence (default: the first label)', count(0, 1_000_000))
    .option('--labels <name>', 'a head whose labels are told (default: what the model came with)')
    .option('--top <k>', 'labels', count(1, 1000), 5)
    .action((photo: string, options: AblateOptions) => {
      if (options.smallest && (options.only || options.without || options.strongest !== undefined))
        throw new InvalidArgumentError('--smallest finds its part itself; leave the others out.');
      return run(() => ablate(photo, options));
    });
}

/** Maps that take many looks at a photo, as commands ask for them. */
import { Option, type Command } from 'commander';
import type { Fields } from '../contract/values.ts';
import { fields } from '../contract/values.ts';
import { unwrap } from '../contract/result.ts';
import { emptyTally, measuredMap, tallied } from '../../models/overlay/measured.ts';
import type { Library } from '../rpc/library.ts';
import { computeOf, count, type ComputeOptions } from './options.ts';
import { clearProgress, message, showProgress } from './terminal.ts';

export interface MeasuringOptions {
  passes: number;
  fields: Fields;
  seed: number;
}

export function withMeasuring(command: Command): Command {
  return command
    .option('--passes <n>', 'looks at random halves of the photo (measured, thorough)', count(4, 20_000), 400)
    .addOption(
      new Option('--fields <kind>', 'what is left out together (measured, thorough)')
        .choices(fields.options)
        .default('single'),
    )
    .option('--seed <n>', 'of the random halves', count(0, 0xffff_ffff), 0);
}

/** Passes asked for at a time: the progress moves, and an interruption is soon heard. */
const together = 32;

/** [N] each, of one photo and class. */
export async function measure(
  library: Library,
  photo: { path: string; classIndex: number; patches: number; head?: string | undefined },
  options: ComputeOptions & MeasuringOptions,
  signal: AbortSignal,
): Promise<{ values: Float32Array; errors: Float32Array }> {
  const { path, classIndex, patches, head } = photo;
  const { passes, fields, seed } = options;
  let tally = emptyTally(patches);
  let told: string | null = null;
  while (tally.passes < passes) {
    showProgress(`Measuring: ${tally.passes} of ${passes} looks`);
    const request = {
      ...computeOf(options),
      path,
      classIndex,
      fields,
      seed,
      baseline: 'drop',
      head,
    } as const;
    const part = { from: tally.passes, passes: Math.min(together, passes - tally.passes) };
    const answer = await library.ask(
      'internal.measureMap',
      { ...request, ...part },
      { signal, urgent: true },
    );
    const { scores, kept, instead } = unwrap(answer);
    tally = tallied(tally, scores, kept);
    told ??= instead;
  }
  clearProgress();
  if (told) message(told);
  return measuredMap(tally);
}

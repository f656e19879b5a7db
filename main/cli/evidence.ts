/** `saccade evidence`: what a label looks at over many photos. */
import { Option, type Command } from 'commander';
import { strongest } from '../../models/looks/strongest.ts';
import { unusualShare, usualLimit } from '../../models/looks/unusual.ts';
import { type Finding, type LookedAt, othersOf, whereOf } from '../../models/looks/where.ts';
import { SaccadeError } from '../../models/error.ts';
import { unpackMap } from '../../models/overlay/stored.ts';
import { contributionMap } from '../../models/overlay/inspection.ts';
import { harmless } from './terminal.ts';
import type { ClassifiedPhoto } from '../report/outcome.ts';
import { unwrap } from '../contract/result.ts';
import type { Library } from '../rpc/library.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type ExitCode, type Run } from './exit.ts';
import { classifyPaths } from './job.ts';
import { computeOf, type ComputeOptions, count, withCompute } from './options.ts';
import { shownPath } from './paths.ts';
import { withLibrary } from './session.ts';
import { clearProgress, message, showProgress } from './terminal.ts';

interface EvidenceOptions extends ComputeOptions {
  head?: string;
  crops: number;
  unusual: number;
  most: number;
  format: 'text' | 'jsonl';
}

interface Seen extends LookedAt {
  path: string;
  file: string;
  label: number;
  seen: NonNullable<LookedAt['seen']>;
  rows: number;
  columns: number;
}

/** Photos of other labels that a head's label is compared with. */
const compared = 60;

/** Evidence for the head's label of one photo, looked at now. */
async function lookAt(
  library: Library,
  { path, file, predictions: [first] }: ClassifiedPhoto,
  options: EvidenceOptions,
  signal: AbortSignal,
): Promise<Seen> {
  const { head } = options;
  const asked = { path: file, classIndex: first!.index, topK: 1, head };
  const { contribution, grid, layers, seen, photo, absent } = unwrap(
    await library.ask('internal.inspect', { ...computeOf(options), ...asked }, { signal }),
  );
  if (!contribution || !grid)
    throw new SaccadeError('no-map', absent.class ?? 'The model gives no evidence for its labels.');
  const special = contribution.special.reduce((sum, value) => sum + value, 0);
  const { rows, columns } = grid;
  const values = contributionMap(contribution.patches, rows * columns, [0, layers - 1]);
  return {
    path,
    file,
    label: first!.index,
    values,
    rows,
    columns,
    seen,
    photo,
    special,
    logit: contribution.sum,
  };
}

/** What a run stored of it. */
function stored({ path, file, map, seen, width, height }: ClassifiedPhoto): Seen | null {
  if (map?.method !== 'class' || map.classIndex === null || !seen) return null;
  const photo = { width, height };
  return {
    path,
    file,
    label: map.classIndex,
    values: unpackMap(map),
    rows: map.rows,
    columns: map.columns,
    seen,
    photo,
    special: null,
    logit: null,
  };
}

function percent(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(1)} %`;
}

function findingLine({ kind, share, usual, even, photos, mostly, odd }: Finding): string {
  return [odd ? 'odd' : '', kind, percent(share), percent(usual), percent(even), `${mostly} of ${photos}`]
    .map((cell, i) => (i < 2 ? cell.padEnd(i ? 14 : 5) : cell.padStart(14)))
    .join('');
}

async function evidence(wanted: string, path: string, options: EvidenceOptions): Promise<ExitCode> {
  return withLibrary(async (library, interrupted) => {
    const photos: ClassifiedPhoto[] = [];
    let failed = 0;
    await classifyPaths(
      library,
      { ...options, paths: [path], recursive: true, topK: 1, map: 'class', retryFailed: false },
      interrupted,
      shownPath([path]),
      async (outcome) => {
        if (outcome.status === 'ok') photos.push(outcome);
        else {
          failed++;
          message(`${outcome.path}: ${outcome.error.message}`);
        }
      },
      ({ done, total }) => showProgress(`Classifying ${done} of ${total}`),
    );
    const key = wanted.normalize('NFKC').toLowerCase();
    const isWanted = ({ predictions: [first] }: ClassifiedPhoto) =>
      first !== undefined &&
      [first.label.name, first.label.id, ...Object.values(first.label.names ?? {})].some(
        (name) => name.normalize('NFKC').toLowerCase() === key,
      );
    const [label, ...namesakes] = mostFirst(photos.filter(isWanted).map(firstOf));
    const own = photos.filter((photo) => label !== undefined && firstOf(photo) === label);
    const rest = photos.filter((photo) => firstOf(photo) !== label && photo.predictions.length > 0);
    clearProgress();
    if (!own.length) {
      const there = [...new Set(rest.map(({ predictions }) => predictions[0]!.label.name))].slice(0, 20);
      throw new SaccadeError(
        'no-such-class',
        `Expected photos called "${wanted}" in ${path}; found none. What is there is called: ${there.join(', ') || 'nothing'}.`,
      );
    }
    if (namesakes.length) {
      const { id } = own[0]!.predictions[0]!.label;
      message(`${namesakes.length + 1} labels are called "${wanted}": this is ${id}, of ${own.length} photos. Ask for another one by its id.`); // prettier-ignore
    }
    // Only a model that gives no evidence ends it; a photo that has gone meanwhile is told.
    const lookOrTell = async (photo: ClassifiedPhoto): Promise<Seen | null> => {
      try {
        return await lookAt(library, photo, options, interrupted);
      } catch (error) {
        if (interrupted.aborted || !(error instanceof SaccadeError) || error.code === 'no-map') throw error;
        failed++;
        message(`${photo.path}: ${error.message}`);
        return null;
      }
    };
    const looked = async (some: ClassifiedPhoto[], most: number) => {
      const found: Seen[] = [];
      // Spread over all, so that the mean is that of any photos.
      const step = Math.max(1, Math.ceil(some.length / most));
      for (const [at, photo] of some.entries()) {
        interrupted.throwIfAborted();
        const known = options.head === undefined ? stored(photo) : null;
        if (!known && at % step !== 0) continue;
        if (!known) showProgress(`Looking at ${at + 1} of ${some.length}`);
        const one = known ?? (await lookOrTell(photo));
        if (one) found.push(one);
      }
      clearProgress();
      return found;
    };
    const seen = await looked(own, options.most);
    const others = othersOf(await looked(rest, compared));
    if (!seen[0]) return exitCodes.someFailed;
    const { rows, columns } = seen[0];
    const grid = { rows, columns };
    const where = whereOf(seen, grid, others);
    const values = seen.map((each) => each.values);
    const chosen = ([1, -1] as const).map((side) => strongest(values, grid, side, options.crops));
    for (const at of new Set(chosen.flat().map((crop) => crop.at))) {
      const { logit, file } = seen[at]!;
      const photo = logit === null ? own.find((each) => each.file === file) : undefined;
      seen[at] = (photo && (await lookOrTell(photo))) ?? seen[at]!;
    }
    const limit = usualLimit(values, grid, others);
    const unusual = seen
      .flatMap((each) => {
        const share = unusualShare(each.values, grid, limit);
        return share === null ? [] : [{ path: each.path, share }];
      })
      .sort((a, b) => b.share - a.share)
      .slice(0, options.unusual);
    const crops = chosen.flatMap((some, side) =>
      some.map(({ at, patch, value }) => {
        const { path: photo, seen: region, logit } = seen[at]!;
        const [row, column] = [Math.floor(patch / grid.columns), patch % grid.columns];
        const [width, height] = [region.width / grid.columns, region.height / grid.rows];
        const share = logit !== null && logit > 0 ? value / logit : null;
        return { side: side === 0 ? 'for' : 'against', path: photo, row: row + 1, column: column + 1, value, share, x: region.x + column * width, y: region.y + row * height, width, height }; // prettier-ignore
      }),
    );
    const { mean, ...told } = where;
    const out = standardOutput();
    if (options.format === 'jsonl') {
      const lines = [
        { kind: 'where', label, name: own[0]!.predictions[0]!.label.name, head: options.head ?? null, called: own.length, otherLabels: others.means.length, ...grid, mean: [...mean], ...told }, // prettier-ignore
        ...crops.map((crop) => ({ kind: 'patch', ...crop })),
        ...unusual.map((photo) => ({ kind: 'unusual', ...photo })),
      ];
      await out.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    } else {
      const lines = [
        `${harmless(wanted)}: ${own.length} photos, evidence of ${seen.length}; compared with ${others.means.length} other labels` +
          (told.likeOthers === null
            ? ''
            : `, rank correlation of the mean maps ${told.likeOthers.toFixed(2)}`),
        `${'place'.padStart(10).padEnd(19)}${'evidence'.padStart(14)}${'other labels'.padStart(14)}${'if even'.padStart(14)}${'mostly there'.padStart(14)}`,
        ...told.findings.map(findingLine),
        '',
        ...crops.map(({ side, path: photo, row, column, value, share }) => `${side.padEnd(8)} ${value.toFixed(3).padStart(8)} ${share === null ? '' : percent(share).padStart(8)}  ${harmless(photo)} ${row}:${column}`), // prettier-ignore
        '',
        ...unusual.map(
          ({ path: photo, share }) => `unusual  ${percent(share).padStart(8)}  ${harmless(photo)}`,
        ),
      ];
      await out.write(`${lines.join('\n')}\n`);
    }
    await out.end();
    return failed ? exitCodes.someFailed : exitCodes.allWell;
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

/** The number of its first label. */
const firstOf = ({ predictions: [first] }: ClassifiedPhoto): number | undefined => first?.index;

/** Different ones, the most frequent first: two classes of ImageNet are called "crane". */
function mostFirst(indices: readonly (number | undefined)[]): number[] {
  const photos = new Map<number, number>();
  for (const index of indices) if (index !== undefined) photos.set(index, (photos.get(index) ?? 0) + 1);
  return [...photos].sort(([, a], [, b]) => b - a).map(([index]) => index);
}

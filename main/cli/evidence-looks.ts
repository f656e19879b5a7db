/** What `saccade evidence` finds: photos that have a label are classified, and looked at where no run stored evidence. */
import { type Crop, cropOf } from '../../models/looks/crop.ts';
import { strongest } from '../../models/looks/strongest.ts';
import { unusualOf } from '../../models/looks/unusual.ts';
import { type LookedAt, othersOf, type Where, whereOf } from '../../models/looks/where.ts';
import { SaccadeError } from '../../models/error.ts';
import { unpackMap } from '../../models/overlay/stored.ts';
import { contributionMap } from '../../models/overlay/inspection.ts';
import type { ClassifiedPhoto } from '../report/outcome.ts';
import { unwrap } from '../contract/result.ts';
import type { Library } from '../rpc/library.ts';
import { classifyPaths } from './job.ts';
import { computeOf, type ComputeOptions } from './options.ts';
import { shownPath } from './paths.ts';
import { clearProgress, message, showProgress } from './terminal.ts';

export interface EvidenceQuestion extends ComputeOptions {
  head?: string;
  crops: number;
  unusual: number;
  most: number;
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
  options: EvidenceQuestion,
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

export interface Evidence {
  /** The number of the label that was asked for, and its name. */
  label: number;
  name: string;
  /** Photos that have it. */
  called: number;
  grid: { rows: number; columns: number };
  /** Of those whose evidence is known. */
  where: Where;
  known: number;
  /** Labels that it is compared with. */
  otherLabels: number;
  crops: (Crop & { side: 'for' | 'against'; path: string })[];
  unusual: { path: string; share: number }[];
  /** Photos that could not be classified or looked at: each was told. */
  failed: number;
}

/** Null: none of the label's photos could be looked at. @throws SaccadeError `no-such-class`, `no-map` */
export async function evidenceFor(
  library: Library,
  wanted: string,
  path: string,
  options: EvidenceQuestion,
  interrupted: AbortSignal,
): Promise<Evidence | null> {
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
  clearProgress();
  const { own, rest } = calledBy(wanted, photos, path);
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
  if (!seen[0]) return null;
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
  const crops = chosen.flatMap((some, i) =>
    some.map((strong) => {
      const { path: photo, seen: region, logit } = seen[strong.at]!;
      return { side: i === 0 ? ('for' as const) : ('against' as const), path: photo, ...cropOf(strong, grid, region, logit) }; // prettier-ignore
    }),
  );
  const unusual = unusualOf(values, grid, others)
    .slice(0, options.unusual)
    .map(({ at, share }) => ({ path: seen[at]!.path, share }));
  return {
    label: firstOf(own[0]!)!,
    name: own[0]!.predictions[0]!.label.name,
    called: own.length,
    otherLabels: others.means.length,
    known: seen.length,
    ...{ grid, where, crops, unusual, failed },
  };
}

/** Photos whose first label is called so, and the others that have one. @throws SaccadeError `no-such-class` */
function calledBy(
  wanted: string,
  photos: readonly ClassifiedPhoto[],
  path: string,
): { own: ClassifiedPhoto[]; rest: ClassifiedPhoto[] } {
  const key = wanted.normalize('NFKC').toLowerCase();
  const isWanted = ({ predictions: [first] }: ClassifiedPhoto) =>
    first !== undefined &&
    [first.label.name, first.label.id, ...Object.values(first.label.names ?? {})].some(
      (name) => name.normalize('NFKC').toLowerCase() === key,
    );
  const [label, ...namesakes] = mostFirst(photos.filter(isWanted).map(firstOf));
  const own = photos.filter((photo) => label !== undefined && firstOf(photo) === label);
  const rest = photos.filter((photo) => firstOf(photo) !== label && photo.predictions.length > 0);
  if (!own.length) {
    const there = [...new Set(rest.map(({ predictions }) => predictions[0]!.label.name))].slice(0, 20);
    throw new SaccadeError(
      'no-such-class',
      `Expected photos called "${wanted}" in ${path}; found none. What is there is called: ${there.join(', ') || 'nothing'}.`,
    );
  }
  if (namesakes.length) {
    const { id } = own[0]!.predictions[0]!.label;
    message(
      `${namesakes.length + 1} labels are called "${wanted}": this is ${id}, of ${own.length} photos. Ask for another one by its id.`,
    );
  }
  return { own, rest };
}

/** The number of its first label. */
const firstOf = ({ predictions: [first] }: ClassifiedPhoto): number | undefined => first?.index;

/** Different ones, the most frequent first: two classes of ImageNet are called "crane". */
function mostFirst(indices: readonly (number | undefined)[]): number[] {
  const photos = new Map<number, number>();
  for (const index of indices) if (index !== undefined) photos.set(index, (photos.get(index) ?? 0) + 1);
  return [...photos].sort(([, a], [, b]) => b - a).map(([index]) => index);
}

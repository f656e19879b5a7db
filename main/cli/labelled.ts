/** Photos with the labels that are meant, for the commands that write them where other programs look; and how these tell what they do. */
import { Option, type Command } from 'commander';
import { dirname, resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { WrittenItem } from '../contract/entities/writing.ts';
import type { LabelChoice } from '../contract/writing.ts';
import { unwrap } from '../contract/result.ts';
import type { ClassifiedPhoto } from '../report/outcome.ts';
import type { Library } from '../rpc/library.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { classifyPaths } from './job.ts';
import { computeOf, share, withCompute, type ComputeOptions } from './options.ts';
import { shownPath } from './paths.ts';
import { clearProgress, harmless, message, progressLine, showProgress } from './terminal.ts';

/** A photo has no more of them. */
const mostLabels = 50;

export interface CommonOptions {
  recursive: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export interface LabelledOptions extends CommonOptions, ComputeOptions {
  head?: string;
  threshold?: number;
  confirmed?: boolean;
  language?: 'en' | 'zh-CN';
  /** A RAW with a JPEG or HEIC beside it is no photo of its own. */
  stacks?: boolean;
}

const signs: Record<WrittenItem['does'], string> = {
  create: 'new',
  change: 'changed',
  delete: 'deleted',
  none: 'same',
  copy: 'copied',
  hardlink: 'linked',
  symlink: 'linked',
  move: 'moved',
  back: 'taken back',
};

function lineOf({ path, from, does, adds, removes, kept, error, staysWith }: WrittenItem): string {
  if (error) return `✗  ${harmless(path)}  ${error.code}: ${harmless(error.message)}\n`;
  const parts = [
    ...adds.map((value) => `+ ${value}`),
    ...removes.map((value) => `- ${value}`),
    ...kept.map((what) => `(${what} is there already)`),
  ];
  const why = staysWith === undefined ? '' : `  (of ${harmless(staysWith)} too, which stays)`;
  if (from !== null) return `${signs[does]}  ${harmless(from)}  →  ${harmless(path)}${why}\n`;
  return `${signs[does]}  ${harmless(path)}  ${parts.map(harmless).join('  ')}\n`;
}

/** Lists what is written, and counts it. */
export class Told {
  readonly #options: CommonOptions;
  readonly #thing: string;
  readonly #out = standardOutput();
  changed = 0;
  failed = 0;

  constructor(options: CommonOptions, thing: string) {
    this.#options = options;
    this.#thing = thing;
  }

  async tell(items: readonly WrittenItem[]): Promise<void> {
    clearProgress();
    for (const item of items) {
      if (item.error) this.failed++;
      else if (item.does !== 'none') this.changed++;
      else if (!item.kept.length) continue;
      await this.#out.write(this.#options.json ? `${JSON.stringify(item)}\n` : lineOf(item));
    }
  }

  async end(): Promise<ExitCode> {
    await this.#out.end();
    const { dryRun } = this.#options;
    const files = (n: number) => `${n.toLocaleString('en')} ${this.#thing}${n === 1 ? '' : 's'}`;
    message(
      `${files(this.changed)} ${dryRun ? 'would change; nothing was written' : 'changed'}.${this.failed ? ` ${files(this.failed)} could not be changed and stay as they are.` : ''}`,
    );
    return this.failed ? exitCodes.someFailed : exitCodes.allWell;
  }
}

/** `--confirmed` and options that choose among a model's answers exclude each other. @throws SaccadeError `wrong-usage` */
export function expectOneChoice({ confirmed, head, threshold, language, ...options }: LabelledOptions): void {
  const ofModels = { head, threshold, language, ...computeOf(options) };
  const given = Object.entries(ofModels).flatMap(([name, value]) => (value === undefined ? [] : `--${name}`));
  if (confirmed && given.length)
    throw new SaccadeError(
      'wrong-usage',
      `--confirmed takes labels that a person gave, of which ${given.join(', ')} can't choose: they are about what a model says. Choose --confirmed alone, or leave it out.`,
    );
}

type Labelled = Pick<ClassifiedPhoto, 'file' | 'predictions' | 'unsure'> &
  Partial<Pick<ClassifiedPhoto, 'model'>>;

/** Handed on in whole folders, since photos of one may share a sidecar. */
function inFolders(write: (photos: Labelled[]) => Promise<void>, atOnce: boolean) {
  let waiting: Labelled[] = [];
  const end = async () => {
    const photos = waiting;
    waiting = [];
    if (photos.length) await write(photos);
  };
  return {
    async add(photo: Labelled): Promise<void> {
      if (!atOnce && waiting.length && dirname(waiting[0]!.file) !== dirname(photo.file)) await end();
      waiting.push(photo);
    },
    end,
  };
}

export interface Labelling {
  photos: { path: string; predictions: Labelled['predictions'] & unknown[]; sure: boolean }[];
  labels: LabelChoice;
  model?: string;
  head?: string;
}

/** Classifies what is not known yet and hands on the photos of a folder at a time, or all `atOnce`; ends what is told. */
export async function eachLabelled(
  library: Library,
  interrupted: AbortSignal,
  asked: string[],
  options: LabelledOptions,
  told: Told,
  write: (photos: Labelling) => Promise<void>,
  atOnce = false,
): Promise<ExitCode> {
  const paths = asked.map((path) => resolve(path));
  const { head, threshold, confirmed, language } = options;
  const labels: LabelChoice = {
    by: confirmed ? 'person' : 'any',
    minProbability: threshold,
    language,
  };
  let unreadable = 0;
  const folders = inFolders(
    (photos) =>
      write({
        photos: photos.map(({ file, predictions, unsure }) => ({
          path: file,
          predictions,
          sure: predictions.length > 0 && !unsure,
        })),
        labels,
        model: photos[0]?.model,
        head,
      }),
    atOnce,
  );
  if (confirmed) {
    const found = unwrap(
      await library.ask('internal.confirmed', { paths, recursive: options.recursive }),
    ).paths;
    for (const file of found) await folders.add({ file, predictions: [], unsure: false });
  } else
    await classifyPaths(
      library,
      {
        ...computeOf(options),
        ...{ paths, recursive: options.recursive, topK: mostLabels, head, map: null, retryFailed: false },
        stacks: options.stacks ?? false,
      },
      interrupted,
      shownPath(asked),
      async (outcome) => {
        if (outcome.status === 'ok') return folders.add(outcome);
        unreadable++;
        message(`${outcome.path}: ${outcome.error.message}`);
      },
      (progress) => {
        if (progress.state === 'running') showProgress(progressLine(progress));
      },
    );
  // Of a folder that was cut off the rest of the photos is not known.
  if (!interrupted.aborted) await folders.end();
  const code = await told.end();
  if (interrupted.aborted) return exitCodes.interrupted;
  return unreadable ? exitCodes.someFailed : code;
}

export const withCommon = (command: Command) =>
  command
    .option('--recursive', 'with the folders below (default)', true)
    .option('--no-recursive', 'without the folders below')
    .option('--dry-run', 'only list what would change')
    .option('--json', 'the list as JSON lines');

export const withLabels = (command: Command) =>
  withCommon(withCompute(command))
    .option('--head <name>', 'labels of your own: saccade heads list tells which there are')
    .option(
      '--threshold <share>',
      'every label at least that probable; default: the first, where the head is sure',
      share,
    )
    .option('--confirmed', 'only labels that a person gave in the window')
    .addOption(new Option('--language <tag>', 'of labels that have several names').choices(['en', 'zh-CN']));

/** `saccade keywords`: labels as keywords in XMP sidecars, where photo programs read them. */
import { Option, type Command } from 'commander';
import { dirname, resolve } from 'node:path';
import type { WrittenItem } from '../contract/entities/writing.ts';
import type { KeywordOptions, LabelChoice, SidecarNaming } from '../contract/writing.ts';
import { unwrap } from '../contract/result.ts';
import type { ClassifiedPhoto } from '../report/outcome.ts';
import type { Library } from '../rpc/library.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type ExitCode, type Run } from './exit.ts';
import { classifyPaths } from './job.ts';
import { computeOf, count, share, withCompute, type ComputeOptions } from './options.ts';
import { shownPath } from './paths.ts';
import { withLibrary } from './session.ts';
import { clearProgress, harmless, message, progressLine, showProgress } from './terminal.ts';

/** A photo has no more of them. */
const mostLabels = 50;

interface CommonOptions {
  recursive: boolean;
  dryRun?: boolean;
  json?: boolean;
}

interface WriteOptions extends CommonOptions, ComputeOptions {
  head?: string;
  threshold?: number;
  confirmed?: boolean;
  program?: keyof typeof programs;
  naming?: SidecarNaming;
  root: string;
  language: LabelChoice['language'];
  rating?: number;
  colour?: string;
  add?: boolean;
}

/** What each calls a photo's sidecar that it makes; docs/beside/ has where that is said. */
const programs = {
  digikam: 'full',
  darktable: 'full',
  immich: 'full',
  photoprism: 'full',
  lightroom: 'short',
} as const satisfies Record<string, SidecarNaming>;

const signs: Record<WrittenItem['does'], string> = {
  create: 'new',
  change: 'changed',
  delete: 'deleted',
  none: 'same',
};

function lineOf({ path, does, adds, removes, kept, error }: WrittenItem): string {
  if (error) return `✗  ${harmless(path)}  ${error.code}: ${harmless(error.message)}\n`;
  const parts = [
    ...adds.map((value) => `+ ${value}`),
    ...removes.map((value) => `- ${value}`),
    ...kept.map((what) => `(${what} is there already)`),
  ];
  return `${signs[does]}  ${harmless(path)}  ${parts.map(harmless).join('  ')}\n`;
}

class Told {
  readonly #options: CommonOptions;
  readonly #out = standardOutput();
  changed = 0;
  failed = 0;

  constructor(options: CommonOptions) {
    this.#options = options;
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
    const files = (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'sidecar' : 'sidecars'}`;
    message(
      `${files(this.changed)} ${dryRun ? 'would change; nothing was written' : 'changed'}.${this.failed ? ` ${files(this.failed)} could not be changed and stay as they are.` : ''}`,
    );
    return this.failed ? exitCodes.someFailed : exitCodes.allWell;
  }
}

type Labelled = Pick<ClassifiedPhoto, 'file' | 'predictions' | 'unsure'>;

/** Handed on in whole folders, since photos of one may share a sidecar. */
function inFolders(write: (photos: Labelled[]) => Promise<void>) {
  let waiting: Labelled[] = [];
  const end = async () => {
    const photos = waiting;
    waiting = [];
    if (photos.length) await write(photos);
  };
  return {
    async add(photo: Labelled): Promise<void> {
      if (waiting.length && dirname(waiting[0]!.file) !== dirname(photo.file)) await end();
      waiting.push(photo);
    },
    end,
  };
}

async function write(
  library: Library,
  interrupted: AbortSignal,
  asked: string[],
  options: WriteOptions,
): Promise<ExitCode> {
  const paths = asked.map((path) => resolve(path));
  const { head, threshold, confirmed, language, dryRun = false } = options;
  const labels: LabelChoice = {
    by: confirmed ? 'person' : 'any',
    ...(threshold !== undefined && { minProbability: threshold }),
    ...(language && { language }),
  };
  const keywords: KeywordOptions = {
    naming: options.naming ?? (options.program ? programs[options.program] : 'full'),
    root: options.root,
    ...(options.rating !== undefined && { rating: options.rating }),
    ...(options.colour !== undefined && { colour: options.colour }),
    ...(options.add && { add: true }),
  };
  const told = new Told(options);
  let unreadable = 0;
  const folders = inFolders(async (photos) => {
    const request = {
      photos: photos.map(({ file, predictions, unsure }) => ({ path: file, predictions, sure: !unsure })),
      ...{ labels, options: keywords, dryRun },
      ...(head !== undefined && { head }),
    };
    await told.tell(unwrap(await library.ask('internal.keywords', request)).items);
  });
  if (confirmed) {
    const found = unwrap(await library.ask('internal.confirmed', { paths })).paths;
    for (const file of found) await folders.add({ file, predictions: [], unsure: false });
  } else
    await classifyPaths(
      library,
      { ...computeOf(options), paths, recursive: options.recursive, topK: mostLabels, head, map: null, retryFailed: false }, // prettier-ignore
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

const withCommon = (command: Command) =>
  command
    .option('--recursive', 'with the folders below (default)', true)
    .option('--no-recursive', 'without the folders below')
    .option('--dry-run', 'only list what would change')
    .option('--json', 'the list as JSON lines');

export function addKeywords(keywords: Command, run: Run): void {
  const writing = keywords
    .command('write')
    .description('write labels into XMP sidecars beside the photos, which stay as they are')
    .argument('<path...>', 'photos and folders of photos');
  withCommon(withCompute(writing))
    .option('--head <name>', 'labels of your own: saccade heads list tells which there are')
    .option(
      '--threshold <share>',
      'every label at least that probable; default: the first, where the head is sure',
      share,
    )
    .option('--confirmed', 'only labels that a person gave in the window')
    .addOption(
      new Option('--program <name>', 'names sidecars as this program does').choices(Object.keys(programs)),
    )
    .addOption(
      new Option('--naming <kind>', 'full: photo.jpg.xmp (default), short: photo.xmp').choices([
        'full',
        'short',
      ]),
    )
    .option(
      '--root <name>',
      'above each label in hierarchical keywords; an empty one leaves these out',
      'Saccade',
    )
    .addOption(new Option('--language <tag>', 'of labels that have several names').choices(['en', 'zh-CN']))
    .option('--rating <stars>', 'where there is none, for photos with a label', count(1, 5))
    .option('--colour <name>', 'colour label where there is none, for photos with a label, such as Blue')
    .option('--add', 'keep what was written earlier, whether it is chosen now or not')
    .action((paths: string[], options: WriteOptions) =>
      run(() => withLibrary((library, interrupted) => write(library, interrupted, paths, options))),
    );
  withCommon(
    keywords
      .command('remove')
      .description('take out of sidecars what Saccade wrote, and nothing else')
      .argument('<path...>', 'photos, sidecars, and folders of them'),
  ).action((asked: string[], options: CommonOptions) =>
    run(() =>
      withLibrary(async (library) => {
        const told = new Told(options);
        const paths = asked.map((path) => resolve(path));
        const { recursive, dryRun = false } = options;
        await told.tell(
          unwrap(await library.ask('internal.removeKeywords', { paths, recursive, dryRun })).items,
        );
        return told.end();
      }),
    ),
  );
}

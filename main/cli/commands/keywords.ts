/** `saccade keywords`: labels as keywords in XMP sidecars, where photo programs read them, and the keywords that these wrote. */
import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { KeywordOptions, SidecarNaming } from '../../contract/writing.ts';
import type { PhotoKeywords } from '../../contract/entities/keywords.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import {
  type CommonOptions,
  eachLabelled,
  expectOneChoice,
  type LabelledOptions,
  Told,
  withCommon,
  withLabels,
} from '../labelled.ts';
import { count } from '../options.ts';
import { shownPath } from '../paths.ts';
import { withLibrary } from '../with-library.ts';
import { harmless, message } from '../terminal.ts';

interface WriteOptions extends LabelledOptions {
  program?: keyof typeof programs;
  naming?: SidecarNaming;
  root: string;
  rating?: number;
  colour?: string;
  add?: boolean;
  iptc?: boolean;
}

/** What each calls a photo's sidecar that it makes; docs/beside/ has where that is said. */
const programs = {
  digikam: 'full',
  darktable: 'full',
  immich: 'full',
  photoprism: 'full',
  lightroom: 'short',
} as const satisfies Record<string, SidecarNaming>;

async function write(
  library: Library,
  interrupted: AbortSignal,
  asked: string[],
  options: WriteOptions,
): Promise<ExitCode> {
  const { dryRun = false } = options;
  const keywords: KeywordOptions = {
    naming: options.naming ?? (options.program ? programs[options.program] : 'full'),
    root: options.root,
    rating: options.rating,
    colour: options.colour,
    add: options.add,
  };
  const given = Object.entries({ ...keywords, root: undefined, naming: options.naming ?? options.program });
  if (options.iptc && given.some(([, value]) => value !== undefined))
    throw new SaccadeError(
      'wrong-usage',
      'IPTC has keywords alone: --program, --naming, --rating, --colour and --add are of sidecars. Leave them out, or --iptc.',
    );
  const told = new Told(options, options.iptc ? 'photo' : 'sidecar');
  if (options.iptc)
    return eachLabelled(library, interrupted, asked, options, told, async (photos) => {
      await told.tell(unwrap(await library.ask('internal.iptc', { ...photos, dryRun })).items);
    });
  return eachLabelled(library, interrupted, asked, options, told, async (photos) => {
    const request = { ...photos, options: keywords, dryRun };
    await told.tell(unwrap(await library.ask('internal.keywords', request)).items);
  });
}

interface ReadOptions {
  recursive: boolean;
  json?: boolean;
}

const sourceOf = ({ from, program }: PhotoKeywords['keywords'][number]): string =>
  from === 'file' ? 'file' : program === null ? 'sidecar' : `${program}'s sidecar`;

async function read(library: Library, asked: string[], { recursive, json }: ReadOptions): Promise<ExitCode> {
  const paths = asked.map((path) => resolve(path));
  const { items } = unwrap(await library.ask('internal.readKeywords', { paths, recursive }));
  const out = standardOutput();
  const name = shownPath(asked);
  let failed = false;
  for (const { path, keywords, errors } of items) {
    failed ||= errors.length > 0;
    for (const { message: said } of errors) message(said);
    const photo = name(path);
    if (json) await out.write(`${JSON.stringify({ path: photo, keywords })}\n`);
    else if (keywords.length) {
      const words = keywords.map((each) => `${each.label} (${sourceOf(each)})`).join(', ');
      await out.write(`${harmless(photo)}  ${harmless(words)}\n`);
    }
  }
  await out.end();
  return failed ? exitCodes.someFailed : exitCodes.allWell;
}

export function addKeywords(keywords: Command, run: Run): void {
  const writing = keywords
    .command('write')
    .description('write labels into XMP sidecars beside the photos, which stay as they are')
    .argument('<path...>', 'photos and folders of photos');
  withLabels(writing)
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
    .option('--rating <stars>', 'where there is none, for photos with a label', count(1, 5))
    .option('--colour <name>', 'colour label where there is none, for photos with a label, such as Blue')
    .option(
      '--iptc',
      'instead into the JPEGs themselves, as IPTC keywords, by exiftool, which has to be installed',
    )
    .option('--add', 'keep what was written earlier, whether it is chosen now or not')
    .action((paths: string[], options: WriteOptions) =>
      run(() => {
        expectOneChoice(options);
        return withLibrary((library, interrupted) => write(library, interrupted, paths, options));
      }),
    );
  keywords
    .command('read')
    .description(
      'list the keywords that photos have in their files and in sidecars, but for those of Saccade',
    )
    .argument('<path...>', 'photos and folders of photos')
    .option('--recursive', 'with the folders below (default)', true)
    .option('--no-recursive', 'without the folders below')
    .option('--json', 'a photo a line, as JSON')
    .action((paths: string[], options: ReadOptions) =>
      run(() => withLibrary((library) => read(library, paths, options))),
    );
  withCommon(
    keywords
      .command('remove')
      .description('take out of sidecars what Saccade wrote, and nothing else')
      .argument('<path...>', 'photos, sidecars, and folders of them')
      .option('--iptc', 'instead out of JPEGs, by exiftool'),
  ).action((asked: string[], options: CommonOptions & { iptc?: boolean }) =>
    run(() =>
      withLibrary(async (library) => {
        const told = new Told(options, options.iptc ? 'photo' : 'sidecar');
        const paths = asked.map((path) => resolve(path));
        const { recursive, dryRun = false } = options;
        await told.tell(
          unwrap(
            await library.ask(options.iptc ? 'internal.removeIptc' : 'internal.removeKeywords', {
              ...{ paths, recursive, dryRun },
            }),
          ).items,
        );
        return told.end();
      }),
    ),
  );
}

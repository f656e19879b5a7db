/** The commands of `saccade`, and how their ends become exit codes. */
import { Command, CommanderError, Help } from 'commander';
import { SaccadeError } from '../../models/error.ts';
import { OpenAnswers } from '../../models/formats/open-answers.ts';
import { applicationVersion } from '../application.ts';
import { exitCodes, type ExitCode, type Run } from './exit.ts';
import { message } from './terminal.ts';

interface CommandOutline {
  description: string;
  /** What it takes and does: read only when it is meant, because all of them together take half a second. */
  add(): Promise<(command: Command, run: Run) => void>;
}

const commands: Record<string, CommandOutline> = {
  classify: {
    description: 'label photos, and show where the model looked',
    add: async () => (await import('./commands/classify.ts')).addClassify,
  },
  inspect: {
    description: 'everything a model says about one photo',
    add: async () => (await import('./commands/inspect.ts')).addInspect,
  },
  ablate: {
    description: 'what a photo is called without a part of it, or without some heads of the model',
    add: async () => (await import('./commands/ablate.ts')).addAblate,
  },
  evidence: {
    description: 'what a label looks at over many photos, and what is odd about it',
    add: async () => (await import('./commands/evidence.ts')).addEvidence,
  },
  faithfulness: {
    description: 'whether maps are faithful to predictions, measured on photos',
    add: async () => (await import('./commands/faithfulness.ts')).addFaithfulness,
  },
  export: {
    description: 'what the library knows about its photos',
    add: async () => (await import('./commands/export.ts')).addExport,
  },
  watch: {
    description: 'label photos as they come into folders, until Ctrl-C',
    add: async () => (await import('./commands/watch.ts')).addWatch,
  },
  merge: {
    description: 'join what other data folders know into this one: shards, or the library of another machine',
    add: async () => (await import('./commands/merge.ts')).addMerge,
  },
  keywords: {
    description: 'labels as keywords that photo programs read',
    add: async () => (await import('./commands/keywords.ts')).addKeywords,
  },
  labels: {
    description: 'labels of photos for other programs, and from them',
    add: async () => (await import('./commands/labels.ts')).addLabels,
  },
  organise: {
    description:
      'photos into folders named after their labels; nothing is overwritten, and it is taken back by --undo',
    add: async () => (await import('./commands/organise.ts')).addOrganise,
  },
  models: {
    description: 'what is installed on this machine',
    add: async () => (await import('./commands/models.ts')).addModels,
  },
  heads: {
    description: 'labels of your own, over what the chosen model sees',
    add: async () => (await import('./commands/heads.ts')).addHeads,
  },
  search: {
    description: 'photos of the library by what they show or look like, as JSON lines',
    add: async () => (await import('./commands/search.ts')).addSearch,
  },
  duplicates: {
    description: 'the same picture in several files, as JSON lines',
    add: async () => (await import('./commands/duplicates.ts')).addDuplicates,
  },
  review: {
    description: 'what people judged of the labels',
    add: async () => (await import('./commands/review.ts')).addReview,
  },
  providers: {
    description: 'what can compute on this machine, and why the rest cannot',
    add: async () => (await import('./commands/providers.ts')).addProviders,
  },
  precision: {
    description: 'lets int8 earn its place: classifies photos in fp32 and in int8, and compares',
    add: async () => (await import('./commands/precision.ts')).addPrecision,
  },
  serve: {
    description: 'the window in a browser on this machine, until Ctrl-C',
    add: async () => (await import('./commands/serve.ts')).addServe,
  },
};

/** "classify …" and "help classify". */
const isMeant = (name: string, [first, second]: string[]): boolean =>
  first === name || (first === 'help' && second === name);

/** Of a command that was not read it is not known what it takes. */
const subcommandTerm = (command: Command): string =>
  command.name() in commands ? command.name() : new Help().subcommandTerm(command);

/** Where an empty value says something. */
const mayBeEmpty: ReadonlySet<string> = new Set(['write --root']);

/**
 * An empty word is what a shell makes of a variable that is not set. As a path it would be the current folder, whose
 * photos nobody meant to have moved or written beside.
 */
function refuseEmpty(command: Command): void {
  const cause = 'Expected a value, found an empty text, as a shell makes of a variable that is not set.';
  if (command.args.includes(''))
    command.error(`error: an argument of '${command.name()}' is empty. ${cause} Say . for this folder.`);
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (mayBeEmpty.has(`${command.name()} ${option.long}`) || ![value].flat().includes('')) continue;
    command.error(`error: option '${option.flags}' is empty. ${cause} Leave the option out, or give it one.`);
  }
}

/** Command line words without the program's own name. Never rejects. */
export async function main(words: string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.allWell;
  const run: Run = async (work) => {
    code = await work();
  };
  const program = new Command('saccade')
    .description('Classifies photos on this machine with Vision Transformers, and shows where they looked.')
    .version(applicationVersion())
    .showHelpAfterError('(saccade help COMMAND tells what it takes)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false, subcommandTerm })
    .hook('preAction', (_, command) => refuseEmpty(command));
  for (const [name, { description, add }] of Object.entries(commands)) {
    const command = program.command(name).description(description);
    if (isMeant(name, words)) (await add())(command, run);
  }
  // Commands made before exitOverride would end the process themselves.
  const override = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(override);
  };
  override(program);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.allWell : exitCodes.wrongUsage;
    if (error instanceof SaccadeError && error.code === 'cancelled') return exitCodes.interrupted;
    if (error instanceof OpenAnswers) {
      const { flagsOf } = await import('./answers.ts');
      message(`${error.code}: ${error.message}\nAs flags: ${flagsOf(error.questions.fields)}`);
    } else if (error instanceof SaccadeError) message(`${error.code}: ${error.message}`);
    else message(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return error instanceof SaccadeError && error.code === 'wrong-usage'
      ? exitCodes.wrongUsage
      : exitCodes.couldNotRun;
  }
}

/** The commands of `saccade`, and how their ends become exit codes. */
import { Command, CommanderError } from 'commander';
import { SaccadeError } from '../../models/error.ts';
import { applicationVersion } from '../application.ts';
import { addClassify } from './classify.ts';
import { addExport } from './export.ts';
import { addFaithfulness } from './faithfulness.ts';
import { addHeads } from './heads.ts';
import { addInspect } from './inspect.ts';
import { addModels } from './models.ts';
import { addPrecision } from './precision.ts';
import { addProviders } from './providers.ts';
import { addReview } from './review.ts';
import { addSearch } from './search.ts';
import { addServe } from './serve.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { message } from './terminal.ts';

const commands = [
  addClassify,
  addInspect,
  addFaithfulness,
  addExport,
  addModels,
  addHeads,
  addSearch,
  addReview,
  addProviders,
  addPrecision,
  addServe,
];

/** Command line words without the program's own name. Never rejects. */
export async function main(words: string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.allWell;
  const run = async (work: () => Promise<ExitCode>): Promise<void> => {
    code = await work();
  };
  const program = new Command('saccade')
    .description('Classifies photos on this machine with Vision Transformers, and shows where they looked.')
    .version(applicationVersion())
    .showHelpAfterError('(saccade help COMMAND tells what it takes)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  for (const add of commands) add(program, run);
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
    if (error instanceof SaccadeError) message(`${error.code}: ${error.message}`);
    else message(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return error instanceof SaccadeError && error.code === 'wrong-usage'
      ? exitCodes.wrongUsage
      : exitCodes.couldNotRun;
  }
}

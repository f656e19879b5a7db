/** `saccade review` */
import type { Command } from 'commander';
import { unwrap } from '../contract/result.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { withLibrary } from './session.ts';

/** An estimate as one line of JSON, for people to script with. */
export function addReview(program: Command, run: (work: () => Promise<ExitCode>) => Promise<void>): void {
  program
    .command('review')
    .description('what people judged of the labels')
    .requiredOption('--estimate', 'how right the head in use is, by the photos drawn at random in the window')
    .action(() =>
      run(() =>
        withLibrary(async (library) => {
          const estimate = unwrap(await library.ask('review.estimate', {}));
          const out = standardOutput();
          await out.write(`${JSON.stringify(estimate)}\n`);
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
}

/** `saccade review` */
import type { Command } from 'commander';
import { unwrap } from '../contract/result.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type Run } from './exit.ts';
import { withLibrary } from './session.ts';

/** An estimate as one line of JSON, for people to script with. */
export function addReview(command: Command, run: Run): void {
  command
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

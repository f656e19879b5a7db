/** `saccade search` */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { unwrap } from '../contract/result.ts';
import { standardOutput } from './destination.ts';
import { exitCodes, type Run } from './exit.ts';
import { count } from './options.ts';
import { withLibrary } from './session.ts';

export function addSearch(command: Command, run: Run): void {
  command
    .requiredOption('--like <photo>', 'like this one, wherever it lies')
    .option('--top <k>', 'how many', count(1, 500), 20)
    .action(({ like, top }: { like: string; top: number }) =>
      run(() =>
        withLibrary(async (library) => {
          const { items } = unwrap(await library.ask('internal.like', { path: resolve(like), top }));
          const out = standardOutput();
          for (const { photo, score } of items)
            await out.write(`${JSON.stringify({ path: photo.path, score })}\n`);
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
}

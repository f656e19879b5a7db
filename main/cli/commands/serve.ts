/** `saccade serve` */
import type { Command } from 'commander';
import { once } from 'node:events';
import { join } from 'node:path';
import { applicationFolder, applicationVersion, rendererFolder } from '../../application.ts';
import { home } from '../../home.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { count } from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { message } from '../terminal.ts';

export function addServe(command: Command, run: Run): void {
  command
    .option('--port <n>', 'on 127.0.0.1; 0 takes a free one', count(0, 65_535), 0)
    .action(({ port }: { port: number }) =>
      run(() =>
        withLibrary(
          async (library, interrupted) => {
            // Only this command needs the contract's schemas, which take a while to build.
            const { startServer } = await import('../../serve/server.ts');
            const served = await startServer({
              port,
              library,
              rendererFolder: rendererFolder(),
              version: applicationVersion(),
              dataFolder: home(),
              samplesFolder: join(applicationFolder(), 'samples'),
            });
            await standardOutput().write(`${served.url}\n`);
            message('Open this address in a browser; it works once. Ctrl-C ends it.');
            if (!interrupted.aborted) await once(interrupted, 'abort');
            await served.close();
            return exitCodes.allWell;
          },
          { window: true },
        ),
      ),
    );
}

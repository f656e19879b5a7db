/** `saccade review` */
import type { Command } from 'commander';
import { SaccadeError } from '../../../models/error.ts';
import { isCalled } from '../../../models/heads/label-names.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { withLibrary } from '../with-library.ts';

/** Index of a label of the head in use, by its name in any language. @throws SaccadeError `no-such-class` */
async function labelNamed(library: Library, name: string): Promise<number> {
  const { items } = unwrap(await library.ask('heads.list', {}));
  const headId = items.find(({ inUse }) => inUse)?.id ?? null;
  const { names } = unwrap(await library.ask('heads.show', { headId }));
  const index = names.findIndex((label) => isCalled(label, name));
  if (index >= 0) return index;
  const some = names.slice(0, 20).map((label) => label.name);
  throw new SaccadeError(
    'no-such-class',
    `Expected a label of the head in use; "${name}" is none. There are: ${some.join(', ') || 'none'}${names.length > some.length ? ` and ${names.length - some.length} more` : ''}.`,
  );
}

/** An estimate as one line of JSON, for people to script with. */
export function addReview(command: Command, run: Run): void {
  command
    .requiredOption('--estimate', 'how right the head in use is, by the photos drawn at random in the window')
    .option('--label <name>', 'of photos that it calls so')
    .action(({ label: name }: { label?: string }) =>
      run(() =>
        withLibrary(async (library) => {
          const label = name === undefined ? undefined : await labelNamed(library, name);
          const estimate = unwrap(await library.ask('review.estimate', { label }));
          const out = standardOutput();
          await out.write(`${JSON.stringify(estimate)}\n`);
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
}

/** `saccade search` */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { SearchResult } from '../../contract/entities/likeness.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { count } from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { message } from '../terminal.ts';

interface SearchOptions {
  like?: string;
  top: number;
  model?: string;
}

async function found(
  library: Library,
  text: string,
  { like, top, model }: SearchOptions,
): Promise<SearchResult> {
  if ((like === undefined) === (text === ''))
    throw new SaccadeError(
      'wrong-usage',
      `Expected words, or --like with a photo; found ${text === '' ? 'neither' : 'both'}. Write "saccade search a red car", or "saccade search --like photo.jpg".`,
    );
  if (like !== undefined)
    return unwrap(await library.ask('internal.like', { path: resolve(like), top, model }));
  return unwrap(await library.ask('photos.searchWords', { text, top, model }));
}

export function addSearch(command: Command, run: Run): void {
  command
    .argument('[words...]', 'what they show, for a model that reads text')
    .option('--like <photo>', 'like this one, wherever it lies')
    .option('--top <k>', 'how many', count(1, 500), 20)
    .option('--model <name>', 'which sees and reads; default the chosen one')
    .action((words: string[], options: SearchOptions) =>
      run(() =>
        withLibrary(async (library) => {
          const { items, notes, compared, unknown } = await found(library, words.join(' ').trim(), options);
          for (const note of notes) message(note.message);
          if (unknown)
            message(`${unknown} photos are not classified with this model yet, and were not compared.`);
          else if (!compared)
            message('The library has no photos to compare with. Add folders in the window.');
          const out = standardOutput();
          for (const { photo, score } of items)
            await out.write(`${JSON.stringify({ path: photo.path, score })}\n`);
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
}

/** A thread that installs one model: reading and checking hundreds of megabytes would hold up every question meanwhile. */
import { importModel } from '../../../models/import.ts';
import { answer, caller } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import type { ImporterVerbs, ImportTask } from './import-model.ts';

const port = threadPort();
/** The trial is run elsewhere: what crashes there must not take this process along. */
const importer = caller<ImporterVerbs>(port, 'thread');
const tryOut = (folder: string) => importer.call('tryOut', folder);

answer(port, {
  import: ({ path, installedRoot, options, triesOut }: ImportTask) =>
    importModel(path, installedRoot, { ...options, tryOut: triesOut ? tryOut : undefined }),
});

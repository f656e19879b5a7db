/** The library's verbs by name: a table of contents of what it can do. */
import type { z } from 'zod';
import { internalVerbs } from '../contract/internal.ts';
import type { LibraryVerbs } from '../contract/internal.ts';
import { parseRequest } from '../contract/parse.ts';
import { verbs } from '../contract/verbs.ts';
import type { CallContext, Handlers } from '../rpc/calls.ts';
import type { StartProcess } from '../rpc/port.ts';
import type { Emit } from './core.ts';
import { libraryState } from './state.ts';
import { exportVerbs } from './verbs/exports.ts';
import { savedSearchVerbs } from './verbs/saved-searches.ts';
import { writingVerbs } from './verbs/writing.ts';
import { folderVerbs } from './verbs/folders.ts';
import { inspectVerbs } from './verbs/inspect.ts';
import { jobVerbs } from './verbs/jobs.ts';
import { headVerbs } from './verbs/heads.ts';
import { looksVerbs } from './verbs/looks.ts';
import { mergeVerbs } from './verbs/merge.ts';
import { modelVerbs } from './verbs/models.ts';
import { photoVerbs } from './verbs/photos.ts';
import { pictureVerbs } from './verbs/pictures.ts';
import { reviewVerbs } from './verbs/review.ts';
import { runVerbs } from './verbs/runs.ts';
import { searchVerbs } from './verbs/search.ts';
import { settingsVerbs } from './verbs/settings.ts';
import { watchVerbs } from './verbs/watch.ts';

export interface OpenLibrary {
  /** Requests are checked against the schemas of the contract: `bad-request`. Before `internal.open`: `not-open`. */
  handlers: Record<keyof LibraryVerbs, (request: never, context: CallContext) => unknown>;
  close(): Promise<void>;
}

export function createLibrary(start: StartProcess, emit: Emit): OpenLibrary {
  const library = libraryState(start, emit);
  const handlers: Handlers<LibraryVerbs> = {
    ...folderVerbs(library),
    ...photoVerbs(library),
    ...exportVerbs(library),
    ...pictureVerbs(library),
    ...runVerbs(library),
    ...jobVerbs(library),
    ...inspectVerbs(library),
    ...looksVerbs(library),
    ...mergeVerbs(library),
    ...modelVerbs(library),
    ...headVerbs(library),
    ...reviewVerbs(library),
    ...searchVerbs(library),
    ...writingVerbs(library),
    ...savedSearchVerbs(library),
    ...settingsVerbs(library),
    ...watchVerbs(library),
    'internal.open': async (request) => {
      library.open(request);
      // A window shows page by page; the command line tells all at once.
      if (!request.window) await library.core().shown;
      return null;
    },
    'internal.close': async () => {
      await library.close();
      return null;
    },
  };
  return { handlers: checked(handlers), close: library.close };
}

function checked(handlers: Handlers<LibraryVerbs>): OpenLibrary['handlers'] {
  const known: Record<string, { request: z.ZodType }> = {
    ...verbs,
    ...internalVerbs,
  };
  const entries = Object.entries(handlers).map(([name, handler]) => [
    name,
    (request: unknown, context: CallContext) =>
      handler(parseRequest(name, known[name]!.request, request) as never, context),
  ]);
  return Object.fromEntries(entries) as OpenLibrary['handlers'];
}

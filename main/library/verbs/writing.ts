import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { keywordsOfPaths } from '../keywords/by-path.ts';
import {
  clearedPaths,
  clearIptc,
  writeIptc,
  confirmedPaths,
  writeKeywords,
  organisePaths,
  undoOrganised,
} from '../writing/by-path.ts';
import type { LibraryState } from '../state.ts';

export const writingVerbs = ({ core, options }: LibraryState) =>
  ({
    'writing.start': (request) => core().writing.start(request),
    'writing.cancel': () => core().writing.cancel(),
    'writing.status': () => core().writing.status(),
    'writing.undo': () => core().writing.undo(),
    'internal.keywords': async (request, { signal }) => ({
      items: await writeKeywords(core().catalog, request, signal),
    }),
    'internal.iptc': async (request, { signal }) => ({
      items: await writeIptc(core().catalog, request, signal),
    }),
    'internal.removeIptc': async (request, { signal }) => ({
      items: await clearIptc(core().catalog, request, signal),
    }),
    'internal.organise': async (request, { signal }) => ({
      items: await organisePaths(core().catalog, options().home, request, signal),
    }),
    'internal.undoOrganised': async (_, { signal }) => ({
      items: await undoOrganised(core().catalog, options().home, signal),
    }),
    'internal.confirmed': ({ paths, recursive }) => ({
      paths: confirmedPaths(core().catalog, paths, recursive),
    }),
    'internal.readKeywords': (request, { signal }) => keywordsOfPaths(core().catalog, request, signal),
    'internal.removeKeywords': async (request, { signal }) => ({
      items: await clearedPaths(core().catalog, request, signal),
    }),
  }) satisfies Partial<Handlers<LibraryVerbs>>;

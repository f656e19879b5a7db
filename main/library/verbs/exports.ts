import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { writeParquet } from '../exports/write.ts';
import type { LibraryState } from '../state.ts';

export function exportVerbs({ core }: LibraryState) {
  return {
    'exports.write': ({ selection, path, target }, { signal }) =>
      writeParquet(core().catalog, selection, path, target, core().settings().topK, signal),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { runFailures } from '../runs/run-rows.ts';
import type { LibraryState } from '../state.ts';

export const runVerbs = ({ core }: LibraryState) =>
  ({
    'runs.start': (request) => core().runs.start(request),
    'runs.pause': () => core().runs.pause(),
    'runs.resume': () => core().runs.resume(),
    'runs.cancel': () => core().runs.cancel(),
    'runs.current': () => core().runs.current(),
    'runs.failures': (request) => runFailures(core().catalog, request),
  }) satisfies Partial<Handlers<LibraryVerbs>>;

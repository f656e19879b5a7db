/** Folders that are watched by path, for the command line. */
import { SaccadeError } from '../../../models/error.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { PathWatch } from '../runs/path-watch.ts';
import type { LibraryState } from '../state.ts';

export const watchVerbs = ({ core }: LibraryState) =>
  ({
    'internal.watch': async (request) => {
      const { catalog, watches } = core();
      const watch = new PathWatch({ catalog, ...request });
      watches.set(watch.id, watch);
      await watch.start();
      return { watchId: watch.id };
    },
    'internal.arrivals': ({ watchId, limit }) => {
      const watch = core().watches.get(watchId);
      if (!watch) throw new SaccadeError('no-job', `There is no watch ${watchId} (any more).`);
      return watch.arrivals(limit);
    },
    'internal.unwatch': async ({ watchId }) => {
      const { watches } = core();
      await watches.get(watchId)?.close();
      watches.delete(watchId);
      return null;
    },
  }) satisfies Partial<Handlers<LibraryVerbs>>;

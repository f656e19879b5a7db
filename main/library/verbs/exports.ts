import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { writeExport } from '../exports/plan.ts';
import { importLabels } from '../labels/import-labels.ts';
import type { LibraryState } from '../state.ts';

export function exportVerbs({ core }: LibraryState) {
  return {
    'exports.write': ({ selection, path, target }, { signal }) =>
      writeExport({ ...core().reporting(), progress: () => {} }, selection, path, target, signal),
    'labels.import': async (request) => {
      const imported = await importLabels(core().catalog, request);
      if (imported.act) core().wordsChanged();
      return imported;
    },
    'models.export': (request, { signal }) => core().modelExports.run(request, signal),
    'models.startExport': (request) => core().modelExports.start(request),
    'models.cancelExport': () => core().modelExports.cancel(),
    'models.currentExport': () => core().modelExports.status(),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

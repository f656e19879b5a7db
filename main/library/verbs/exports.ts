import { findModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { headRow, readHead } from '../catalog/heads.ts';
import { writeExport } from '../exports/plan.ts';
import { importLabels } from '../labels/import-labels.ts';
import { exportModel } from '../models/export-model.ts';
import type { LibraryState } from '../state.ts';

export function exportVerbs({ core, roots }: LibraryState) {
  return {
    'exports.write': ({ selection, path, target }, { signal }) =>
      writeExport({ ...core().reporting(), progress: () => {} }, selection, path, target, signal),
    'labels.import': async (request) => {
      const imported = await importLabels(core().catalog, request);
      if (imported.act) {
        core().changes.note('photos', 'labels');
        core().teaching.wordsChanged();
      }
      return imported;
    },
    'models.export': ({ modelId, headId, path, as }) => {
      const { catalog, inference } = core();
      const head = headId === undefined ? null : readHead(catalog, headRow(catalog, headId));
      return exportModel(inference, findModel(roots(), modelId), head, path, as);
    },
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

import { findModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { finishShowing, keyIdFor, shownKeyId, showKey } from '../catalog/shown.ts';
import { differingAnswers } from '../merge/answers.ts';
import { mergeFolder } from '../merge/merge.ts';
import { dataFolders } from '../merge/source.ts';
import type { LibraryState } from '../state.ts';

export const mergeVerbs = ({ core, options, roots }: LibraryState) =>
  ({
    'internal.dataFolders': ({ path }) => ({ folders: dataFolders(path) }),
    'internal.differingAnswers': ({ after }) => ({ conflicts: differingAnswers(core().catalog, after) }),
    'internal.merge': async ({ folder }) => {
      const { catalog, changes } = core();
      const report = mergeFolder(catalog, options().home, folder);
      const { model, precision } = core().settings();
      const { weights } = findModel(roots(), model).manifest;
      // A library that had nothing to show yet shows what came.
      if (shownKeyId(catalog) === null) await showKey(catalog, keyIdFor(catalog, weights.sha256, precision));
      await finishShowing(catalog);
      changes.note('folders', 'photos', 'labels', 'heads');
      return report;
    },
  }) satisfies Partial<Handlers<LibraryVerbs>>;

import { findModel } from '../../../models/store.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { LibraryState } from '../state.ts';

export const settingsVerbs = ({ core, roots, deleteAll }: LibraryState) =>
  ({
    'providers.list': async ({ measure }, { signal }) => {
      const modelFolder = findModel(roots(), core().settings().model).folder;
      return { items: await core().inference.interactive('providers', { modelFolder, measure }, { signal }) };
    },
    'settings.get': () => {
      core().notices.listened();
      return core().settings();
    },
    'settings.set': (change) => core().setSettings(present(change)),
    'data.deleteAll': async () => {
      await deleteAll();
      return null;
    },
  }) satisfies Partial<Handlers<LibraryVerbs>>;

/** Without keys that are there but undefined. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

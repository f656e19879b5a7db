import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { setClassifiesNew } from '../catalog/classify-new.ts';
import { childFolders, folderById } from '../catalog/folders.ts';
import { leftOutCounts, leftOutItems } from '../catalog/left-out.ts';
import type { LibraryState } from '../state.ts';

export const folderVerbs = ({ core }: LibraryState) =>
  ({
    'folders.add': ({ path }) => core().folders.add(path),
    'folders.children': ({ parentId, limit, cursor }) =>
      childFolders(core().catalog, parentId, limit, cursor),
    'folders.rescan': ({ folderId }) => {
      core().folders.rescan(folderId);
      return null;
    },
    'folders.setPatterns': ({ folderId, patterns }) => {
      core().folders.setPatterns(folderId, patterns);
      return null;
    },
    'folders.leftOut': ({ folderId, limit, cursor }) => {
      const { catalog } = core();
      const path = folderId === null ? null : folderById(catalog, folderId).path;
      return { counts: leftOutCounts(catalog, path), ...leftOutItems(catalog, path, limit, cursor) };
    },
    'folders.setClassifyNew': ({ folderId, classify }) => {
      const { arrivals, catalog, changes } = core();
      setClassifiesNew(catalog, folderById(catalog, folderId), classify);
      changes.note('folders');
      // What came before it was said, too.
      arrivals.decided(folderId, classify);
      return null;
    },
    'folders.remove': async ({ folderId }) => {
      await core().removeFolder(folderId);
      return null;
    },
  }) satisfies Partial<Handlers<LibraryVerbs>>;

/** Heads of the chosen model: which there are, and which the lists speak of. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkFits } from '../../../models/heads/head.ts';
import { exportTaught } from '../../../models/heads/export.ts';
import { exportWritten } from '../../../models/heads/export-written.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import { findModel } from '../../../models/store.ts';
import { writtenLine } from '../../contract/written.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { recordAct } from '../catalog/acts.ts';
import {
  checkHeadName,
  readHead,
  describedHead,
  headInUse,
  headRow,
  setHead,
  setHeadDoubt,
  setHeadInUse,
} from '../catalog/heads.ts';
import { headSummary, listHeads, neededFit, showHead } from '../labels/heads.ts';
import { exportFolder } from '../models/export-model.ts';
import { writeLabels, Writings } from '../labels/words.ts';
import type { LibraryState } from '../state.ts';

export function headVerbs(library: LibraryState) {
  const { core, roots } = library;
  const writings = new Writings();
  const catalog = () => core().catalog;
  const chosen = (): ModelManifest => findModel(roots(), core().settings().model).manifest;

  return {
    'heads.list': () => ({ items: listHeads(catalog(), chosen()) }),
    'heads.show': ({ headId }) => showHead(catalog(), chosen(), headId),
    'heads.use': ({ headId }) => {
      const manifest = chosen();
      const row = headId === null ? null : headRow(catalog(), headId);
      if (row) checkFits({ name: row.name, fits: describedHead(row).fits }, neededFit(catalog(), manifest));
      core().showing.again(() => setHeadInUse(catalog(), manifest.weights.sha256, headId));
      // Words that were said while another was in use.
      core().teaching.follow();
      return row ? headSummary(catalog(), manifest, row) : listHeads(catalog(), manifest)[0]!;
    },
    'heads.setDoubt': ({ headId, threshold }) => {
      const { id, model_hash: hash } = headRow(catalog(), headId);
      const inUse = headInUse(catalog(), hash)?.id === id;
      core().showing.changeHeads(() => setHeadDoubt(catalog(), id, threshold), inUse);
      return showHead(catalog(), chosen(), id);
    },
    'heads.rename': ({ headId, name }) => {
      const row = headRow(catalog(), headId);
      checkHeadName(catalog(), name, row.model_hash, headId);
      const inverse = { of: 'head', id: headId, name: row.name } as const;
      const change = { ...inverse, name };
      catalog().transaction(() => {
        setHead(catalog(), change);
        recordAct(catalog(), { kind: 'rename-head', about: [row.name, name], photos: 0, change, inverse });
      });
      core().changes.note('heads', 'labels');
      return headSummary(catalog(), chosen(), headRow(catalog(), headId));
    },
    'heads.remove': ({ headId }) => {
      const row = headRow(catalog(), headId);
      const { name } = row;
      const inverse = { of: 'head', id: headId, removed: false } as const;
      const change = { ...inverse, removed: true };
      const remove = () => {
        setHead(catalog(), change);
        recordAct(catalog(), { kind: 'remove-head', about: [name], photos: 0, change, inverse });
      };
      if (headInUse(catalog(), row.model_hash)?.id === headId) core().showing.again(remove);
      else catalog().transaction(remove);
      core().changes.note('heads');
      return null;
    },
    'heads.teach': (request) => core().teaching.start(request),
    'heads.cancelTeaching': () => core().teaching.cancel(),
    'heads.teaching': () => core().teaching.status(),
    'heads.write': (request, { signal }) =>
      writings.within(signal, (either) => writeLabels(library, request, either)),
    'heads.cancelWriting': () => {
      writings.cancel();
      return null;
    },
    'heads.export': async ({ headId, path }) => {
      const row = headRow(catalog(), headId);
      const to = resolve(path);
      const head = readHead(catalog(), row);
      await exportFolder(to, (folder) => {
        if (head.origin.from === 'texts') {
          // Of any model: its backbone isn't written.
          const { phrases } = head.origin;
          const lines = head.labels.map(({ name }, i) => writtenLine(name, phrases[i]!));
          exportWritten(head, lines, folder);
        } else {
          const model = findModel(roots(), core().settings().model);
          exportTaught(model.folder, model.manifest, head, folder);
        }
      });
      return { path: to, files: readdirSync(to).sort() };
    },
  } satisfies Partial<Handlers<LibraryVerbs>>;
}

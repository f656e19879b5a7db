/** Keywords of photos into their sidecars, or out of them. */
import { SaccadeError } from '../../../models/error.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import type { KeywordOptions } from '../../contract/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { addKeywords, type Wanted } from '../../xmp/add.ts';
import { removeKeywords } from '../../xmp/remove.ts';
import type { Written } from '../../xmp/written.ts';
import type { Catalog } from '../catalog/database.ts';
import { setWritten, writtenTo } from '../catalog/written.ts';
import { type Marked, marksOf } from './marks.ts';
import { ofSidecar, readSidecar, writeSidecar } from './sidecar-file.ts';
import { sidecarFinder } from './sidecar-names.ts';
import { untouched } from './writing.ts';

/** One sidecar, and what Saccade is to say in it: instead of what it says there now. */
export interface SidecarTask {
  path: string;
  wanted: Wanted;
  /** What it said stays as well. */
  add: boolean;
  /** Where stars and colours of the photos may stand besides: their files, and other sidecars of them. */
  beside?: Marked;
}

const noKeywords: Wanted = { subject: [], hierarchical: [] };

/** A level's name must not look like two. */
const level = (name: string) => name.replaceAll('|', '/');

function wantedOf(labels: readonly string[], { root, rating, colour }: KeywordOptions): Wanted {
  const ways = root.trim() === '' ? [] : labels.map((label) => `${root.trim()}|${level(label)}`);
  if (labels.length === 0) return { subject: labels, hierarchical: ways };
  return { subject: labels, hierarchical: ways, rating, label: colour };
}

const union = (...lists: (readonly string[])[]): string[] => [
  ...new Map(lists.flat().map((value) => [nameKey(value), value])).values(),
];

/**
 * The sidecars of photos with what is to be said in each. Photos that share one say it together. `options` null: what
 * Saccade wrote is taken out of all of them.
 */
export async function sidecarTasks(
  photos: readonly { path: string; labels: readonly string[] }[],
  options: KeywordOptions | null,
  signal?: AbortSignal,
): Promise<SidecarTask[]> {
  const find = sidecarFinder();
  const tasks = new Map<string, SidecarTask>();
  for (const { path, labels } of photos) {
    signal?.throwIfAborted();
    const { there, target } = await find(path, options?.naming ?? 'full');
    const add = options?.add ?? false;
    // Of two sidecars only one says it.
    for (const other of Object.values(there))
      if ((!options || other !== target) && !tasks.has(other))
        tasks.set(other, { path: other, wanted: noKeywords, add: options !== null && add });
    if (!options) continue;
    const wanted = wantedOf(labels, options);
    const { wanted: before, beside } = tasks.get(target) ?? { wanted: noKeywords };
    tasks.set(target, {
      path: target,
      add,
      beside: {
        photos: [...(beside?.photos ?? []), path],
        sidecars: [...(beside?.sidecars ?? []), ...Object.values(there).filter((other) => other !== target)],
      },
      wanted: {
        ...before,
        ...wanted,
        subject: union(before.subject, wanted.subject),
        hierarchical: union(before.hierarchical, wanted.hierarchical),
      },
    });
  }
  return [...tasks.values()];
}

export interface SidecarChange {
  item: WrittenItem;
  /** What Saccade had written there before, for taking the change back. */
  before: Written | null;
}

const valuesOf = (written: Written | null): string[] => [
  ...(written ? [...written.subject, ...written.hierarchical] : []),
  ...(written?.rating === undefined ? [] : [`★ ${written.rating}`]),
  ...(written?.label === undefined ? [] : [written.label]),
];

const withEarlier = (wanted: Wanted, earlier: Written): Wanted => ({
  rating: earlier.rating,
  label: earlier.label,
  ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
  subject: union(earlier.subject, wanted.subject),
  hierarchical: union(earlier.hierarchical, wanted.hierarchical),
});

/** Never throws: what goes wrong is in the answer, and the file is as it was. */
export async function changeSidecar(
  catalog: Catalog,
  task: SidecarTask,
  dryRun: boolean,
): Promise<SidecarChange> {
  const { path, add } = task;
  const none = untouched(path);
  try {
    const file = await readSidecar(path);
    const removed = file && ofSidecar(path, () => removeKeywords(file.text, writtenTo(catalog, path)));
    const before = removed?.written ?? null;
    const all = add && before ? withEarlier(task.wanted, before) : task.wanted;
    const theirs = task.beside ? await marksOf(task.beside, all) : [];
    const wanted = { ...all, ...Object.fromEntries(theirs.map((mark) => [mark, undefined])) };
    const added = ofSidecar(path, () => addKeywords(removed?.text ?? null, wanted));
    const { text, written } = added;
    const kept = [...new Set([...added.kept, ...theirs])];
    const now = written ? text : (removed?.text ?? null);
    const [was, is] = [valuesOf(before), valuesOf(written)];
    if (now === (file?.text ?? null)) return { item: { ...none, kept }, before };
    if (!dryRun) {
      await writeSidecar(path, now, file);
      setWritten(catalog, path, written);
    }
    const item: WrittenItem = {
      ...none,
      kept,
      does: !file ? 'create' : now === null ? 'delete' : 'change',
      adds: is.filter((value) => !was.includes(value)),
      removes: was.filter((value) => !is.includes(value)),
    };
    return { item, before };
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return { item: { ...none, error: toFailure(error) }, before: null };
  }
}

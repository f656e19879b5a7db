/** Look-alikes by their features: of few in the thread that compares, of very many in the inference process. */
import type { Grouping } from '../../contract/entities/likeness.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresInOrder, featuresOf } from '../catalog/features.ts';
import type { Inference } from '../inference.ts';
import type { GroupThread } from './group-thread.ts';

/** From so many on products of matrices by onnxruntime are worth handing vectors over; fewer take a second without. */
const fewest = 5000;
/** Vectors read between which others are served: 3 MB of 768 numbers. */
const atOnce = 2000;

export interface AlikeOptions {
  catalog: Catalog;
  thread: GroupThread;
  inference: Pick<Inference, 'interactive'>;
  /** Whose features. */
  keyId: number;
  ongrouping?: ((grouping: Grouping) => void) | undefined;
  signal: AbortSignal;
  /** Default: five thousand. */
  fewestForGraphs?: number | undefined;
}

let sets = 0;

/** Groups of contents. Without a feature a content is in none. */
export async function alikeOnes(contents: readonly number[], options: AlikeOptions): Promise<number[][]> {
  if (contents.length < (options.fewestForGraphs ?? fewest)) return ofFew(contents, options);
  try {
    return await ofMany(contents, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof SaccadeError) || !['crashed-inference', 'not-loaded'].includes(error.code))
      throw error;
    // Something else may have made the process crash.
    return await ofMany(contents, options);
  }
}

async function ofFew(
  contents: readonly number[],
  { catalog, thread, keyId, signal }: AlikeOptions,
): Promise<number[][]> {
  const { data, length, rows } = featuresOf(catalog, keyId, contents);
  const ids = [...rows.keys()];
  const groups = await thread.call('alike', { data, length }, { signal });
  return groups.map((group) => group.map((row) => ids[row]!));
}

async function ofMany(
  contents: readonly number[],
  { catalog, inference, keyId, signal, ongrouping }: AlikeOptions,
): Promise<number[][]> {
  const set = `${keyId}/${++sets}`;
  const ids = known(catalog, keyId, contents);
  if (ids.length === 0) return [];
  try {
    for (let from = 0; from < ids.length; from += atOnce) {
      signal.throwIfAborted();
      const part = ids.slice(from, from + atOnce);
      const { data, length } = featuresInOrder(catalog, keyId, part);
      const bytes = new Uint8Array(data.buffer);
      await inference.interactive('addAlike', { set, length, count: ids.length, from, data: bytes });
    }
    for (;;) {
      signal.throwIfAborted();
      const { share, groups } = await inference.interactive('stepAlike', { set });
      if (groups) return groups.map((group) => group.map((row) => ids[row]!));
      ongrouping?.({ of: 'alike', share });
    }
  } catch (error) {
    await inference.interactive('dropAlike', { set }).catch(() => {});
    throw error;
  }
}

/** Those that have a feature. */
function known(catalog: Catalog, keyId: number, contents: readonly number[]): number[] {
  const rows = catalog.all<{ id: number }>(
    `SELECT w.value AS id FROM json_each(?) w
     WHERE EXISTS (SELECT 1 FROM features f WHERE f.key_id = ? AND f.content_id = w.value)`,
    JSON.stringify(contents),
    keyId,
  );
  return rows.map(({ id }) => id);
}

/** Photos of a selection with everything that is known of them, page by page. */
import { join } from 'node:path';
import { applyHead, heldOf, holdsFrom, mostHeld } from '../../../models/heads/apply.ts';
import type { Head } from '../../../models/heads/head.ts';
import type { HeadAnswer, TableRow } from '../../report/parquet-columns.ts';
import type { Selection } from '../../contract/requests.ts';
import { unpackMap } from '../catalog/blobs.ts';
import type { Catalog } from '../catalog/database.ts';
import { gather } from '../catalog/features.ts';
import { headRows, readHead } from '../catalog/heads.ts';
import { wordsOf, noWords } from '../catalog/person.ts';
import { photoRows } from '../lists/export.ts';
import { rowsOf, type JoinedRow } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { selected, walk } from '../lists/page.ts';

/** A page: with a vector a photo some megabytes; others are served in between. */
const photosPerPage = 500;

interface NumberedHead {
  head: Head;
  version: number;
}

/** Those that read what the shown model sees. */
function fittingHeads(catalog: Catalog, modelSha256: string | null): NumberedHead[] {
  return headRows(catalog)
    .filter((row) => row.model_hash === modelSha256)
    .map((row) => ({ head: readHead(catalog, row), version: row.version }));
}

function headAnswers(heads: readonly NumberedHead[], rows: readonly JoinedRow[]): HeadAnswer[][] {
  const answers: HeadAnswer[][] = rows.map(() => []);
  for (const { head, version } of heads) {
    const { length } = head.fits;
    const known = rows.flatMap(({ vector }, i) => (vector?.length === length * 2 ? [i] : []));
    const vectors = known.map((i) => rows[i]!.vector!);
    const from = holdsFrom(head);
    const said = applyHead(head, gather(vectors, length), from === null ? 1 : mostHeld);
    const { k } = said;
    for (const [at, i] of known.entries()) {
      const unsure = said.unsure[at] === 1;
      const all = Array.from({ length: k }, (_, j) => ({
        label: head.labels[said.rows[k * at + j]!]?.name ?? 'none of these',
        probability: said.probabilities[k * at + j]!,
      }));
      // Of one that is unsure what it would say first.
      for (const each of unsure ? all.slice(0, 1) : heldOf(all, true, from))
        answers[i]!.push({ head: head.name, version, ...each, unsure });
    }
  }
  return answers;
}

/** With the content that all of it is known of; null: none was read. */
export interface KnownRow extends TableRow {
  contentId: number | null;
}

/** In the order of paths; a page is what the catalog holds when it is asked for. */
export function* tableRows(
  catalog: Catalog,
  selection: Selection,
  topK: number,
  wanted: { features: boolean; maps: boolean },
): Generator<KnownRow[]> {
  const labels = shownLabels(catalog);
  const { keyId } = labels;
  const model =
    keyId === null
      ? null
      : catalog.one<{ hash: string }>('SELECT model_hash AS hash FROM result_keys WHERE id = ?', keyId);
  const modelSha256 = model?.hash ?? null;
  const heads = fittingHeads(catalog, modelSha256);
  for (let cursor: string | null | undefined; cursor !== null;) {
    // Asked anew for each page: what words find is not kept for as long as a large export takes.
    const step = walk(
      catalog,
      selected(catalog, selection),
      { key: 'path', descending: false },
      photosPerPage,
      {
        cursor,
      },
    );
    cursor = step.next;
    const joined = rowsOf(catalog, step.ids);
    const hashes = contentHashes(catalog, step.ids);
    const words = wordsOf(catalog, step.ids);
    const answers = headAnswers(heads, joined);
    yield photoRows(catalog, joined, labels, topK).map((row, i): KnownRow => {
      const { id, bytes, modified_ms: modifiedMs, taken_ms: takenMs, vector, map } = joined[i]!;
      return {
        row,
        contentId: joined[i]!.content_id,
        facts: {
          file: join(joined[i]!.folder, joined[i]!.name),
          ...{ bytes, modifiedMs, takenMs, modelSha256 },
          contentSha256: hashes.get(id) ?? null,
          head: labels.head?.name ?? null,
          heads: answers[i]!,
          words: words.get(id) ?? noWords,
          feature: wanted.features && vector ? featureOf(vector) : null,
          map: wanted.maps && map ? unpackMap(map) : null,
        },
      };
    });
  }
}

function featureOf(vector: Uint8Array): Float16Array {
  return new Float16Array(new Uint8Array(vector).buffer);
}

function contentHashes(catalog: Catalog, ids: readonly number[]): Map<number, string> {
  const rows = catalog.all<{ id: number; hash: Uint8Array }>(
    `SELECT p.id, c.hash FROM photos p JOIN contents c ON c.id = p.content_id
     WHERE p.id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
  return new Map(rows.map(({ id, hash }) => [id, Buffer.from(hash).toString('hex')]));
}

/** What a head, another model, or a person says of many photos, so that two of them can be compared. */
import { noneOfThese } from '../../../models/heads/label-names.ts';
import { applyHead, heldOf, holdsFrom, mostHeld } from '../../../models/heads/apply.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Label } from '../../../models/manifest.ts';
import type { Judge } from '../../contract/labels.ts';
import { unpackTop } from '../catalog/blobs.ts';
import type { Catalog } from '../catalog/database.ts';
import { isUnsureOfKey } from '../catalog/doubts.ts';
import type { HeldLabel } from '../catalog/further-labels.ts';
import { featuresOf } from '../catalog/features.ts';
import { headRow, readHead } from '../catalog/heads.ts';
import { keyOfModel, modelOfKey } from '../catalog/results.ts';
import { keyIdFor, shownKeyId, shownModelHash } from '../catalog/shown.ts';
import type { Condition } from '../lists/condition.ts';

export interface Judgement extends HeldLabel {
  /** Other labels that a person gave as well, or that hold too where several may. */
  also?: readonly HeldLabel[];
}

/** Null: nothing is said. @param said the likeliest first @param from `holdsFrom` */
function judgementOf(said: readonly HeldLabel[], sure: boolean, from: number | null): Judgement | null {
  const [first] = said;
  if (!first) return null;
  const also = from === null ? [] : heldOf(said, sure, from).slice(1);
  return { ...first, also: also.length ? also : undefined };
}

export interface Judged {
  name: string;
  labels: Label[];
  /** By photo; those it says nothing of are left out. */
  of: Map<number, Judgement>;
}

interface PhotoContent {
  id: number;
  content_id: number;
}

function byKey(catalog: Catalog, key: number, { sql, values }: Condition): Judged {
  const { name, labels, holdsFrom: from } = modelOfKey(catalog, key);
  const rows = catalog.all<{
    id: number;
    label: number;
    probability: number;
    top: Uint8Array | null;
    unsure: number;
  }>(
    `SELECT photos.id, r.label, r.probability, ${from === null ? 'NULL' : 'r.top'} AS top, ${isUnsureOfKey} AS unsure
     FROM (SELECT id, content_id FROM photos WHERE ${sql}) photos
     JOIN results r ON r.content_id = photos.content_id AND r.key_id = ?
     JOIN result_keys s ON s.id = r.key_id WHERE r.label IS NOT NULL`,
    ...values,
    key,
  );
  const of = new Map<number, Judgement>();
  for (const { id, label: index, probability, top, unsure } of rows) {
    const said = judgementOf(top ? unpackTop(top) : [{ index, probability }], unsure === 0, from);
    if (said) of.set(id, said);
  }
  return { name, labels, of };
}

function byHead(catalog: Catalog, id: number, { sql, values }: Condition): Judged {
  const row = headRow(catalog, id);
  const head = readHead(catalog, row);
  const labels = head.none ? [...head.labels, noneOfThese] : head.labels;
  const of = new Map<number, Judgement>();
  // Of the model shown what the lists show: another precision may have seen a few photos since.
  const key = shownModelHash(catalog) === row.model_hash ? shownKeyId(catalog) : keyIdFor(catalog, row.model_hash, 'auto'); // prettier-ignore
  if (key === null) return { name: row.name, labels, of };
  const photos = catalog.all<PhotoContent>(
    `SELECT id, content_id FROM photos WHERE content_id IS NOT NULL AND ${sql}`,
    ...values,
  );
  const features = featuresOf(
    catalog,
    key,
    photos.map(({ content_id }) => content_id),
  );
  if (features.length !== head.fits.length) return { name: row.name, labels, of };
  const from = holdsFrom(head);
  const { k, rows, probabilities, unsure } = applyHead(head, features, from === null ? 1 : mostHeld);
  for (const { id: photo, content_id } of photos) {
    const at = features.rows.get(content_id);
    if (at === undefined) continue;
    const said = Array.from({ length: k }, (_, i) => ({ index: rows[k * at + i]!, probability: probabilities[k * at + i]! })); // prettier-ignore
    of.set(photo, judgementOf(said, unsure[at] === 0, from)!);
  }
  return { name: row.name, labels, of };
}

function byPerson(catalog: Catalog, { sql, values }: Condition): Judged {
  const rows = catalog.all<{ id: number; given: string }>(
    `SELECT w.photo_id AS id, (SELECT json_group_array(label) FROM (SELECT label FROM person_labels l
       WHERE l.photo_id = w.photo_id AND holds = 1 ORDER BY label_key)) AS given
     FROM person_words w WHERE w.photo_id IN (SELECT id FROM photos WHERE ${sql}) AND (given <> '[]' OR w.none)`,
    ...values,
  );
  const said = rows.map(({ id, given }) => ({ id, given: JSON.parse(given) as string[] }));
  const names = [...new Set(said.flatMap(({ given }) => given))].sort((a, b) => a.localeCompare(b));
  const labels = [...names.map((name) => ({ id: name, name })), noneOfThese];
  const at = new Map(names.map((name, i) => [name, i]));
  return {
    name: 'person',
    labels,
    of: new Map(
      said.map(({ id, given }) => {
        const said = given.map((name) => ({ index: at.get(name)!, probability: 1 }));
        const [first = { index: names.length, probability: 1 }, ...also] = said;
        return [id, { ...first, also: also.length ? also : undefined }];
      }),
    ),
  };
}

/** @throws SaccadeError `no-head`, `no-results` */
export function judgedBy(catalog: Catalog, judge: Judge, condition: Condition): Judged {
  if (judge.by === 'person') return byPerson(catalog, condition);
  if (judge.by === 'head' && judge.headId !== null) return byHead(catalog, judge.headId, condition);
  const key = judge.by === 'model' ? keyOfModel(catalog, judge.modelId) : shownKeyId(catalog);
  if (key === null)
    throw new SaccadeError(
      'no-results',
      `Expected photos that ${judge.by === 'model' ? judge.modelId : 'the chosen model'} has classified; found none. Classify some with it first.`,
    );
  return byKey(catalog, key, condition);
}

/** A backup as JSON lines, for any program and for people: paths instead of ids. Documented in docs/troubleshooting.md. */
import { join } from 'node:path';
import { shownName } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { givenName } from '../catalog/photos.ts';

const parsed = (text: string): unknown => JSON.parse(text);

/** Of the schema `person`; each line ends with a line break. */
export function* personLines(catalog: Catalog, application: string, at: Date): Generator<string> {
  const line = (value: object) => `${JSON.stringify(value)}\n`;
  const all = <Row>(sql: string) => catalog.once<Row>(sql);
  yield line({ kind: 'about', application, at: at.toISOString() });
  for (const { name, value } of all<{ name: string; value: string }>(
    'SELECT name, value FROM person.settings',
  ))
    yield line({ kind: 'setting', name, value: parsed(value) });
  for (const { path, patterns } of all<{ path: string; patterns: string }>(
    `SELECT path, patterns FROM person.folders WHERE parent_id IS NULL OR patterns <> '' ORDER BY path`,
  ))
    yield line({ kind: 'folder', path: shownName(path), patterns });
  const paths = new Map<number, string>();
  for (const row of all<PhotoOfPerson>(
    `SELECT p.id, f.path AS folder, p.name, p.away, lower(hex(c.hash)) AS sha256, p.own_label AS ownLabel, w.none, w.drawn,
       (SELECT json_group_array(json_object('label', label, 'holds', holds)) FROM person.person_labels WHERE photo_id = p.id)
         AS labels
     FROM person.photos p JOIN person.folders f ON f.id = p.folder_id
     LEFT JOIN person.contents c ON c.id = p.content_id LEFT JOIN person.person_words w ON w.photo_id = p.id
     ORDER BY f.path, p.name`,
  )) {
    const path = shownName(join(row.folder, givenName(row.name)));
    paths.set(row.id, path);
    if (row.ownLabel === null && row.none === null) continue;
    const labels = (parsed(row.labels) as { label: string; holds: number }[]).map(({ label, holds }) => ({
      ...{ label, holds: holds === 1 },
    }));
    yield line({
      kind: 'photo',
      path,
      sha256: row.sha256,
      away: row.away === 1,
      ownLabel: row.ownLabel,
      none: row.none === 1,
      labels,
    });
  }
  for (const { manifest, weights, ...head } of all<HeadOfPerson>(
    `SELECT h.id, h.name, h.model_hash AS model, v.version, v.version = h.version AS inForce, h.removed_ms AS removedMs,
       v.created_ms AS createdMs, v.manifest, v.weights
     FROM person.heads h JOIN person.head_versions v ON v.head_id = h.id ORDER BY h.id, v.version`,
  ))
    yield line({ kind: 'head', ...head, manifest: parsed(manifest), weights: Buffer.from(weights).toString('base64') }); // prettier-ignore
  for (const act of all<ActOfPerson>(
    'SELECT id, at_ms AS atMs, kind AS act, about, root_id AS rootId, undoes, change, inverse FROM person.acts ORDER BY id',
  )) {
    const photos = all<{ id: number; before: string; after: string }>(
      `SELECT photo_id AS id, before, after FROM person.act_photos WHERE act_id = ${act.id}`,
    ).map(({ id, before, after }) => ({ path: paths.get(id), before: parsed(before), after: parsed(after) }));
    const { about, change, inverse, ...rest } = act;
    yield line({ kind: 'act', ...rest, about: parsed(about), change: parsed(change), inverse: parsed(inverse), photos }); // prettier-ignore
  }
}

interface PhotoOfPerson {
  id: number;
  folder: string;
  name: string;
  away: number;
  sha256: string | null;
  ownLabel: string | null;
  none: number | null;
  labels: string;
}
interface HeadOfPerson {
  id: number;
  name: string;
  model: string;
  version: number;
  inForce: number;
  removedMs: number | null;
  createdMs: number;
  manifest: string;
  weights: Uint8Array;
}
interface ActOfPerson {
  id: number;
  atMs: number;
  act: string;
  rootId: number | null;
  undoes: number;
  about: string;
  change: string;
  inverse: string;
}

/** Confident learning over photos of the library: whose word, the person's, the folder's or the files' own, is probably wrong. */
import { basename, dirname, join } from 'node:path';
import type { Examples } from '../../../models/heads/examples.ts';
import { suspects } from '../../../models/heads/audit.ts';
import type { Head } from '../../../models/heads/head.ts';
import type { Taught } from '../../../models/heads/teach.ts';
import { nameKey, namesOf, noneOfThese } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { AuditBy } from '../../contract/entities/review.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWord } from '../catalog/person.ts';
import { isLabelled } from '../catalog/shown.ts';
import { conditionOf } from '../lists/filter.ts';
import { shownLabels } from '../lists/labels.ts';
import type { Difference } from './agreement.ts';
import { type Found, foundOf, ofKeywords, ofPerson } from './sources.ts';

/** So many photos are looked through: drawn at random where there are more. */
const most = 20_000;

/** Of photos with several keywords the one that the head in use has a label for; a single one as it is. */
function oneOf(keywords: readonly string[], labels: ReadonlySet<string>): string[] {
  const known = keywords.filter((name) => labels.has(nameKey(name)));
  return known.length ? known : keywords.length === 1 ? [...keywords] : [];
}

export function auditFound(catalog: Catalog, by: AuditBy, filter: PhotoFilter): Found {
  if (by === 'person') return foundOf(ofPerson(catalog, filter));
  if (by === 'keywords') {
    const known = new Set(shownLabels(catalog).all.flatMap((label) => namesOf(label).map(nameKey)));
    const said = ofKeywords(catalog, filter, most).map(({ path, labels }) => ({
      path,
      labels: oneOf(labels, known),
    }));
    return foundOf(said.filter(({ labels }) => labels.length === 1));
  }
  const { sql, values } = conditionOf(catalog, filter);
  const rows = catalog.all<{ folder: string; name: string }>(
    `SELECT f.path AS folder, photos.name FROM photos JOIN folders f ON f.id = photos.folder_id
     WHERE photos.id IN (SELECT id FROM photos WHERE ${sql}) AND ${isLabelled} AND ${noWord}
     ORDER BY draw_order(photos.id) LIMIT ${most}`,
    ...values,
  );
  return {
    paths: rows.map(({ folder, name }) => join(folder, name)),
    labelsOf: (path) => [basename(dirname(path))],
  };
}

export function namedSuspects(
  examples: Examples,
  { labels, none }: Head,
  { examples: held, probabilities }: NonNullable<Taught['heldOut']>,
  paths: readonly string[],
): (Omit<Difference, 'photoId'> & { path: string })[] {
  const rows = labels.length + (none ? 1 : 0);
  const row = new Map(labels.map(({ id }, i) => [id, i]));
  const given = Array.from(held, (example) => {
    const [own] = examples.labels[example]!;
    return own === undefined ? (none ? labels.length : -1) : (row.get(own) ?? -1);
  });
  const labelOf = (at: number) => labels[at] ?? noneOfThese;
  return suspects(probabilities, given, rows).map(({ example, given: was, likely, margin }) => ({
    path: paths[held[example]!]!,
    given: labelOf(was),
    likely: labelOf(likely),
    givenProbability: probabilities[example * rows + was]!,
    likelyProbability: probabilities[example * rows + likely]!,
    strength: margin,
  }));
}

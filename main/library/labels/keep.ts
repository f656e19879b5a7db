/** Putting a new head, or the next version of one, into the catalog, so that it can be taken back. */
import { SaccadeError } from '../../../models/error.ts';
import type { Head } from '../../../models/heads/head.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { Request } from '../../contract/verbs.ts';
import { recordAct } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import {
  checkHeadName,
  describedHead,
  headInUse,
  headRow,
  type HeadRow,
  insertHead,
  setHeadInUse,
} from '../catalog/heads.ts';
import { readValue, writeValue } from '../catalog/settings.ts';

type FromPerson = Extract<Request<'heads.teach'>['source'], { from: 'person' }>;

/** After a change of heads, made by `change` in a transaction; `shown`: of the one in use. */
export type ChangeHeads = (change: () => void, shown: boolean) => void;

/**
 * Whether a head of this name, or the next version of `headId`, can be made for the model.
 * @throws SaccadeError `head-exists`, `no-head`, `head-of-another-model`
 */
export function checkNext(
  catalog: Catalog,
  name: string,
  headId: number | null,
  manifest: ModelManifest,
): void {
  const { sha256 } = manifest.weights;
  const before = headId === null ? null : headRow(catalog, headId);
  if (before && before.model_hash !== sha256)
    throw new SaccadeError(
      'head-of-another-model',
      `The head "${before.name}" was made for the model ${describedHead(before).fits.model}, so ${manifest.id} can't make its next version. Choose that model, or make a head of another name.`,
    );
  checkHeadName(catalog, name, sha256, headId);
}

export interface Keeping {
  kind: 'teach-head' | 'write-head';
  /** The next version of that one; null: a new head. */
  headId: number | null;
  use: boolean;
  /** Whose words it follows; null: nobody's. */
  follows: FromPerson | null;
  /** Of a head that follows words. */
  from?: TaughtFrom;
}

/** From what a version of a head was taught. */
export interface TaughtFrom {
  /** The last act before its examples were found: where there is none since, the words are the same. */
  acts: number;
  /** Of photos, what was seen of them, and their labels. */
  digest: string;
  /** Contents that had a word and a feature: of the version written down last, and absent where an earlier Saccade did. */
  seen?: number[];
}

/** Stores it and takes the act down. */
export function keepHead(
  catalog: Catalog,
  changeHeads: ChangeHeads,
  head: Head,
  { kind, headId, use, follows, from }: Keeping,
): HeadRow {
  const { weights } = head.fits;
  const before = headId === null ? null : headRow(catalog, headId);
  const kept: { row?: HeadRow } = {};
  changeHeads(
    () => {
      const row = (kept.row = insertHead(catalog, head, headId));
      const about = { of: 'head', id: row.id } as const;
      recordAct(catalog, {
        kind,
        about: [row.name],
        photos: 0,
        change: { ...about, version: row.version, removed: false },
        inverse: before ? { ...about, version: before.version } : { ...about, removed: true },
      });
      if (use) setHeadInUse(catalog, weights, row.id);
      follow(catalog, row.id, follows);
      if (follows && from) noteTaughtFrom(catalog, row, from);
    },
    use || (headId !== null && headInUse(catalog, weights)?.id === headId),
  );
  return kept.row!;
}

/** Heads taught from a person's words are taught again with each word: which, and from which of the words. */
export function followed(catalog: Catalog): Record<string, FromPerson> {
  return readValue<Record<string, FromPerson>>(catalog, 'following', {});
}

function follow(catalog: Catalog, id: number, source: FromPerson | null): void {
  const all = new Map(Object.entries(followed(catalog)));
  if (source) all.set(String(id), source);
  else all.delete(String(id));
  writeValue(catalog, 'following', Object.fromEntries(all));
}

const versionOf = ({ id, version }: Pick<HeadRow, 'id' | 'version'>) => `${id} ${version}`;
const taughtFromAll = (catalog: Catalog) => readValue<Record<string, TaughtFrom>>(catalog, 'taught from', {});

/** Undefined: it is not known, as of versions that were taught before this was written down. */
export function taughtFrom(catalog: Catalog, version: HeadRow): TaughtFrom | undefined {
  return taughtFromAll(catalog)[versionOf(version)];
}

/** Within a transaction. */
export function noteTaughtFrom(catalog: Catalog, version: HeadRow, from: TaughtFrom): void {
  const rows = catalog.all<{ id: number; version: number }>(
    'SELECT head_id AS id, version FROM head_versions',
  );
  const there = new Set(rows.map(versionOf));
  const others = Object.entries(taughtFromAll(catalog))
    .filter(([key]) => there.has(key))
    .map(([key, { acts, digest }]) => [key, { acts, digest }] as const);
  writeValue(catalog, 'taught from', Object.fromEntries([...others, [versionOf(version), from]]));
}

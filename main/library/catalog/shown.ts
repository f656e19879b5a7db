/** Which result key's results the lists show, and the columns of photos that repeat them. */
import type { Settings } from '../../contract/entities/settings.ts';
import { applyHead, heldOf, holdsFrom, mostHeld } from '../../../models/heads/apply.ts';
import type { Head } from '../../../models/heads/head.ts';
import type { Catalog } from './database.ts';
import { unpackTop } from './blobs.ts';
import { doubtSet, isUnsure, modelHoldsFrom } from './doubts.ts';
import { setFurther, type HeldLabel } from './further-labels.ts';
import { hiddenStatus, statusNumber } from '../../contract/values.ts';
import { gather } from './features.ts';
import { headInUse, readHead, type HeadRow } from './heads.ts';
import { readValue, writeValue } from './settings.ts';

const chunk = 5000;

/** The row of the result key shown, or null where nothing has been classified with the chosen model yet. */
export function shownKeyId(catalog: Catalog): number | null {
  return readValue<number | null>(catalog, 'shown', null);
}

/** The weights whose results are shown. */
export function shownModelHash(catalog: Catalog): string | null {
  return (
    catalog.one<{ hash: string }>(
      'SELECT model_hash AS hash FROM result_keys WHERE id = ?',
      shownKeyId(catalog),
    )?.hash ?? null
  );
}

interface ShownRow {
  id: number;
  status: number;
  label: number | null;
  probability: number;
  spread: number;
}

interface NowRow extends ShownRow {
  status_was: number;
  label_was: number | null;
  probability_was: number;
  spread_was: number;
  /** Of a model several of whose own labels may hold. */
  top?: Uint8Array | null;
  /** Set where a head in use has to read it. */
  vector: Uint8Array | null;
}

/** As a condition on photos: a label of the head in use, be it sure or not. */
export const isLabelled = `status IN (${statusNumber('ok')}, ${statusNumber('unsure')})`;

const ofKey = `CASE
    WHEN photos.missing_ms IS NOT NULL THEN iif(photos.away, ${hiddenStatus.away}, ${statusNumber('missing')})
    WHEN photos.under_id IS NOT NULL THEN ${hiddenStatus.under}
    WHEN photos.error_code IS NOT NULL OR r.code IS NOT NULL THEN ${statusNumber('failed')}
    WHEN r.top IS NULL THEN ${statusNumber('new')}
    WHEN r.label IS NULL THEN ${statusNumber('unnamed')}
    WHEN ${isUnsure} THEN ${statusNumber('unsure')}
    ELSE ${statusNumber('ok')}
  END AS status, r.label, coalesce(r.probability, -1) AS probability, coalesce(r.spread, 2) AS spread,
  photos.status AS status_was, photos.label AS label_was, photos.probability AS probability_was,
  photos.spread AS spread_was`;
const ofResults = 'photos LEFT JOIN results r ON r.content_id = photos.content_id AND r.key_id = ?';
const ofFeatures = `${ofResults} LEFT JOIN features f ON f.content_id = photos.content_id AND f.key_id = ?`;

/** Of the model shown, where a person set it. */
export function shownDoubt(catalog: Catalog): number | null {
  const hash = shownModelHash(catalog);
  return hash === null ? null : doubtSet(catalog, hash);
}

/** The head in use for the model shown, with its numbers; null: its own, whose answers are the results. */
export function shownHead(catalog: Catalog): { row: HeadRow; head: Head } | null {
  const hash = shownModelHash(catalog);
  if (hash === null) return null;
  const row = headInUse(catalog, hash);
  return row && { row, head: readHead(catalog, row) };
}

/** Of photos that can have an answer. */
const answered = new Set((['new', 'ok', 'unsure', 'unnamed'] as const).map(statusNumber));

/** By photo, of those that have any. */
type Further = Map<number, HeldLabel[]>;

/** Puts what the head says of the features in place of the results. What has no feature is not known to it. */
function readBy(head: Head, rows: NowRow[]): Further {
  const from = holdsFrom(head);
  const length = head.fits.length;
  const readable = rows.filter(({ status }) => answered.has(status));
  const seen = readable.filter(({ vector }) => vector?.length === length * 2);
  const answers = applyHead(
    head,
    gather(
      seen.map(({ vector }) => vector!),
      length,
    ),
    from === null ? 1 : mostHeld,
  );
  const { k } = answers;
  for (const row of rows) {
    row.label = null;
    row.probability = -1;
  }
  for (const row of readable) row.status = statusNumber('new');
  for (const [i, row] of seen.entries()) {
    row.status = statusNumber(answers.unsure[i] ? 'unsure' : 'ok');
    row.label = answers.rows[k * i]!;
    row.probability = answers.probabilities[k * i]!;
  }
  return furtherOf(seen, from, (_, i) =>
    Array.from({ length: k }, (__, j) => ({
      index: answers.rows[k * i + j]!,
      probability: answers.probabilities[k * i + j]!,
    })),
  );
}

/** Beside the first, of photos that are sure. @param from `holdsFrom` */
function furtherOf(
  rows: readonly NowRow[],
  from: number | null,
  said: (row: NowRow, at: number) => HeldLabel[],
): Further {
  const further: Further = new Map();
  if (from === null) return further;
  for (const [i, row] of rows.entries()) {
    if (row.status !== statusNumber('ok')) continue;
    const held = heldOf(said(row, i), true, from).slice(1);
    if (held.length) further.set(row.id, held);
  }
  return further;
}

/** Brings the shown columns of the photos `where` finds up to date with their results. */
export function showPhotos(catalog: Catalog, where: string, ...values: unknown[]): void {
  const key = shownKeyId(catalog);
  const head = shownHead(catalog)?.head;
  const hash = head ? null : shownModelHash(catalog);
  const from = hash === null ? null : modelHoldsFrom(catalog, hash);
  const rows = catalog.all<NowRow>(
    `SELECT photos.id, ${ofKey}${head ? ', f.vector' : from === null ? '' : ', r.top'} FROM ${head ? ofFeatures : ofResults} WHERE ${where}`,
    shownDoubt(catalog),
    ...(head ? [key, key] : [key]),
    ...values,
  );
  const further = head
    ? readBy(head, rows)
    : furtherOf(rows, from, ({ top }) => unpackTop(top!.subarray(0, 8 * mostHeld)));
  // Only rows that differ are written: each write touches five indexes.
  for (const { id, status, label, probability, spread, ...was } of rows)
    if (
      status !== was.status_was ||
      label !== was.label_was ||
      probability !== was.probability_was ||
      spread !== was.spread_was
    )
      catalog.run(
        'UPDATE photos SET status = ?, label = ?, probability = ?, spread = ? WHERE id = ?',
        status,
        label,
        probability,
        spread,
        id,
      );
  setFurther(
    catalog,
    rows.map(({ id }) => id),
    further,
  );
}

/** The result key that lists should show under these settings: of those with the chosen model, the last used. */
export function keyIdFor(
  catalog: Catalog,
  modelHash: string,
  precision: Settings['precision'],
): number | null {
  const row = catalog.one<{ id: number }>(
    `SELECT id FROM result_keys WHERE model_hash = ? AND (? = 'auto' OR precision = ?) ORDER BY used_ms DESC LIMIT 1`,
    modelHash,
    precision,
    precision,
  );
  return row?.id ?? null;
}

/**
 * Shows another result key's results, photo by photo in short transactions between which others are served. Cut off, it
 * is made good by `finishShowing` at the next start. Answers with false where nothing had to change.
 */
export async function showKey(catalog: Catalog, key: number | null): Promise<boolean> {
  if (shownKeyId(catalog) === key) return false;
  await showAgain(catalog, () => writeValue(catalog, 'shown', key));
  return true;
}

/**
 * After a change of what is shown, made in the same transaction: of the key, or of the head in use. What keeps it from
 * being made is thrown at once; what keeps the lists from following it rejects.
 */
export function showAgain(catalog: Catalog, change: () => void): Promise<void> {
  catalog.transaction(() => {
    change();
    writeValue(catalog, 'showing', true);
  });
  return finishShowing(catalog);
}

const showing = new WeakMap<Catalog, Promise<void>>();

/** One after another. */
export function finishShowing(catalog: Catalog): Promise<void> {
  const before = showing.get(catalog) ?? Promise.resolve();
  // What kept one from its end, as a full disk, is told to whoever asked for it.
  const turn = before.catch(() => {}).then(() => showAll(catalog));
  showing.set(catalog, turn);
  return turn;
}

const inSight = new WeakMap<Catalog, readonly number[]>();

/** The photos of the page asked for last: they are shown anew first. */
export function setInSight(catalog: Catalog, ids: readonly number[]): void {
  inSight.set(catalog, ids);
}

/**
 * The label column says what the head in use says of photos up to this id; beyond, it is that of the head before, whose
 * numbers mean other labels. Infinity: of all. Whichever process brings the lists up to date, it says here how far it is.
 */
export function labelsShownUpTo(catalog: Catalog): number {
  const upTo = readValue<boolean | number>(catalog, 'showing', false);
  if (upTo === false) return Infinity;
  return upTo === true ? 0 : upTo;
}

/** Goes on where it was left. */
async function showAll(catalog: Catalog): Promise<void> {
  if (!catalog.isOpen() || labelsShownUpTo(catalog) === Infinity) return;
  const first = JSON.stringify(inSight.get(catalog) ?? []);
  catalog.transaction(() => showPhotos(catalog, 'photos.id IN (SELECT value FROM json_each(?))', first));
  const last = catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM photos')!.id ?? 0;
  /** False: it was begun anew, here or by another process, and whoever did that goes through all photos. */
  const step = (from: number, to: number) =>
    catalog.transaction(() => {
      if (labelsShownUpTo(catalog) !== from) return false;
      showPhotos(catalog, 'photos.id > ? AND photos.id <= ?', from, to);
      writeValue(catalog, 'showing', to >= last ? false : to);
      return true;
    });
  for (let from = labelsShownUpTo(catalog); step(from, from + chunk); from += chunk) {
    await new Promise((resolve) => setImmediate(resolve));
    // Closed meanwhile: the next start goes on.
    if (!catalog.isOpen()) return;
  }
}

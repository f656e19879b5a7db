/** Heads as the contract tells of them. */
import { SaccadeError } from '../../../models/error.ts';
import { checkFits, type Head, type HeadFit } from '../../../models/heads/head.ts';
import { answersOf, fitOf as fitOfOurs } from '../../../models/heads/own.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { HeadDetail, HeadSummary } from '../../contract/entities/head.ts';
import { toFailure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { doubtSet } from '../catalog/doubts.ts';
import {
  describedHead,
  headInUse,
  headNamed,
  headRow,
  headRows,
  type HeadRow,
  readHead,
} from '../catalog/heads.ts';

/** What heads of a model read: null where the model gives no feature, or its length is not known yet. */
function fitOf(catalog: Catalog, manifest: ModelManifest): HeadFit | null {
  const ours = fitOfOurs(manifest);
  if (ours) return ours;
  const { id, weights } = manifest;
  const known = catalog.one<{ length: number | null }>(
    'SELECT max(feature_length) AS length FROM result_keys WHERE model_hash = ? AND feature_length > 0',
    weights.sha256,
  );
  if (!known?.length) return null;
  return { model: id, weights: weights.sha256, feature: 'classifier-input', length: known.length };
}

/** @throws SaccadeError `no-feature` */
export function neededFit(catalog: Catalog, manifest: ModelManifest): HeadFit {
  const fit = fitOf(catalog, manifest);
  if (fit) return fit;
  throw new SaccadeError(
    'no-feature',
    `Expected a model that gives the vector its classifier reads; in ${manifest.name} none was found, or nothing was classified with it yet. Classify photos with it once, or choose another model.`,
  );
}

function ownHead(catalog: Catalog, manifest: ModelManifest): HeadSummary {
  const { id, name, labels, weights } = manifest;
  return {
    id: null,
    name,
    kind: 'own',
    model: id,
    unfit: null,
    labels: labels.length,
    answers: answersOf(manifest),
    none: false,
    version: 1,
    createdMs: null,
    inUse: headInUse(catalog, weights.sha256) === null,
    accuracy: null,
  };
}

export function headSummary(catalog: Catalog, manifest: ModelManifest, row: HeadRow): HeadSummary {
  const about = describedHead(row);
  const { kind, fits, labels, answers, none, origin } = about;
  const report = origin.from === 'examples' ? origin.report : null;
  return {
    id: row.id,
    name: row.name,
    kind,
    model: fits.model,
    unfit: unfit(catalog, manifest, row.name, fits),
    labels: labels.length,
    answers,
    none,
    version: row.version,
    createdMs: row.created_ms,
    inUse: headInUse(catalog, manifest.weights.sha256)?.id === row.id,
    accuracy: report?.accuracy ?? null,
  };
}

function unfit(catalog: Catalog, manifest: ModelManifest, name: string, fits: HeadFit): HeadSummary['unfit'] {
  try {
    checkFits(
      { name, fits },
      fitOf(catalog, manifest) ?? { ...fits, model: manifest.id, weights: manifest.weights.sha256 },
    );
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

/** The model's own first, then by name. */
export function listHeads(catalog: Catalog, manifest: ModelManifest): HeadSummary[] {
  return [ownHead(catalog, manifest), ...headRows(catalog).map((row) => headSummary(catalog, manifest, row))];
}

/** @throws SaccadeError `no-head` */
export function showHead(catalog: Catalog, manifest: ModelManifest, id: number | null): HeadDetail {
  if (id === null) {
    const set = doubtSet(catalog, manifest.weights.sha256);
    return {
      ...ownHead(catalog, manifest),
      names: manifest.labels,
      temperature: manifest.calibration.temperature,
      doubt: set ?? (manifest.doubt?.method === 'max-probability' ? manifest.doubt.threshold : null),
      doubtSet: set !== null,
      origin: { from: 'model' },
    };
  }
  const row = headRow(catalog, id);
  const { labels, calibration, doubt, origin } = describedHead(row);
  return {
    ...headSummary(catalog, manifest, row),
    names: labels,
    temperature: calibration.temperature,
    doubt: row.doubt ?? doubt.threshold,
    doubtSet: row.doubt !== null,
    origin,
  };
}

/**
 * The head that a question is about: absent, the one in use; null, the model's own, for which nothing is answered.
 * @throws SaccadeError `no-head`, `head-of-another-model`, `no-feature`
 */
export function headAsked(
  catalog: Catalog,
  manifest: ModelManifest,
  headId: number | null | undefined,
): Head | undefined {
  if (headId === null) return undefined;
  const row = headId === undefined ? headInUse(catalog, manifest.weights.sha256) : headRow(catalog, headId);
  if (!row) return undefined;
  const head = readHead(catalog, row);
  if (headId !== undefined) checkFits(head, neededFit(catalog, manifest));
  return head;
}

/** @throws SaccadeError `no-head`, `head-of-another-model`, `no-feature` */
export function fittingHead(catalog: Catalog, name: string, manifest: ModelManifest): Head {
  const named = headRows(catalog).filter((row) => row.name === name);
  const row = named.find((each) => each.model_hash === manifest.weights.sha256) ?? headNamed(catalog, name);
  const head = readHead(catalog, row);
  checkFits(head, neededFit(catalog, manifest));
  return head;
}

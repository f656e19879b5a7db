/**
 * A reduced precision is earned on the user's own photos: `auto` may choose it once its best label agreed with
 * fp32's on enough of them. Both answers are results in the catalog; this compares them.
 */
import { graphVersions } from '../../../models/kinds.ts';
import type { Precision } from '../../contract/values.ts';
import type { PrecisionAgreement } from '../../contract/entities/placement.ts';
import type { Catalog } from '../catalog/database.ts';

/** Fewer photos earn nothing. */
const photosToEarn = 200;
const shareToEarn = 0.98;
const z = 1.959964; // 97.5 % quantile of the normal distribution

/** Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference". */
export function wilsonLowerBound(agreed: number, photos: number): number {
  if (photos === 0) return 0;
  const share = agreed / photos;
  const middle = share + (z * z) / (2 * photos);
  const spread = z * Math.sqrt((share * (1 - share)) / photos + (z * z) / (4 * photos * photos));
  return Math.max(0, (middle - spread) / (1 + (z * z) / photos));
}

/** Only answers of today's graphs count. */
export function agreementOf(catalog: Catalog, modelHash: string, precision: Precision): PrecisionAgreement {
  const { photos, agreed } = catalog.one<{ photos: number; agreed: number }>(
    `SELECT count(*) AS photos, coalesce(sum(a.label = b.label), 0) AS agreed
     FROM result_keys exact
     JOIN result_keys other USING (model_hash, preprocessing)
     JOIN results a ON a.key_id = exact.id AND a.code IS NULL
     JOIN results b ON b.key_id = other.id AND b.content_id = a.content_id AND b.code IS NULL
     WHERE exact.precision = 'fp32' AND other.precision = ? AND exact.model_hash = ?
     AND exact.graph_version = ? AND other.graph_version = ?`,
    precision,
    modelHash,
    graphVersions.fp32,
    graphVersions[precision],
  )!;
  return {
    precision,
    photos,
    agreed,
    lowerBound: wilsonLowerBound(agreed, photos),
    earned: photos >= photosToEarn && agreed >= shareToEarn * photos,
  };
}

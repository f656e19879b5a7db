/** How unsure a model says it is: by a threshold that a person sets, or that fits what they confirmed. */
import { doubtOfRight, fewestForDoubt } from '../../../models/heads/calibrate.ts';
import { SaccadeError } from '../../../models/error.ts';
import { giveDoubt, halfDoubt, lacksDoubt } from '../../../models/doubt.ts';
import { answersOf } from '../../../models/heads/own.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { nameKey } from '../../../models/heads/label-names.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { ModelDoubt } from '../../contract/entities/model.ts';
import type { Catalog } from '../catalog/database.ts';
import { doubtSet, holdResultsTo, setDoubt } from '../catalog/doubts.ts';
import { writeValue } from '../catalog/settings.ts';

/** Probabilities of what the model says first of photos whose labels a person gave, where it is one of those. */
function confirmed(catalog: Catalog, { weights, labels }: ModelManifest): number[] {
  const rows = catalog.all<{ label: number; probability: number; keys: string }>(
    `SELECT r.label, r.probability, json_group_array(l.label_key) AS keys
     FROM person_labels l JOIN photos p ON p.id = l.photo_id
     JOIN results r ON r.content_id = p.content_id AND r.key_id =
       (SELECT id FROM result_keys WHERE model_hash = ? ORDER BY used_ms DESC LIMIT 1)
     WHERE l.holds = 1 AND r.label IS NOT NULL GROUP BY p.id`,
    weights.sha256,
  );
  return rows.flatMap(({ label, probability, keys }) => {
    const found = labels[label];
    const given = JSON.parse(keys) as string[];
    const names = found ? [found.name, ...Object.values(found.names ?? {})].map(nameKey) : [];
    return names.some((name) => given.includes(name)) ? [probability] : [];
  });
}

export function modelDoubt(catalog: Catalog, manifest: ModelManifest): ModelDoubt {
  return {
    came: manifest.doubt,
    set: doubtSet(catalog, manifest.weights.sha256),
    confirmed: confirmed(catalog, manifest).length,
    fewest: fewestForDoubt,
  };
}

/** The probability that all but a twentieth of the confirmed answers reach. @throws SaccadeError `too-few-confirmed` */
export function fitDoubt(catalog: Catalog, manifest: ModelManifest): number {
  const right = confirmed(catalog, manifest);
  const fitted = doubtOfRight(right);
  if (!fitted)
    throw new SaccadeError(
      'too-few-confirmed',
      `Expected at least ${fewestForDoubt} photos whose label ${manifest.name} gives and a person confirmed; found ${right.length}. Confirm more of them, or set the threshold by hand.`,
    );
  return fitted.threshold;
}

/**
 * Models that were imported before imports gave doubt get what they would get now, once, and so do the answers that they
 * gave; `finishShowing` brings the lists up to date.
 */
export function catchUpOnDoubt(catalog: Catalog, models: readonly InstalledModel[]): void {
  for (const model of models.filter(lacksDoubt))
    try {
      catalog.transaction(() => {
        holdResultsTo(catalog, model.manifest.weights.sha256, halfDoubt.threshold);
        writeValue(catalog, 'showing', true);
        giveDoubt(model);
      });
    } catch {
      // A folder or a catalog that can't be written to keeps the model, and its answers, as they are until the next start.
    }
}

/** Catalogs of before it was taken down say of every model that one of its labels is given: each that holds is shown from now on. */
export function catchUpOnAnswers(catalog: Catalog, models: readonly InstalledModel[]): void {
  const several = models.filter(({ manifest }) => answersOf(manifest) === 'any');
  if (several.length === 0) return;
  catalog.transaction(() => {
    const { changes } = catalog.run(
      "UPDATE models SET answers = 'any' WHERE answers = 'one' AND hash IN (SELECT value FROM json_each(?))",
      JSON.stringify(several.map(({ manifest }) => manifest.weights.sha256)),
    );
    if (changes) writeValue(catalog, 'showing', true);
  });
}

export const storeDoubt = (catalog: Catalog, { weights }: ModelManifest, threshold: number | null): void =>
  setDoubt(catalog, weights.sha256, threshold);

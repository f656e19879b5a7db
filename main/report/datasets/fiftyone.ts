/** FiftyOne's FiftyOneImageClassificationDataset: `labels.json` with absolute paths, so that no photo is copied. */
import { shownName } from '../../file-names.ts';
import {
  labelsOf,
  Numbered,
  sourceOf,
  type LabelledPhotos,
  type ReadLabels,
  type Whose,
} from './labelled.ts';
import { expectNames, isRecord, notOf } from './parsing.ts';

/** In parts. */
export async function* writeFiftyOne(photos: LabelledPhotos, whose: Whose): AsyncGenerator<string> {
  const classes = new Numbered();
  let begun = false;
  yield '{"labels":{';
  for await (const photo of photos.rows()) {
    const targets = labelsOf(photo, whose).map((label) => ({
      label: classes.of(label.label),
      confidence: label.confidence,
      attributes: { source: sourceOf(label) },
    }));
    // A field holds one label each or lists of them, not now this and now that.
    const said = photos.several ? (targets.length ? targets : null) : (targets[0] ?? null);
    yield `${begun ? ',' : ''}\n ${JSON.stringify(shownName(photo.file))}: ${JSON.stringify(said)}`;
    begun = true;
  }
  yield `\n},"classes":${JSON.stringify(classes.names)}}\n`;
}

/** @throws SaccadeError `bad-dataset` */
export function readFiftyOne(json: unknown): ReadLabels[] {
  if (!isRecord(json) || !isRecord(json['labels']))
    throw notOf(
      'FiftyOne',
      'an object with "labels" by picture, as FiftyOneImageClassificationDataset has it',
    );
  const { classes } = json;
  const names = Array.isArray(classes) ? expectNames(classes, 'FiftyOne') : null;
  const nameOf = (target: unknown): string[] => {
    if (target === null || target === undefined) return [];
    if (Array.isArray(target)) return target.flatMap(nameOf);
    if (isRecord(target)) return nameOf(target['label']);
    if (typeof target === 'string') return [target];
    const name = typeof target === 'number' ? names?.[target] : undefined;
    if (name === undefined) throw notOf('FiftyOne', `a class of "classes" by its number; found ${JSON.stringify(target)}`); // prettier-ignore
    return [name];
  };
  return Object.entries(json['labels']).map(([file, target]) => ({ file, labels: nameOf(target) }));
}

/** FiftyOne's FiftyOneImageClassificationDataset: `labels.json` with absolute paths, so that no photo is copied. */
import { shownName } from '../../file-names.ts';
import { labelsOf, Numbered, sourceOf, type LabelledPhoto, type ReadLabels, type Whose } from './labelled.ts';
import { expectNames, isRecord, notOf } from './parsing.ts';

export function writeFiftyOne(photos: readonly LabelledPhoto[], whose: Whose): string {
  const classes = new Numbered();
  const given = photos.map((photo) => labelsOf(photo, whose));
  // A field holds one label each or lists of them, not now this and now that.
  const several = given.some(({ length }) => length > 1);
  const labels = photos.map(({ file }, i): [string, unknown] => {
    const targets = given[i]!.map((label) => ({
      label: classes.of(label.label),
      confidence: label.confidence,
      attributes: { source: sourceOf(label) },
    }));
    return [shownName(file), several ? (targets.length ? targets : null) : (targets[0] ?? null)];
  });
  return `${JSON.stringify({ classes: classes.names, labels: Object.fromEntries(labels) }, null, 1)}\n`;
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

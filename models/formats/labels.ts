/** Class names out of the places where checkpoints keep them. */
import imagenet from '../labels/imagenet-1k.json' with { type: 'json' };
import type { Label } from '../manifest.ts';
import type { Fields } from './parse.ts';

/** Names twice in one model would be told apart by nobody: the index is added to the second. */
function unique(labels: Label[]): Label[] {
  const seen = new Set<string>();
  return labels.map((label, index) => {
    const id = seen.has(label.id) ? `${label.id} (${index})` : label.id;
    seen.add(id);
    return { ...label, id };
  });
}

export function labelsFromNames(names: string[]): Label[] {
  return unique(names.map((name) => ({ id: name, name })));
}

/** [WordNet id, name] of the 1000 classes of ImageNet-1k in the order that every checkpoint uses. */
export function imagenetLabels(): Label[] {
  return (imagenet as [string, string][]).map(([id, name]) => ({ id, name }));
}

export function numberedLabels(count: number): Label[] {
  return Array.from({ length: count }, (_, index) => ({ id: `class ${index}`, name: `class ${index}` }));
}

/** Hugging Face: `id2label` with every index from 0. @throws SaccadeError `bad-config` */
export function labelsFromId2Label(config: Fields, classes: number): Label[] {
  const table = config.object('id2label');
  return labelsFromNames(
    Array.from({ length: classes }, (_, index) => {
      const name = table.values[String(index)];
      if (typeof name !== 'string')
        throw config.error('id2label', `names for 0 to ${classes - 1}, one for ${index}`);
      return name;
    }),
  );
}

/**
 * timm: `label_names` (often WordNet ids) with `label_descriptions`; otherwise by custom the 1000 classes of
 * ImageNet-1k; otherwise numbers.
 */
export function labelsFromTimm(config: Fields, classes: number): Label[] {
  const names = config.values['label_names'];
  if (names !== undefined) {
    if (!Array.isArray(names) || names.length !== classes || !names.every((name) => typeof name === 'string'))
      throw config.error('label_names', `a list of ${classes} names`);
    const descriptions = config.objectOr('label_descriptions').values;
    return unique(
      names.map((id: string) => {
        const description = descriptions[id];
        return { id, name: typeof description === 'string' ? description : id };
      }),
    );
  }
  return classes === 1000 ? imagenetLabels() : numberedLabels(classes);
}

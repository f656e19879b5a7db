/** Class names out of the places where checkpoints keep them. */
import imagenet from '../labels/imagenet-1k.json' with { type: 'json' };
import { SaccadeError } from '../error.ts';
import type { Label } from '../manifest.ts';
import { open } from './answers.ts';
import { OpenAnswers } from './open-answers.ts';
import type { Fields } from './parse.ts';

/** Names twice in one model would be told apart by nobody: the index is added to the second. */
function unique(labels: Label[]): Label[] {
  const seen = new Set<string>();
  return labels.map((label, index) => {
    let { id } = label;
    while (seen.has(id)) id = `${id} (${index})`;
    seen.add(id);
    return { ...label, id };
  });
}

/** A class without a name goes by its number. */
export function labelsFromNames(names: string[]): Label[] {
  const shown = names.map((name, index) => (name.trim() ? name : `class ${index}`));
  return unique(shown.map((name) => ({ id: name, name })));
}

/** [WordNet id, name] of the 1000 classes of ImageNet-1k in the order that every checkpoint uses. */
export function imagenetLabels(): Label[] {
  return (imagenet as [string, string][]).map(([id, name]) => ({ id, name }));
}

export function numberedLabels(count: number): Label[] {
  return Array.from({ length: count }, (_, index) => ({ id: `class ${index}`, name: `class ${index}` }));
}

const isName = (value: unknown) => typeof value === 'string' || typeof value === 'number';

/** `id2label` in order: an object from index to name or a list; turned round, `label2id`; null: neither. */
function namesIn(config: Fields): unknown[] | null {
  if (config.has('id2label')) {
    const table = config.values['id2label'];
    if (Array.isArray(table)) return table as unknown[];
    const { values } = config.object('id2label');
    return Array.from({ length: Object.keys(values).length }, (_, index) => values[String(index)]);
  }
  if (!config.has('label2id')) return null;
  const names: unknown[] = [];
  for (const [name, index] of Object.entries(config.object('label2id').values))
    if (Number.isInteger(index) && (index as number) < 1_000_000) names[index as number] = name;
  return Array.from(names);
}

/** `label2id` may lack names, or hold those that come by default: what it says must not be said of another class. */
function expectOneTable(config: Fields, names: readonly unknown[]): void {
  if (!config.has('id2label') || !config.has('label2id')) return;
  const first = new Map<unknown, number>();
  for (const [index, name] of names.entries()) if (!first.has(name)) first.set(name, index);
  for (const [name, index] of Object.entries(config.object('label2id').values)) {
    const said = first.get(name);
    if (said !== undefined && names[Number(index)] !== name)
      throw new SaccadeError('bad-config', `config.json: "id2label" and "label2id" should name classes alike; found "${name}" as ${said} in the one and ${String(index)} in the other. Correct the one that is wrong.`); // prettier-ignore
  }
}

/**
 * Hugging Face: names for every index from 0. Where nothing names the classes, their numbers are their names.
 * @param classes rows of the head; null: as many as there are names
 * @throws SaccadeError `bad-config`
 */
export function labelsFor(config: Fields, classes: number | null): Label[] {
  const names = namesIn(config);
  const count = classes ?? names?.length ?? config.count('num_labels', 2);
  if (config.has('num_labels') && config.count('num_labels') !== count)
    throw config.error('num_labels', `${count}, as many classes as there are`);
  if (!names) return numberedLabels(count);
  const nameless = Array.from({ length: count }, (_, index) => index).find((index) => !isName(names[index]));
  if (names.length !== count || nameless !== undefined) {
    const found = names.length !== count ? `${names.length} names` : `none for ${nameless}`;
    const field = config.has('id2label') ? 'id2label' : 'label2id';
    throw new SaccadeError('bad-config', `config.json: "${field}" should name the classes 0 to ${count - 1}; found ${found}.`); // prettier-ignore
  }
  expectOneTable(config, names);
  return labelsFromNames(names.map(String));
}

/** @throws SaccadeError `wrong-labels` where a person named more or fewer classes than there are */
export function labelsSaid(said: string[], classes: number): Label[] {
  if (said.length !== classes)
    throw new OpenAnswers('wrong-labels', `The model tells ${classes} classes apart; found ${said.length} labels. Give the labels this model was trained with.`, open(['labels'], {}, { classes })); // prettier-ignore
  return labelsFromNames(said);
}

/** Where a configuration of timm names its classes: above, in `pretrained_cfg`, or under the name of before timm 0.9. */
export function timmNames(config: Fields): { at: Fields; field: string } | null {
  const inside = config.has('pretrained_cfg') ? [config.object('pretrained_cfg')] : [];
  for (const at of [config, ...inside]) if (at.has('label_names')) return { at, field: 'label_names' };
  return config.has('labels') ? { at: config, field: 'labels' } : null;
}

/**
 * Whether nothing names 1000 classes of timm's, so that by timm's own custom they are taken for ImageNet-1k's. Not where
 * the weights that they were made of were of another number of classes, or are told to be of another data set.
 */
export function isImagenetByCustom(config: Fields, classes: number): boolean {
  if (classes !== 1000 || timmNames(config)) return false;
  const from = config.has('pretrained_cfg') ? config.object('pretrained_cfg') : config;
  const { num_classes: before = classes, tag } = from.values;
  const [dataSet] = /[^_.]*$/.exec(typeof tag === 'string' ? tag : '') ?? [];
  return before === classes && !(dataSet !== 'in1k' && /^(in\d+k|inat\d*)$/.test(dataSet ?? ''));
}

/**
 * timm: names (often WordNet ids) with `label_descriptions`; otherwise by custom the 1000 classes of ImageNet-1k;
 * otherwise numbers.
 */
export function labelsFromTimm(config: Fields, classes: number): Label[] {
  const said = timmNames(config);
  if (!said) return isImagenetByCustom(config, classes) ? imagenetLabels() : numberedLabels(classes);
  const { at, field } = said;
  const names = at.values[field];
  if (!Array.isArray(names) || names.length !== classes || !names.every(isName))
    throw at.error(field, `a list of ${classes} names`);
  const { values: descriptions } = (config.has('label_descriptions') ? config : at).objectOr('label_descriptions'); // prettier-ignore
  return unique(
    names.map(String).map((id, index) => {
      const description = descriptions[id];
      if (!id.trim()) return { id: `class ${index}`, name: `class ${index}` };
      return { id, name: typeof description === 'string' ? description : id };
    }),
  );
}

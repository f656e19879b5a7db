/** COCO's images, categories and annotations, where an annotation is of the whole picture: without a box. */
import { isAbsolute, relative, sep } from 'node:path';
import { shownName } from '../../file-names.ts';
import {
  labelsOf,
  Numbered,
  sourceOf,
  type LabelledPhotos,
  type ReadLabels,
  type Whose,
} from './labelled.ts';
import { isRecord, notOf } from './parsing.ts';

/** Relative with slashes where it lies below the folder; absolute elsewhere. */
export function fileName(file: string, folder: string): string {
  const below = relative(folder, file);
  if (!below || isAbsolute(below) || below.split(sep)[0] === '..') return shownName(file);
  return shownName(below.split(sep).join('/'));
}

/** In parts. @param folder of the file that is written */
export async function* writeCoco(
  photos: LabelledPhotos,
  whose: Whose,
  folder: string,
): AsyncGenerator<string> {
  const categories = new Numbered();
  yield '{"info":{"description":"Labels of whole pictures, written by Saccade"},"licenses":[],"images":[';
  let image = 0;
  for await (const { file, width, height } of photos.rows()) {
    const size = width && height ? { width, height } : {};
    yield `${image ? ',' : ''}\n ${JSON.stringify({ id: ++image, file_name: fileName(file, folder), ...size })}`;
  }
  yield '\n],"annotations":[';
  let id = 0;
  image = 0;
  for await (const photo of photos.rows()) {
    image++;
    for (const label of labelsOf(photo, whose)) {
      const annotation = {
        id: ++id,
        image_id: image,
        category_id: categories.of(label.label) + 1,
        score: label.confidence ?? undefined,
        source: sourceOf(label),
      };
      yield `${id > 1 ? ',' : ''}\n ${JSON.stringify(annotation)}`;
    }
  }
  const named = categories.names.map((name, i) => ({ id: i + 1, name, supercategory: '' }));
  yield `\n],"categories":${JSON.stringify(named)}}\n`;
}

/** 1 and "1" are two numbers of images. */
const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 80) ?? 'nothing';

const twice = (what: string, id: unknown, first: unknown, second: unknown) =>
  notOf('COCO', `${what} with numbers of their own; found ${shown(id)} for ${shown(first)} and for ${shown(second)}`); // prettier-ignore

/** @throws SaccadeError `bad-dataset` */
export function readCoco(json: unknown): ReadLabels[] {
  const lists = ['images', 'annotations', 'categories'].map((name) => isRecord(json) && json[name]);
  const [images, annotations, categories] = lists;
  if (!Array.isArray(images) || !Array.isArray(annotations) || !Array.isArray(categories))
    throw notOf('COCO', 'an object with the lists "images", "annotations" and "categories"');
  const names = new Map<unknown, unknown>();
  for (const { id, name } of categories.filter(isRecord)) {
    if (names.has(id) && names.get(id) !== name) throw twice('categories', id, names.get(id), name);
    names.set(id, name);
  }
  const read = new Map<unknown, { file: string; labels: Set<string> }>();
  for (const image of images) {
    const file = isRecord(image) ? image['file_name'] : undefined;
    if (typeof file !== 'string') throw notOf('COCO', '"file_name" of every image');
    const { id } = image as Record<string, unknown>;
    const before = read.get(id);
    if (before && before.file !== file) throw twice('images', id, before.file, file);
    read.set(id, { file, labels: new Set() });
  }
  for (const annotation of annotations) {
    if (!isRecord(annotation)) throw notOf('COCO', 'objects as annotations');
    const image = read.get(annotation['image_id']);
    const name = names.get(annotation['category_id']);
    if (!image || typeof name !== 'string')
      throw notOf(
        'COCO',
        `annotations of images and categories that are listed; found image ${shown(annotation['image_id'])} and category ${shown(annotation['category_id'])}`,
      );
    image.labels.add(name);
  }
  return [...read.values()].map(({ file, labels }) => ({ file, labels: [...labels] }));
}

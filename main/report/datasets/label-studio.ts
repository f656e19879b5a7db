/**
 * Label Studio's tasks: a person's labels as annotations, a model's as predictions, pictures from a folder that it
 * serves (`LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`); and the labelling interface that fits them.
 */
import { posix } from 'node:path';
import { isPhotoName } from '../../decode/photo-extensions.ts';
import { shownName } from '../../file-names.ts';
import { fileName } from './coco.ts';
import type { LabelledPhoto, LabelledPhotos, ReadLabels, Whose } from './labelled.ts';
import { isRecord, notOf } from './parsing.ts';

const served = '/data/local-files/?d=';
const control = { from_name: 'label', to_name: 'image', type: 'choices' };
const result = (choices: readonly string[]) => [{ ...control, value: { choices } }];

/** In parts. @param root the folder that Label Studio serves */
export async function* writeLabelStudio(
  photos: LabelledPhotos,
  whose: Whose,
  root: string,
): AsyncGenerator<string> {
  let begun = false;
  yield '[';
  for await (const photo of photos.rows()) {
    yield `${begun ? ',' : ''}\n ${JSON.stringify(taskOf(photo, whose, root))}`;
    begun = true;
  }
  yield '\n]\n';
}

function taskOf({ file, person, predicted }: LabelledPhoto, whose: Whose, root: string): object {
  const predictions = predicted && [
    {
      model_version: predicted.model,
      // Of all of them together: that of the one that is least sure.
      score: Math.min(...predicted.labels.map(({ probability }) => probability)),
      result: result(predicted.labels.map(({ label }) => label)),
    },
  ];
  return {
    data: { image: served + fileName(file, root).split('/').map(encodeURIComponent).join('/') },
    annotations: whose !== 'model' && person.length ? [{ result: result(person) }] : undefined,
    predictions: whose === 'person' ? undefined : (predictions ?? undefined),
  };
}

const escaped = (text: string) =>
  shownName(text).replace(/[&<>"\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Text that no XML can hold (control characters) becomes a blank. */
export function labellingInterface(labels: readonly string[]): string {
  const choices = labels.map((label) => {
    const value = escaped(label.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' '));
    return `    <Choice value="${value}"/>\n`;
  });
  return `<View>\n  <Image name="image" value="$image"/>\n  <Choices name="label" toName="image" choice="multiple">\n${choices.join('')}  </Choices>\n</View>\n`;
}

/** What a task's address says of the file: a path below the served folder, or a name that was uploaded. */
function fileOf(address: string): string {
  const at = address.indexOf('?d=');
  if (at >= 0 && address.includes('/local-files/')) return decoded(address.slice(at + 3));
  const path = decoded(address.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, ''));
  // Uploads get eight digits before their name.
  if (/^\/?data\/upload\//.test(path))
    return path
      .split('/')
      .at(-1)!
      .replace(/^[0-9a-f]{8}-/, '');
  return path;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `to`: the name of what they are of; null: of anything. */
function choicesIn(results: unknown, to: string | null = null): string[] {
  if (!Array.isArray(results)) return [];
  return results.filter(isRecord).flatMap(({ type, value, to_name: of }) => {
    if (to !== null && of !== to) return [];
    const choices = type === 'choices' && isRecord(value) ? value['choices'] : null;
    return Array.isArray(choices) ? choices.filter((choice) => typeof choice === 'string') : [];
  });
}

/** Addresses of pictures by the name of their field, which the labelling interface chooses. */
function picturesIn(data: Record<string, unknown>): Map<string, string> {
  const texts = Object.entries(data).flatMap(([key, value]) =>
    [value].flat().flatMap((each): [string, string][] => (typeof each === 'string' ? [[key, each]] : [])),
  );
  // A title or a note may stand before it.
  const pictures = texts.filter(([key, text]) => key === 'image' || isPhotoName(fileOf(text)));
  // Of a list each has a name of its own, which no label is given to.
  return new Map(
    (pictures.length ? pictures : texts.slice(0, 1)).map(([key, text]) =>
      Array.isArray(data[key]) ? [`${key} ${text}`, text] : [key, text],
    ),
  );
}

function readTask(task: unknown): ReadLabels[] {
  const data = isRecord(task) ? task['data'] : null;
  const pictures = isRecord(data) ? picturesIn(data) : new Map<string, string>();
  if (!pictures.size) throw notOf('Label Studio', '"data" with the address of a picture in every task');
  const { annotations } = task as Record<string, unknown>;
  const kept = (Array.isArray(annotations) ? annotations : [])
    .filter(isRecord)
    .filter((annotation) => annotation['was_cancelled'] !== true);
  const results = kept.at(-1)?.['result'];
  const all = new Set(choicesIn(results));
  const files = [...pictures].map(([name, address]) => ({ name, file: fileOf(address) }));
  // Its name may stand beside its address.
  if (new Set(files.map(({ file }) => posix.basename(file))).size === 1)
    return [{ file: files[0]!.file, labels: [...all] }];
  const given = files.map(({ name, file }) => ({ file, labels: [...new Set(choicesIn(results, name))] }));
  if (!all.size || given.some(({ labels }) => labels.length)) return given;
  const usual = files.find(({ name }) => name === 'image');
  if (usual) return [{ file: usual.file, labels: [...all] }];
  const unclear = `its task has ${files.length} pictures, and the labels do not tell of which they are`;
  return given.map(({ file }) => ({ file, labels: [...all], unclear }));
}

/** The last annotation of each task that was not cancelled. @throws SaccadeError `bad-dataset` */
export function readLabelStudio(json: unknown): ReadLabels[] {
  if (!Array.isArray(json)) throw notOf('Label Studio', 'a list of tasks, as its export "JSON" has it');
  return json.flatMap(readTask);
}

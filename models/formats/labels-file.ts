/** Names of classes in a file of their own. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SaccadeError } from '../error.ts';
import { checkFile, fileIn } from '../folder.ts';
import type { Label } from '../manifest.ts';
import { imagenetLabels, labelsFromNames } from './labels.ts';

const megabyte = 1024 * 1024;
/** ImageNet-21k's names take 1 MB. */
const longestFile = 16 * megabyte;
const mostLabels = 100_000;

/** What `--labels` takes instead of a file. */
export const imagenet = 'imagenet-1k';

function refuse(file: string, found: string, cause?: unknown): SaccadeError {
  return new SaccadeError('bad-labels', `Expected ${basename(file)} to hold a class's name a line, or a JSON list of names; found ${found}.`, { cause }); // prettier-ignore
}

/** Without keeping them: ten million lines take gigabytes as strings. */
function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/**
 * Names from a text file, one a line, or from JSON: a list of names, of objects with "name" or "label", or an object
 * from index to name. The word `imagenet-1k`: the names of its 1000 classes.
 * @throws SaccadeError `bad-labels`, `unsafe-file`, `lfs-pointer`
 */
export function readLabels(file: string): Label[] {
  if (basename(file) === imagenet) return imagenetLabels();
  checkFile(file, longestFile);
  return parse(file);
}

/** The same of a file in a model's folder; null where there is none. */
export function readLabelsIn(file: string): Label[] | null {
  return fileIn(dirname(file), basename(file), longestFile) === null ? null : parse(file);
}

function parse(file: string): Label[] {
  return parseBytes(file, readFileSync(file), file.endsWith('.json'));
}

/**
 * The same of what such a file holds, or the word `imagenet-1k`.
 * @throws SaccadeError `bad-labels`
 */
export function labelsIn(text: string): Label[] {
  const trimmed = text.trim();
  return trimmed === imagenet
    ? imagenetLabels()
    : parseBytes('these names', Buffer.from(text), /^[[{]/.test(trimmed));
}

function parseBytes(file: string, bytes: Buffer, json: boolean): Label[] {
  if (!json && countLines(bytes) > mostLabels) throw refuse(file, `over ${mostLabels} lines`);
  const text = bytes.toString().replace(/^\uFEFF/, '');
  if (json) return fromJson(file, text);
  const names = text.split(/\r?\n/).map((line) => line.trim());
  while (names.at(-1) === '') names.pop();
  if (!names.length || names.includes('')) throw refuse(file, names.length ? 'an empty line' : 'nothing');
  return labelsFromNames(names);
}

function fromJson(file: string, text: string): Label[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse(file, 'no JSON', cause);
  }
  const object = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const list = Array.isArray(json)
    ? json
    : Array.from({ length: Object.keys(object).length }, (_, i) => object[i]);
  if (!list.length) throw refuse(file, 'no names');
  if (list.length > mostLabels) throw refuse(file, `over ${mostLabels} names`);
  return labelsFromNames(
    list.map((entry: unknown) => {
      const { name, label } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>; // prettier-ignore
      const found = [entry, name, label].find((value) => typeof value === 'string');
      if (typeof found !== 'string') throw refuse(file, 'an entry without one');
      return found;
    }),
  );
}

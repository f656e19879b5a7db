/** Names of classes in a file of their own. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SaccadeError } from '../error.ts';
import { checkFile, fileIn } from '../folder.ts';
import type { Label } from '../manifest.ts';
import { textIn } from '../text.ts';
import { imagenetLabels, labelsFromNames } from './labels.ts';

const megabyte = 1024 * 1024;
/** ImageNet-21k's names take 1 MB. */
const longestFile = 16 * megabyte;
const mostLabels = 100_000;
/** Characters: no name is as long, and looking for its number takes the square of it. */
const longestNumbered = 1000;

/** What `--labels` takes instead of a file. */
export const imagenet = 'imagenet-1k';

function refuse(file: string, found: string, cause?: unknown): SaccadeError {
  return new SaccadeError(
    'bad-labels',
    `Expected ${basename(file)} to hold a class's name a line, or a JSON list of names; found ${found}.`,
    { cause },
  );
}

/** Without keeping them: ten million lines take gigabytes as strings. Lines end as on any system. */
function countLines(bytes: Uint8Array): number {
  const ending = (mark: number) => {
    let lines = 1;
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) lines++;
    return lines;
  };
  return Math.max(ending(10), ending(13));
}

/**
 * Names from a text file, one a line, in the order of the classes or each with its number (so Python writes its
 * dictionaries, too); or from JSON: a list of names, of objects with "name" or "label" and perhaps their number, an
 * object from index to name, or from name to index. The word
 * `imagenet-1k`: the names of its 1000 classes.
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
  // What a window could not decode.
  if (text.includes('\uFFFD')) throw refuse('these names', 'bytes that are neither UTF-8 nor UTF-16');
  const trimmed = text.trim();
  return trimmed === imagenet
    ? imagenetLabels()
    : parseBytes('these names', Buffer.from(text), /^[[{]/.test(trimmed) && !pythonDictionary.test(trimmed));
}

/** Numbers as its keys: no JSON. */
const pythonDictionary = /^\s*\{\s*\d+\s*:/;

function parseBytes(file: string, bytes: Buffer, json: boolean): Label[] {
  if (!json && countLines(bytes) > mostLabels) throw refuse(file, `over ${mostLabels} lines`);
  const text = textIn(bytes);
  if (text === null) throw refuse(file, 'bytes that are neither UTF-8 nor UTF-16');
  if (json) return fromJson(file, text);
  const dictionary = pythonDictionary.test(text);
  const lines = dictionary ? text.trim().replace(/^\{|,?\s*\}$/g, '') : text;
  const names = lines.split(/\r\n|\r|\n/).map((line) => (dictionary ? line.trim().replace(/,$/, '') : line.trim())); // prettier-ignore
  while (names.at(-1) === '') names.pop();
  if (!names.length || names.includes('')) throw refuse(file, names.length ? 'an empty line' : 'nothing');
  const pairs = names.map(numbered);
  const header = pairs[0] === null && /^\W*(id|index|idx|class|label|name)\b/i.test(names[0]!);
  const ordered = inOrder(header ? pairs.slice(1) : pairs);
  if (dictionary && !ordered)
    throw refuse(file, 'a Python dictionary that does not number the classes, one a line');
  return labelsFromNames(ordered ?? names);
}

interface Numbered {
  index: number;
  name: string;
}

/** "3: cat", "3. cat", "3,cat", "3 cat", "cat,3", "cat: 3" or "cat 3"; null: a line without a class's number. */
function numbered(line: string): (Numbered & { spaced?: boolean }) | null {
  if (line.length > longestNumbered) return null;
  const [, before, mark, after] = /^(\d{1,7})(\s*[:,;=\t]\s*|[.)]\s+|\s+)(.+)$/.exec(line) ?? [];
  if (after !== undefined) return { index: Number(before), name: unquoted(after), spaced: mark === ' ' };
  const [, name, between, index] = /^(.+?)(\s*[,;:=\t]\s*|\s+)(\d{1,7})$/.exec(line) ?? [];
  if (name === undefined) return null;
  return { index: Number(index), name: unquoted(name), spaced: !/[,;\t]/.test(between!) };
}

/** As tables quote, or Python. */
function unquoted(cell: string): string {
  if (cell.length > 1 && cell.startsWith('"') && cell.endsWith('"'))
    return cell.slice(1, -1).replaceAll('""', '"');
  return /^'.+'$/s.test(cell) ? cell.slice(1, -1) : cell;
}

/**
 * Names by their numbers, from 0 or from 1, each once; null where they are no numbers of classes. "1 person" and
 * "2 people" are names.
 */
function inOrder(pairs: readonly ReturnType<typeof numbered>[]): string[] | null {
  if (!pairs.length) return null;
  const first = pairs.some((pair) => pair?.index === 0) ? 0 : 1;
  const names: string[] = [];
  for (const pair of pairs) {
    if (!pair || (first === 1 && pair.spaced)) return null;
    const at = pair.index - first;
    if (at < 0 || at >= pairs.length || names[at] !== undefined) return null;
    names[at] = pair.name;
  }
  // "0 fingers" and "2 fingers" are names too.
  if (pairs.some((pair) => pair?.spaced) && new Set(names).size < names.length) return null;
  return names;
}

function fromJson(file: string, text: string): Label[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse(file, 'no JSON', cause);
  }
  const object = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const entries = Object.entries(object);
  // From name to index, as torchvision's `class_to_idx` has them.
  const turned = Array.isArray(json)
    ? null
    : inOrder(entries.map(([name, index]) => (typeof index === 'number' ? { index, name } : null)));
  const list = Array.isArray(json) ? json : (turned ?? Array.from(entries, (_, i) => object[i]));
  if (!list.length) throw refuse(file, 'no names');
  if (list.length > mostLabels) throw refuse(file, `over ${mostLabels} names`);
  const names = list.map((entry: unknown) => {
    const { name, label } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>; // prettier-ignore
    // A pair of WordNet's id and the name, as Keras has them.
    const second: unknown = Array.isArray(entry) && entry.length === 2 ? entry[1] : undefined;
    const found = [entry, name, label, second].find((value) => typeof value === 'string');
    if (typeof found !== 'string') throw refuse(file, 'an entry without one');
    return found;
  });
  const numbers = Array.isArray(json) ? list.map(numberIn).filter((number) => number !== null) : [];
  const rise = numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
  if (rise || numbers.length < names.length) return labelsFromNames(names);
  const ordered = inOrder(names.map((name, i) => ({ index: numbers[i]!, name })));
  if (!ordered) throw refuse(file, 'numbers that neither rise nor count the classes');
  return labelsFromNames(ordered);
}

/** The class's number that an entry of a list brings along: `{"id": 3, "name": "cat"}`, `[3, "cat"]`. */
function numberIn(entry: unknown): number | null {
  const { id, index, label } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>; // prettier-ignore
  const first: unknown = Array.isArray(entry) ? entry[0] : undefined;
  const found = [index, id, label, first].find((value) => Number.isInteger(value));
  return (found as number | undefined) ?? null;
}

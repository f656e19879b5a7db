/** Hugging Face's imagefolder: pictures beside a `metadata.jsonl` whose `file_name` leads to each. */
import { shownName } from '../../file-names.ts';
import { sourceOf, type ReadLabels, type WrittenLabel } from './labelled.ts';
import { isRecord, notOf, parseJson } from './parsing.ts';

/** A line of metadata.jsonl. `several`: labels are lists, in every line. */
export function metadataLine(
  name: string,
  from: string,
  labels: readonly WrittenLabel[],
  several: boolean,
): string {
  const [first] = labels;
  const row = {
    file_name: name,
    ...(several ? { labels: labels.map(({ label }) => label) } : { label: first?.label ?? null }),
    source: first ? sourceOf(first) : null,
    confidence: first?.confidence ?? null,
    original: shownName(from),
  };
  return `${JSON.stringify(row)}\n`;
}

/** Gives every picture a name of its own that all systems can have, also where only case tells two apart. */
export class Names {
  readonly #taken = new Set<string>();

  of(name: string): string {
    const tidy = shownName(name)
      .replace(/[\u0000-\u001f<>:"/\\|?*]/g, '_')
      .replace(/[. ]+$/, '');
    const dot = tidy.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [tidy.slice(0, dot), tidy.slice(dot)] : [tidy || 'photo', ''];
    for (let i = 1; ; i++) {
      const tried = i === 1 ? stem + ending : `${stem}-${i}${ending}`;
      if (this.#taken.has(tried.toLowerCase())) continue;
      this.#taken.add(tried.toLowerCase());
      return tried;
    }
  }
}

/** @throws SaccadeError `bad-dataset` */
export function readImageFolder(text: string): ReadLabels[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  return lines.map((line, i) => {
    const row = parseJson(line, `line ${i + 1} of metadata.jsonl`);
    const name = isRecord(row) ? row['file_name'] : undefined;
    if (!isRecord(row) || typeof name !== 'string')
      throw notOf('imagefolder', `"file_name" in line ${i + 1}`);
    const original = row['original'];
    const given = row['labels'] ?? row['label'];
    const values = (Array.isArray(given) ? given : [given]).filter(
      (value) => value !== null && value !== undefined,
    );
    const labels = values.map((value) => {
      if (typeof value === 'string') return value;
      throw notOf('imagefolder', `names as labels; line ${i + 1} has ${JSON.stringify(value).slice(0, 40)}, which stands for a class that the file does not name`); // prettier-ignore
    });
    return { file: typeof original === 'string' ? original : name, labels };
  });
}

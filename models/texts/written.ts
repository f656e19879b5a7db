/**
 * Labels written in words: a line each, with other words for the same after a bar ("a receipt | a till slip"), and a
 * name of its own before an equals sign ("小票 = a receipt | a till slip"). Each is said in several phrasings, whose
 * embeddings are averaged (Radford et al. 2021, section 3.1.4).
 */
import { SaccadeError } from '../error.ts';
import { half, type Head, type HeadFit } from '../heads/head.ts';
import { checkLabelNames, nameKey, noneOfThese, saysNone, tidyName } from '../heads/label-names.ts';
import type { Note } from '../heads/report.ts';
import type { Label } from '../manifest.ts';

export interface Written {
  labels: Label[];
  /** Of each label; where none is given, its name is the first. */
  phrases: string[][];
  /** What "none of these" looks like; empty: one of the labels it is. */
  none: string[];
  /** `{}` stands for a phrase. */
  templates: string[];
}

const phrasesOf = (text: string) => text.split('|').map(tidyName).filter(Boolean);

function readLine(line: string): { name: string; phrases: string[] } {
  const [first = '', ...rest] = line.split('=');
  if (!rest.length) return { name: phrasesOf(first)[0] ?? '', phrases: phrasesOf(first) };
  const phrases = phrasesOf(rest.join('='));
  if (!phrases.length)
    throw new SaccadeError(
      'empty-text',
      `Expected words for "${tidyName(first)}" after the equals sign; found none. Write what the model should look for, or take the sign out.`,
    );
  return { name: tidyName(first), phrases };
}

/** @throws SaccadeError `empty-label`, `labels-alike`, `bad-template`, `empty-text`, `contradictory-words` */
export function parseWritten(
  lines: readonly string[],
  { templates, none }: { templates: readonly string[]; none: readonly string[] },
): Written {
  const read = lines.filter((line) => line.trim()).map(readLine);
  const names = read.map(({ name }) => name);
  checkLabelNames(names);
  const alike = names.find(saysNone);
  if (alike !== undefined)
    throw new SaccadeError(
      'labels-alike',
      `Expected no label called "${alike}": a photo is called so that is none of the labels. Give those words as what none of these looks like, or name the label otherwise.`,
    );
  if (!names.length)
    throw new SaccadeError(
      'empty-label',
      'Expected at least one label, a line each; found none. Write what the photos may show, such as "a receipt | a till slip".',
    );
  const wrong = templates.find((template) => !template.includes('{}'));
  if (wrong !== undefined || !templates.length)
    throw new SaccadeError(
      'bad-template',
      `A template should say with {} where a label's words go, as in "a photo of {}"; found ${wrong === undefined ? 'none' : `"${wrong}"`}.`,
    );
  const written = {
    labels: names.map((name) => ({ id: name, name })),
    phrases: read.map(({ phrases }) => phrases),
    none: none.map(tidyName).filter(Boolean),
    templates: templates.map((template) => template.trim()),
  };
  checkPhrases(written);
  return written;
}

/** Words that stand for two labels would say of every such photo that it is both. */
function checkPhrases({ labels, phrases, none }: Written): void {
  const ofLabel = new Map<string, string>();
  for (const [row, own] of [...phrases, none].entries()) {
    const name = labels[row]?.name ?? noneOfThese.name;
    for (const phrase of own) {
      const before = ofLabel.get(nameKey(phrase));
      if (before !== undefined && before !== name)
        throw new SaccadeError(
          'contradictory-words',
          `Expected each phrase to stand for one label; "${phrase}" stands for "${before}" and for "${name}". Take it out of one of them.`,
        );
      ofLabel.set(nameKey(phrase), name);
    }
  }
}

/** Tells which texts were cut. @param cut places of them in `texts` */
export function cutNotes(texts: readonly string[], cut: readonly number[], positions: number): Note[] {
  if (!cut.length) return [];
  const shown = cut.slice(0, 3).map((i) => `"${texts[i]!.slice(0, 60)}…"`);
  const more = cut.length > shown.length ? ` and ${cut.length - shown.length} more` : '';
  return [
    {
      code: 'text-cut',
      message: `Texts of at most ${positions} tokens are read, about ${Math.floor(positions / 1.5)} words; what follows was left out of ${shown.join(', ')}${more}. Say it in fewer words.`,
    },
  ];
}

/** Tells that phrases of "none of these" were left out, where somebody chose them. */
export function noneNotes(none: readonly string[] | undefined, usual: readonly string[]): Note[] {
  if (!none?.length || none.join() === usual.join()) return [];
  const message = `This model answers each label by itself, so a photo may be none of them without words for that; "${none[0]!.slice(0, 60)}"${none.length > 1 ? ` and ${none.length - 1} more` : ''} of "none of these" were left out.`;
  return [{ code: 'none-by-itself', message }];
}

/** All texts whose embeddings the head is made of, label by label, then those of "none of these". */
export function phrasings({ phrases, none, templates }: Written): string[] {
  const said = (phrase: string) => templates.map((template) => template.replaceAll('{}', phrase));
  return [...phrases, none].flatMap((own) => own.flatMap(said));
}

/**
 * @param embeds [texts, F], of length 1: the tower's answers to `phrasings`
 * @param reading what the model multiplies cosines by, and adds. With a bias (SigLIP) each label is answered by itself,
 *   so that a photo may be none of them without phrases for that.
 */
export function headOfTexts(
  written: Written,
  embeds: Float32Array,
  { scale, bias }: { scale: number; bias: number | null },
  name: string,
  fits: HeadFit,
): Head {
  const { labels, phrases, none, templates } = written;
  const { length } = fits;
  const rows = none.length ? [...phrases, none] : phrases;
  const weight = new Float32Array(rows.length * length);
  let text = 0;
  for (const [row, own] of rows.entries()) {
    const mean = new Float64Array(length);
    for (let said = own.length * templates.length; said > 0; said--, text++)
      for (let i = 0; i < length; i++) mean[i]! += embeds[text * length + i]!;
    const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)) || 1;
    weight.set(
      mean.map((value) => value / norm),
      row * length,
    );
  }
  return {
    name,
    kind: 'written',
    reads: { how: 'cosine', scale },
    answers: bias === null ? 'one' : 'any',
    labels,
    none: none.length > 0,
    calibration: { temperature: 1 },
    doubt: { threshold: half },
    fits,
    origin: { from: 'texts', templates, phrases, none },
    weight,
    bias: new Float32Array(rows.length).fill(bias ?? 0),
  };
}

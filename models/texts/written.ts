/**
 * Labels written in words: a line each, with other words for the same after a bar ("a receipt | a till slip"). Each is
 * said in several phrasings, whose embeddings are averaged (Radford et al. 2021, section 3.1.4).
 */
import { SaccadeError } from '../error.ts';
import { type Head, type HeadFit } from '../heads/head.ts';
import { checkLabelNames, tidyName } from '../heads/label-names.ts';
import type { Label } from '../manifest.ts';

export interface Written {
  labels: Label[];
  /** Of each label; the first is its name. */
  phrases: string[][];
  /** What "none of these" looks like; empty: one of the labels it is. */
  none: string[];
  /** `{}` stands for a phrase. */
  templates: string[];
}

/** As in most captions that CLIP learnt from, and bare. */
export const usualTemplates = ['a photo of {}', 'a picture of {}', '{}'];
/** Phrases that fit any photo: what is likelier than these is something. */
export const neutralPhrases = ['something', 'a thing', 'a scene', 'an image'];

/** @throws SaccadeError `empty-label`, `labels-alike`, `bad-template` */
export function parseWritten(
  lines: readonly string[],
  { templates = usualTemplates, none = [] }: { templates?: readonly string[]; none?: readonly string[] } = {},
): Written {
  const phrases = lines
    .filter((line) => line.trim())
    .map((line) => line.split('|').map(tidyName).filter(Boolean));
  const names = phrases.map(([first = '']) => first);
  checkLabelNames(names);
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
  return {
    labels: names.map((name) => ({ id: name, name })),
    phrases,
    none: none.map(tidyName).filter(Boolean),
    templates: [...templates],
  };
}

/** All texts whose embeddings the head is made of, label by label, then those of "none of these". */
export function phrasings({ phrases, none, templates }: Written): string[] {
  const said = (phrase: string) => templates.map((template) => template.replaceAll('{}', phrase));
  return [...phrases, none].flatMap((own) => own.flatMap(said));
}

/**
 * @param embeds [texts, F], of length 1: the tower's answers to `phrasings`
 * @param scale what the model multiplies cosines by
 */
export function headOfTexts(
  written: Written,
  embeds: Float32Array,
  scale: number,
  name: string,
  fits: HeadFit,
): Head {
  // prettier-ignore
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
    answers: 'one',
    labels,
    none: none.length > 0,
    calibration: { temperature: 1 },
    doubt: null,
    fits,
    origin: { from: 'texts', templates, phrases, none },
    weight,
    bias: new Float32Array(rows.length),
  };
}

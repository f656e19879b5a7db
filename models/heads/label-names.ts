/** Names that people give: which of them are the same. */
import { SaccadeError } from '../error.ts';
import type { Label } from '../manifest.ts';

/** As it is stored: composed (NFC), outer spaces gone, inner ones single. */
export function tidyName(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** What two names share that nobody tells apart: NFKC with case folded. */
export function nameKey(name: string): string {
  return tidyName(name).normalize('NFKC').toLowerCase().toUpperCase().toLowerCase();
}

/** What a head answers for a photo that is none of its labels. No label of another name has its id. */
export const noneOfThese: Label = {
  id: 'none of these',
  name: 'none of these',
  names: { 'zh-CN': '以上皆非' },
};

/** @throws SaccadeError `labels-alike`, `empty-label` */
export function checkLabelNames(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = nameKey(name);
    if (!key)
      throw new SaccadeError(
        'empty-label',
        'A label should have a name; found one that is empty. Write a name, or take the line out.',
      );
    const before = seen.get(key);
    if (before !== undefined)
      throw new SaccadeError(
        'labels-alike',
        before === name
          ? `The label "${name}" is there twice; each should stand once. Take one out.`
          : `The labels "${before}" and "${name}" differ only in case, spaces or the form of their characters, so nobody could tell them apart. Make them one, or rename one.`,
      );
    seen.set(key, name);
  }
}

/** In all languages. */
export const namesOf = ({ name, names = {} }: Label): string[] => [name, ...Object.values(names)];

/** Whether two labels share a name, in whatever language: "ship", which is 船 in Chinese, and a person's 船. */
export function sameLabel(one: Label, other: Label): boolean {
  const keys = (label: Label) => namesOf(label).map(nameKey);
  const known = new Set(keys(one));
  return keys(other).some((key) => known.has(key));
}

/** Whether a name that a person gave is one of the label's, in whatever language. */
export const isCalled = (label: Label, name: string): boolean => sameLabel(label, { id: name, name });

/** Whether a label's name, as a person or a folder gives it in whatever language, says that a photo is none of the labels. */
export const saysNone = (name: string): boolean => isCalled(noneOfThese, name);

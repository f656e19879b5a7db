import type { Act, SharedSidecar } from '../../main/contract/entities/review.ts';
import type { Words } from '../words/en.ts';

const nameOf = (path: string) => path.split(/[\\/]/).at(-1)!;

/** Of sidecars that stayed where they were, a sentence for those that were copied and one for the others. */
export function sharedText(words: Words, shared: readonly SharedSidecar[]): string[] {
  return [true, false].flatMap((copied) => {
    const [first, ...more] = shared.filter((each) => each.copied === copied);
    if (!first) return [];
    const sentence = copied ? words.sharedCopied : words.sharedStays;
    return [sentence(nameOf(first.path), nameOf(first.with), more.length)];
  });
}

const ofLabels: readonly Act['kind'][] = ['label', 'add', 'remove', 'reject'];

/** What was done, as a sentence. @param labelNamed what a label is called in the words' language */
export function actText(
  words: Words,
  { kind, about, photos }: Pick<Act, 'kind' | 'about' | 'photos'>,
  labelNamed: (name: string) => string,
): string {
  const names = about
    .map((name) => words.quoted(ofLabels.includes(kind) ? labelNamed(name) : name))
    .join(', ');
  const many = words.photos(photos);
  switch (kind) {
    case 'confirm':
      return words.actConfirm(many);
    case 'label':
    case 'add':
      return words.actLabel(names, many);
    case 'remove':
      return words.actRemove(names, many);
    case 'reject':
      return names ? words.actReject(names, many) : words.actRejectFirst(many);
    case 'none':
      return words.actNone(many);
    case 'clear':
      return words.actClear(many);
    case 'distinguish':
      return words.actDistinguish(many);
    case 'move':
      return words.actMove(many, names);
    case 'trash':
      return words.actTrash(many);
    case 'teach-head':
      return words.actTeach(names);
    case 'write-head':
      return words.actWrite(names);
    case 'rename-head':
      return words.actRename(names);
    case 'remove-head':
      return words.actRemoveSet(names);
    case 'save-search':
      return words.actSaveSearch(names);
    case 'rename-search':
      return words.actRenameSearch(names);
    case 'remove-search':
      return words.actRemoveSearch(names);
    case 'import':
      return words.actImport(names, many);
  }
}

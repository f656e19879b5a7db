/** Sentences about photos of a selection that an export does not have. */
export function leftOut({ missing = 0, changed = 0 }: { missing?: number; changed?: number }): string[] {
  const notes: string[] = [];
  if (missing) notes.push(`${missing} ${missing === 1 ? 'photo is' : 'photos are'} not there any more and left out.`); // prettier-ignore
  if (changed)
    notes.push(
      `${changed} ${changed === 1 ? 'photo is another file' : 'photos are other files'} now than what was read and left out. Look for changes, and classify again.`,
    );
  return notes;
}

/** Labels in a line, with commas between and, as in ImageNet's "tench, Tinca tinca", within them. Pure. */

const partsOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Those that have commas, by how they stand in a line. */
export function withCommas(names: Iterable<string>): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const name of names) if (name.includes(',')) known.set(partsOf(name).join(', '), name);
  return known;
}

/** Each once, in their order: the longest that is known first. @param known of `withCommas` */
export function namesIn(line: string, known: ReadonlyMap<string, string>): string[] {
  const parts = partsOf(line);
  const names = new Set<string>();
  for (let at = 0; at < parts.length;) {
    let end = known.size ? parts.length : at + 1;
    const until = () => parts.slice(at, end).join(', ');
    while (end > at + 1 && !known.has(until())) end--;
    names.add(known.get(until()) ?? until());
    at = end;
  }
  return [...names];
}

/** The line with that name in the place of what was typed of it, which may be more than stands after the last comma. */
export function completed(line: string, name: string): string {
  const parts = line.split(',').map((part) => part.trim());
  const whole = partsOf(name).join(', ').toLocaleLowerCase();
  const begins = (from: number) => whole.startsWith(parts.slice(from).join(', ').toLocaleLowerCase());
  let from = parts.length - 1;
  while (from > 0 && parts[from - 1] && begins(from - 1)) from--;
  return [...parts.slice(0, from), name].join(', ');
}

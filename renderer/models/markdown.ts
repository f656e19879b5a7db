/**
 * The part of Markdown that model cards use, as a tree that is drawn element by element: no HTML is ever made from
 * a card's text, so nothing in it can run, load or link. Pure.
 */
export type Inline = { kind: 'text' | 'strong' | 'em' | 'code'; text: string };
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; inline: Inline[] }
  | { kind: 'paragraph'; inline: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

const pieces = /(`[^`]+`)|(\*\*[^*]+\*\*)|(__[^_]+__)|(\*[^*\s][^*]*\*|(?<!\w)_[^_\s][^_]*_(?!\w))/g;

/** Links become their text, with the address behind it where that says more. */
function withoutLinks(text: string): string {
  return text
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]+)\]\(([^)\s]+)[^)]*\)/g, (_all, name: string, address: string) =>
      name === address ? name : `${name} (${address})`,
    )
    .replace(/<(https?:[^>]+)>/g, '$1');
}

export function inlineOf(text: string): Inline[] {
  const parts: Inline[] = [];
  let at = 0;
  const plain = withoutLinks(text);
  for (const match of plain.matchAll(pieces)) {
    if (match.index > at) parts.push({ kind: 'text', text: plain.slice(at, match.index) });
    const [whole, code, strong, strong2] = match;
    if (code) parts.push({ kind: 'code', text: whole.slice(1, -1) });
    else if (strong || strong2) parts.push({ kind: 'strong', text: whole.slice(2, -2) });
    else parts.push({ kind: 'em', text: whole.slice(1, -1) });
    at = match.index + whole.length;
  }
  if (at < plain.length) parts.push({ kind: 'text', text: plain.slice(at) });
  return parts;
}

const cells = (line: string) =>
  line
    .replace(/^\s*\||\|\s*$/g, '')
    .split('|')
    .map((cell) => inlineOf(cell.trim()));
const bullet = /^\s*([-*+]|\d+[.)])\s+(.*)$/;

export function blocksOf(card: string): Block[] {
  const lines = card
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .split(/\r?\n/);
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (!line.trim()) i++;
    else if (heading) {
      blocks.push({
        kind: 'heading',
        level: Math.min(3, heading[1]!.length) as 1 | 2 | 3,
        inline: inlineOf(heading[2]!),
      });
      i++;
    } else if (/^\s*```/.test(line)) {
      const end = lines.findIndex((other, at) => at > i && /^\s*```/.test(other));
      blocks.push({ kind: 'code', text: lines.slice(i + 1, end < 0 ? undefined : end).join('\n') });
      i = end < 0 ? lines.length : end + 1;
    } else if (line.includes('|') && /^\s*\|?[\s:|-]+\|[\s:|-]*$/.test(lines[i + 1] ?? '')) {
      const head = cells(line);
      const rows: Inline[][][] = [];
      for (i += 2; i < lines.length && lines[i]!.includes('|'); i++) rows.push(cells(lines[i]!));
      blocks.push({ kind: 'table', head, rows });
    } else if (bullet.test(line)) {
      const items: string[] = [];
      const ordered = /^\s*\d/.test(line);
      for (; i < lines.length && lines[i]!.trim(); i++) {
        const item = bullet.exec(lines[i]!);
        if (item) items.push(item[2]!);
        else items[items.length - 1] += ` ${lines[i]!.trim()}`;
      }
      blocks.push({ kind: 'list', ordered, items: items.map(inlineOf) });
    } else {
      const text: string[] = [];
      for (; i < lines.length && lines[i]!.trim() && !/^(#{1,6}\s|\s*```)/.test(lines[i]!); i++)
        text.push(lines[i]!.trim());
      blocks.push({ kind: 'paragraph', inline: inlineOf(text.join(' ')) });
    }
  }
  return blocks;
}

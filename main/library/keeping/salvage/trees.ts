/** Rows of a B-tree whose pages are partly lost, and pages that no tree leads to any more. */
import { readNode, readRecord, viewOf, type Cell, type Node, type Value } from './nodes.ts';
import type { Pages } from './pages.ts';

export interface Row {
  /** 0 where the tree has none. */
  rowid: number;
  values: Value[];
}

interface Branch {
  page: number;
  /** Rowids on it are above `low` and at most `high`. */
  low: number;
  high: number;
}

/**
 * From the root down. Null stands for something that is lost: a page with all below it, or a record. `met`: pages that
 * some tree has; those of this one are added.
 */
export function* walk(pages: Pages, root: number, met: Set<number>): Generator<Row | null> {
  for (const node of nodesOf(pages, root, met))
    if (node) yield* rowsOn(pages, node, met);
    else yield null;
}

/** As `walk`, of pages. */
export function* nodesOf(pages: Pages, root: number, met: Set<number>): Generator<Node | null> {
  const branches: Branch[] = [{ page: root, low: -Infinity, high: Infinity }];
  const byRowid = readNode(pages.read(root), root)?.byRowid;
  for (let branch = branches.pop(); branch; branch = branches.pop()) {
    const node = nodeOf(pages, branch, byRowid, met);
    if (node) branches.push(...below(node, branch).reverse());
    yield node;
  }
}

function nodeOf(pages: Pages, { page, low, high }: Branch, byRowid: boolean | undefined, met: Set<number>) {
  if (page < 1 || page > pages.count || met.has(page)) return null;
  const node = readNode(pages.read(page), page);
  if (!node || node.byRowid !== byRowid) return null;
  if (byRowid && node.cells.some(({ rowid }) => rowid <= low || rowid > high)) return null;
  met.add(page);
  return node;
}

function below(node: Node, { low, high }: Branch): Branch[] {
  if (node.leaf) return [];
  const branches = node.cells.map(({ child, rowid }, i) => ({
    page: child,
    low: node.byRowid ? (node.cells[i - 1]?.rowid ?? low) : low,
    high: node.byRowid ? rowid : high,
  }));
  const last = node.cells.at(-1);
  return [...branches, { page: node.right, low: node.byRowid && last ? last.rowid : low, high }];
}

function* rowsOn(pages: Pages, node: Node, met: Set<number>): Generator<Row | null> {
  for (const cell of node.cells) {
    if (cell.length < 0) continue;
    const record = wholeRecord(pages, cell, met);
    const values = record && readRecord(record);
    yield values && { rowid: cell.rowid, values };
  }
}

function wholeRecord(pages: Pages, { length, local, overflow }: Cell, met: Set<number>): Uint8Array | null {
  if (overflow === 0) return local;
  if (length > pages.count * pages.size) return null;
  const record = new Uint8Array(length);
  record.set(local);
  let at = local.length;
  for (let number = overflow; at < length;) {
    const page = number === 0 || met.has(number) ? null : pages.read(number);
    if (!page) return null;
    met.add(number);
    const part = page.subarray(4, 4 + length - at);
    record.set(part, at);
    at += part.length;
    number = viewOf(page).getUint32(0);
    if (at === length && number !== 0) return null;
  }
  return record;
}

/** Pages of a damaged tree, with the rows on each: only where it is known which pages hold nothing any more. */
export function* orphans(
  pages: Pages,
  met: Set<number>,
): Generator<{ byRowid: boolean; rows: (Row | null)[] }> {
  if (!pages.free) return;
  for (let number = 2; number <= pages.count; number++) {
    if (met.has(number) || pages.free.has(number)) continue;
    const node = readNode(pages.read(number), number);
    if (node) yield { byRowid: node.byRowid, rows: [...rowsOn(pages, node, met)] };
  }
}

export interface SchemaRow {
  type: string;
  name: string;
  root: number;
  sql: string | null;
}

/** What the file says it holds; where its first page is lost, what the pages say that it led to. */
export function schemaOf(pages: Pages, met: Set<number>): SchemaRow[] {
  const first = readNode(pages.read(1), 1);
  const rows = first ? [...walk(pages, 1, met)] : schemaPages(pages);
  const found = rows.flatMap((row) => (row && schemaRow(row)) ?? []);
  // Two that contradict each other: one is of an earlier shape.
  return found.filter(({ name, root }) => !found.some((other) => other.name === name && other.root !== root));
}

function schemaPages(pages: Pages): Row[] {
  const found: Row[] = [];
  for (let number = 2; number <= pages.count; number++) {
    const node = readNode(pages.read(number), number);
    if (!node?.byRowid || !node.leaf) continue;
    const rows = [...rowsOn(pages, node, new Set())];
    if (rows.length && rows.every((row) => row && schemaRow(row))) found.push(...(rows as Row[]));
  }
  return found;
}

function schemaRow({ values }: Row): SchemaRow | null {
  const [type, name, table, root, sql] = values;
  if (values.length !== 5 || typeof name !== 'string' || typeof table !== 'string') return null;
  if (type !== 'table' && type !== 'index' && type !== 'trigger' && type !== 'view') return null;
  if (typeof root !== 'number' || (sql !== null && typeof sql !== 'string')) return null;
  return { type, name, root, sql: sql ?? null };
}

/**
 * One page of a B-tree and the records on it. A page is taken whole or not at all: every byte of it has to be accounted
 * for, so that what somebody else wrote over a part of it is not read as an answer.
 */
export type Value = number | string | Uint8Array | null;

export interface Cell {
  /** The page below, left of this cell; 0 on leaves. */
  child: number;
  /** Of tables that have one. */
  rowid: number;
  /** The record's bytes in all; −1: the cell has none, as inside a table. */
  length: number;
  /** Those that are on this page. */
  local: Uint8Array;
  /** First page with the others, or 0. */
  overflow: number;
}

export interface Node {
  /** Of a table by rowid; otherwise of an index, or of a table by its key. */
  byRowid: boolean;
  leaf: boolean;
  cells: Cell[];
  /** The rightmost page below; 0 on leaves. */
  right: number;
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

class NotWhole extends Error {}

/** SQLite's varint: big-endian, seven bits a byte, all eight of the ninth. Beyond 2⁵³ it is no number of ours. */
function varint(view: DataView, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = view.getUint8(at + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw new NotWhole();
}

/** Null: this is no such page, or not all of it is. */
export function readNode(page: Uint8Array | null, number: number): Node | null {
  if (!page) return null;
  try {
    return parsed(page, number === 1 ? 100 : 0);
  } catch (error) {
    if (error instanceof NotWhole || error instanceof RangeError) return null;
    throw error;
  }
}

export const isNode = (page: Uint8Array | null, number: number): boolean => readNode(page, number) !== null;

function parsed(page: Uint8Array, start: number): Node {
  const view = viewOf(page);
  const kind = view.getUint8(start);
  if (kind !== 2 && kind !== 5 && kind !== 10 && kind !== 13) throw new NotWhole();
  const byRowid = kind === 5 || kind === 13;
  const leaf = kind > 5;
  const count = view.getUint16(start + 3);
  const content = view.getUint16(start + 5) || 65536;
  const pointers = start + (leaf ? 8 : 12);
  if (pointers + 2 * count > content || content > page.length) throw new NotWhole();
  const extents: [from: number, to: number][] = [];
  const cells: Cell[] = [];
  for (let i = 0; i < count; i++) {
    const from = view.getUint16(pointers + 2 * i);
    const { cell, to } = readCell(page, view, from, byRowid, leaf);
    cells.push(cell);
    extents.push([from, Math.max(to, from + 4)]);
  }
  for (let block = view.getUint16(start + 1); block !== 0;) {
    const next = view.getUint16(block);
    extents.push([block, block + view.getUint16(block + 2)]);
    if (next !== 0 && next <= block) throw new NotWhole();
    block = next;
  }
  const gaps = gapsBetween(extents, content, page.length);
  if (gaps !== view.getUint8(start + 7)) throw new NotWhole();
  if (byRowid && cells.some(({ rowid }, i) => i > 0 && rowid <= cells[i - 1]!.rowid)) throw new NotWhole();
  return { byRowid, leaf, cells, right: leaf ? 0 : view.getUint32(start + 8) };
}

/** Bytes that belong to nothing. */
function gapsBetween(extents: [number, number][], content: number, end: number): number {
  let gaps = 0;
  let at = content;
  for (const [from, to] of extents.sort(([a], [b]) => a - b)) {
    if (from < at || to > end) throw new NotWhole();
    gaps += from - at;
    at = to;
  }
  return gaps + end - at;
}

function readCell(page: Uint8Array, view: DataView, from: number, byRowid: boolean, leaf: boolean) {
  let at = from;
  const child = leaf ? 0 : view.getUint32(at);
  if (!leaf) at += 4;
  let length = -1;
  let rowid = 0;
  if (leaf || !byRowid) [length, at] = varint(view, at);
  if (byRowid) [rowid, at] = varint(view, at);
  if (length < 0) return { cell: { child, rowid, length, local: new Uint8Array(), overflow: 0 }, to: at };
  const here = bytesHere(length, page.length, byRowid);
  const spills = here < length;
  const overflow = spills ? view.getUint32(at + here) : 0;
  const to = at + here + (spills ? 4 : 0);
  if (to > page.length || (spills && overflow === 0)) throw new NotWhole();
  return { cell: { child, rowid, length, local: page.subarray(at, at + here), overflow }, to };
}

/** How much of a record stays on its page. */
function bytesHere(length: number, size: number, byRowid: boolean): number {
  const most = byRowid ? size - 35 : Math.floor(((size - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((size - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (size - 4));
  return fitting <= most ? fitting : least;
}

/** Null: the record is not what it says. */
export function readRecord(record: Uint8Array): Value[] | null {
  try {
    return valuesOf(record);
  } catch (error) {
    if (error instanceof NotWhole || error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const integerBytes = [0, 1, 2, 3, 4, 6, 8] as const;

function valuesOf(record: Uint8Array): Value[] {
  const view = viewOf(record);
  let [header, at] = varint(view, 0);
  const end = header;
  const values: Value[] = [];
  while (at < end) {
    const [type, next] = varint(view, at);
    at = next;
    const [value, bytes] = valueAt(record, view, header, type);
    values.push(value);
    header += bytes;
  }
  if (at !== end || header !== record.length) throw new NotWhole();
  return values;
}

function valueAt(record: Uint8Array, view: DataView, at: number, type: number): [Value, bytes: number] {
  if (type === 0) return [null, 0];
  if (type === 8 || type === 9) return [type - 8, 0];
  if (type === 7) return [view.getFloat64(at), 8];
  if (type === 10 || type === 11) throw new NotWhole();
  if (type < 7) {
    const bytes = integerBytes[type]!;
    let value = view.getInt8(at);
    for (let i = 1; i < bytes; i++) value = value * 256 + view.getUint8(at + i);
    if (!Number.isSafeInteger(value)) throw new NotWhole();
    return [value, bytes];
  }
  const bytes = Math.floor((type - 12) / 2);
  if (at + bytes > record.length) throw new NotWhole();
  const part = record.subarray(at, at + bytes);
  return [type % 2 ? utf8.decode(part) : part, bytes];
}

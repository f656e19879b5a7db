/**
 * The pages of an SQLite file without SQLite, which refuses all of a file for a header or a page that is damaged. After
 * https://www.sqlite.org/fileformat2.html. The newest of each page counts, also where it is still in the write-ahead log.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isNode, viewOf } from './nodes.ts';

export interface Pages {
  /** Bytes of a page; nothing of it is kept for extensions. */
  size: number;
  count: number;
  /** As the catalog's shape is numbered; null: the file does not say it any more. */
  version: number | null;
  /** Numbered from 1. Null: beyond the file's end, or the disk does not give it. */
  read(number: number): Uint8Array | null;
  /** Pages that hold nothing any more, whatever stands in them. Null: the list of them can't be read. */
  free: ReadonlySet<number> | null;
  close(): void;
}

const magic = new TextEncoder().encode('SQLite format 3\0');
/** Of catalogs, the newest shape first. */
const sizes = [8192, 4096];
/** Enough to tell which size makes sense of a file whose header is gone. */
const sampled = 500;

export function openPages(path: string): Pages {
  const file = openSync(path, 'r');
  const { size: bytes } = fstatSync(file);
  const stored = (number: number, size: number): Uint8Array | null => {
    const page = new Uint8Array(size);
    try {
      return readSync(file, page, 0, size, (number - 1) * size) === size ? page : null;
    } catch (error) {
      // A sector that the disk does not give any more.
      if ((error as NodeJS.ErrnoException).code === 'EIO') return null;
      throw error;
    }
  };
  const log = readLog(`${path}-wal`);
  const size = log?.size ?? statedSize(stored(1, 512)) ?? likelySize(bytes, stored);
  const read = (number: number) => log?.pages.get(number) ?? stored(number, size);
  const first = read(1);
  const isWhole = statedSize(first) === size;
  // What the header says of it may be what was damaged.
  const stated = isWhole ? viewOf(first!).getUint32(28) : 0;
  const there = [...(log?.pages.keys() ?? [])].reduce(
    (most, each) => Math.max(most, each),
    Math.floor(bytes / size),
  );
  const count = stated > 0 ? Math.min(stated, there) : there;
  return {
    ...{ size, count, read },
    version: isWhole ? viewOf(first!).getUint32(60) : null,
    free: isWhole ? freePages(viewOf(first!), read) : null,
    close: () => closeSync(file),
  };
}

function statedSize(first: Uint8Array | null): number | null {
  if (!first || !magic.every((byte, i) => first[i] === byte) || first[20] !== 0) return null;
  const size = viewOf(first).getUint16(16);
  return sizes.includes(size) ? size : null;
}

function likelySize(bytes: number, stored: (number: number, size: number) => Uint8Array | null): number {
  const fitting = sizes.map((size) => {
    const count = Math.floor(bytes / size);
    const step = Math.max(1, Math.floor(count / sampled));
    let nodes = 0;
    for (let number = 2; number <= count; number += step) if (isNode(stored(number, size), number)) nodes++;
    return nodes;
  });
  return sizes[fitting.indexOf(Math.max(...fitting))]!;
}

function freePages(first: DataView, read: (number: number) => Uint8Array | null): Set<number> | null {
  const free = new Set<number>();
  for (let trunk = first.getUint32(32); trunk !== 0;) {
    const page = read(trunk);
    if (!page || free.has(trunk)) return null;
    const view = viewOf(page);
    const leaves = view.getUint32(4);
    if (leaves > page.length / 4 - 2) return null;
    free.add(trunk);
    for (let i = 0; i < leaves; i++) free.add(view.getUint32(8 + 4 * i));
    trunk = view.getUint32(0);
  }
  return free.size === first.getUint32(36) ? free : null;
}

const logHeader = 32;
const frameHeader = 24;

/** Pages of transactions that are whole, by their number. */
function readLog(path: string): { size: number; pages: Map<number, Uint8Array> } | null {
  const bytes = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array();
  if (bytes.length < logHeader) return null;
  const view = viewOf(bytes);
  const little = view.getUint32(0) === 0x377f0682;
  const size = view.getUint32(8);
  if ((!little && view.getUint32(0) !== 0x377f0683) || !sizes.includes(size)) return null;
  let sums: Sums = summed(view, 0, 24, little, [0, 0]);
  if (sums[0] !== view.getUint32(24) || sums[1] !== view.getUint32(28)) return null;
  const pages = new Map<number, Uint8Array>();
  let open: [number, Uint8Array][] = [];
  for (let at = logHeader; at + frameHeader + size <= bytes.length; at += frameHeader + size) {
    // Frames of an earlier round have other salts.
    if (view.getBigUint64(at + 8) !== view.getBigUint64(16)) break;
    sums = summed(view, at, 8, little, sums);
    sums = summed(view, at + frameHeader, size, little, sums);
    if (sums[0] !== view.getUint32(at + 16) || sums[1] !== view.getUint32(at + 20)) break;
    open.push([view.getUint32(at), bytes.subarray(at + frameHeader, at + frameHeader + size)]);
    if (view.getUint32(at + 4) === 0) continue;
    for (const [number, page] of open) pages.set(number, page);
    open = [];
  }
  return { size, pages };
}

type Sums = readonly [number, number];

function summed(view: DataView, at: number, length: number, little: boolean, [a, b]: Sums): Sums {
  let [first, second] = [a, b];
  for (let i = at; i < at + length; i += 8) {
    first = (first + view.getUint32(i, little) + second) >>> 0;
    second = (second + view.getUint32(i + 4, little) + first) >>> 0;
  }
  return [first, second];
}

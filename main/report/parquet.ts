/** Photos as Parquet: one file, or a folder of files split by their rows or by what they hold. */
import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { applicationVersion } from '../application.ts';
import type { Extra, Partition } from '../contract/exports.ts';
import { systemPath } from '../file-names.ts';
import { makeFolder } from '../files.ts';
import { openWhole, openWholeFolder, type WholeFile } from '../whole-file.ts';
import { cannotWrite } from './cannot-write.ts';
import { columnsOf, partitionOf, schemaOf, type Column, type TableRow } from './parquet-columns.ts';

/** Rows that are held, in all files together, before they are written. */
const heldRows = 20_000;
/** With a vector a row: some megabytes. */
const heldVectorRows = 1000;
const rowsPerFile = 100_000;

export interface ParquetOptions {
  topK: number;
  with: readonly Extra[];
  /** Of a folder: by what; absent: by number alone. */
  partitionBy?: Partition | undefined;
  /** Of a folder: the most rows a file. */
  rowsPerFile?: number | undefined;
}

/** Takes rows as they come. A file or folder appears whole, at `end`. */
export interface TableWriter<Row = TableRow> {
  add(row: Row): Promise<void>;
  end(): Promise<void>;
  /** Instead of `end`. */
  drop(): Promise<void>;
}

class Sink extends ByteWriter {
  readonly #append: (bytes: Uint8Array) => Promise<void>;

  constructor(append: (bytes: Uint8Array) => Promise<void>) {
    super();
    this.#append = append;
  }

  async flush(): Promise<void> {
    const bytes = this.getBytes();
    // Let go of, not used again: hundreds of files may be open at once.
    this.buffer = new ArrayBuffer(1024);
    this.view = new DataView(this.buffer);
    this.index = 0;
    await this.#append(bytes);
  }

  override finish(): Promise<void> {
    return this.flush();
  }
}

/** One file in parts: rows wait here until `flush`, and then are a row group. */
class Shard<Row = TableRow> {
  waiting: Row[] = [];
  rows = 0;
  readonly #columns: readonly Column<Row>[];
  readonly #writer: ParquetWriter;

  constructor(
    columns: readonly Column<Row>[],
    append: (bytes: Uint8Array) => Promise<void>,
    facts: Readonly<Record<string, string>> = {},
  ) {
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: new Sink(append),
      schema: schemaOf(columns),
      createdBy: `saccade version ${applicationVersion()}`,
      kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    });
  }

  async flush(): Promise<void> {
    const { length } = this.waiting;
    if (!length) return;
    const columnData = this.#columns.map(({ name, of, how }) => ({
      name,
      data: this.waiting.map(of),
      ...how,
    }));
    this.waiting = [];
    await this.#writer.write({ columnData, rowGroupSize: length });
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#writer.finish();
  }
}

const limitOf = ({ with: wanted }: ParquetOptions) => (wanted.length ? heldVectorRows : heldRows);

/** @throws SaccadeError `cannot-write` */
export const openParquetFile = (path: string, options: ParquetOptions): Promise<TableWriter> =>
  openTable(path, columnsOf(options.topK, options.with), limitOf(options));

/**
 * One file of any rows.
 * @param limit rows that are held before they are written
 * @param facts what holds for the whole file, as its key-value metadata
 * @throws SaccadeError `cannot-write`
 */
export async function openTable<Row>(
  path: string,
  columns: readonly Column<Row>[],
  limit: number,
  facts: Readonly<Record<string, string>> = {},
): Promise<TableWriter<Row>> {
  const guard = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => Promise.reject(cannotWrite(path, error)));
  const file: WholeFile = await guard(openWhole(path));
  const shard = new Shard(columns, (bytes) => file.handle.appendFile(bytes), facts);
  return {
    async add(row) {
      if (shard.waiting.push(row) >= limit) await guard(shard.flush());
    },
    end: () => guard(shard.end().then(() => file.keep())),
    drop: () => file.drop(),
  };
}

// Dots alone, and a dot or blank at the end, are no name of a folder everywhere.
const unsafe = /[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^<>|]|^\.|[. ]$/g;
const unsafeOrCased = new RegExp(`${unsafe.source}|\\p{L}`, 'gu');

/**
 * As Hive escapes the name of a folder; null as it names what is not there.
 * @param escapes what of the value: its letters too, where it differs from another only in their case
 */
function partitionFolder(partition: Partition, value: string | null, escapes = unsafe): string {
  const escaped = value
    ?.replace(escapes, encodeBytes)
    .replace(/[\ud800-\udfff](?![\udc00-\udfff])/g, '\ufffd');
  return `${partition}=${escaped || '__HIVE_DEFAULT_PARTITION__'}`;
}

const encodeBytes = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** A folder that is not there yet, or empty. @throws SaccadeError `cannot-write` */
export async function openParquetFolder(path: string, options: ParquetOptions): Promise<TableWriter> {
  const guard = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => Promise.reject(cannotWrite(path, error)));
  const folder = await guard(openWholeFolder(path));
  const { partitionBy, rowsPerFile: most = rowsPerFile } = options;
  const columns = columnsOf(options.topK, options.with).filter(({ name }) => name !== partitionBy);
  const limit = limitOf(options);
  const open = new Map<string, { below: string; shard: Shard; files: number }>();
  let held = 0;
  const shardAt = (below: string, number: number) => {
    const file = join(folder.path, below, `part-${String(number).padStart(5, '0')}.parquet`);
    makeFolder(dirname(file));
    return new Shard(columns, (bytes) => appendFile(systemPath(file), bytes));
  };
  const flush = async (shard: Shard) => {
    held -= shard.waiting.length;
    await shard.flush();
  };
  const add = async (row: TableRow) => {
    const value = partitionBy ? partitionOf(partitionBy, row) : null;
    let below = partitionBy ? partitionFolder(partitionBy, value) : '';
    // Names that differ only in case are one folder on some systems, and two values all the same.
    const namesake = open.get(below.toLowerCase());
    if (partitionBy && namesake && namesake.below !== below)
      below = partitionFolder(partitionBy, value, unsafeOrCased);
    const key = below.toLowerCase();
    let part = open.get(key);
    if (!part) open.set(key, (part = { below, shard: shardAt(below, 0), files: 1 }));
    if (part.shard.rows >= most) {
      held -= part.shard.waiting.length;
      await part.shard.end();
      part.shard = shardAt(below, part.files++);
    }
    part.shard.waiting.push(row);
    part.shard.rows++;
    if (++held < limit) return;
    // The largest parts make the best row groups; half of all is let go of at once.
    const largest = [...open.values()].map(({ shard }) => shard);
    largest.sort((a, b) => b.waiting.length - a.waiting.length);
    for (const shard of largest) {
      if (held <= limit / 2) break;
      await flush(shard);
    }
  };
  const end = async () => {
    if (!open.size && !partitionBy) open.set('', { below: '', shard: shardAt('', 0), files: 1 });
    for (const { shard } of open.values()) await shard.end();
    await folder.keep();
  };
  return { add: (row) => guard(add(row)), end: () => guard(end()), drop: folder.drop };
}

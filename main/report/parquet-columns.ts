/** What a row of a Parquet file holds: the fields of rows.ts, typed, and what only a table of columns has room for. */
import type { ColumnSource, SchemaElement } from 'hyparquet-writer';
import { unpackMap } from '../../models/overlay/stored.ts';
import { clockAt } from '../contract/day.ts';
import type { StoredMap } from '../contract/entities/inspection.ts';
import type { Extra, Partition } from '../contract/exports.ts';
import type { PersonWords } from '../contract/entities/photo.ts';
import { type PhotoRow, unsureOf } from './rows.ts';

/** What one head says first. */
export interface HeadAnswer {
  head: string;
  version: number;
  label: string;
  probability: number;
  unsure: boolean;
}

/** What is known of a photo beyond its row; null or absent: not known. */
interface PhotoFacts {
  /** Absolute, as the system has it. */
  file?: string;
  bytes?: number | null;
  /** Milliseconds since 1970. */
  modifiedMs?: number | null;
  /** By the clock where it was taken (`clockAt`). */
  takenMs?: number | null;
  /** SHA-256 of the file, hexadecimal. */
  contentSha256?: string | null;
  /** SHA-256 of the model's weights, hexadecimal. */
  modelSha256?: string | null;
  /** Whose labels the row has; null: what the model came with. */
  head?: string | null;
  /** Of every head of this model that has been taught or written. */
  heads?: readonly HeadAnswer[];
  words?: PersonWords | null;
  /** [F] */
  feature?: Float16Array | Float32Array | null;
  map?: StoredMap | null;
}

export interface TableRow {
  row: PhotoRow;
  facts: PhotoFacts;
}

export interface Column<Row = TableRow> {
  name: string;
  schema: SchemaElement[];
  of(row: Row): unknown;
  how?: Pick<ColumnSource, 'encoding' | 'statistics'>;
}

type Leaf = Pick<SchemaElement, 'type'> & Partial<SchemaElement>;

export const text: Leaf = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const flag: Leaf = { type: 'BOOLEAN' };
export const int: Leaf = { type: 'INT32' };
const long: Leaf = { type: 'INT64' };
export const float: Leaf = { type: 'FLOAT' };
const time: Leaf = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
/** A clock on a wall, which no reader may move into another time zone. */
const clock: Leaf = {
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
};

export function one<Row = TableRow>(
  name: string,
  leaf: Leaf,
  of: Column<Row>['of'],
  required = false,
): Column<Row> {
  return { name, schema: [{ name, repetition_type: required ? 'REQUIRED' : 'OPTIONAL', ...leaf }], of };
}

function listOf<Row>(name: string, element: SchemaElement[], of: Column<Row>['of']): Column<Row> {
  return {
    name,
    schema: [
      { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...element,
    ],
    of,
  };
}

export const listOfOne = <Row = TableRow>(name: string, leaf: Leaf, of: Column<Row>['of']): Column<Row> =>
  listOf(name, [{ name: 'element', repetition_type: 'REQUIRED', ...leaf }], of);

function listOfStruct(name: string, fields: Record<string, Leaf>, of: Column['of']): Column {
  const members = Object.entries(fields);
  return listOf(
    name,
    [
      { name: 'element', repetition_type: 'REQUIRED', num_children: members.length },
      ...members.map(([field, leaf]): SchemaElement => ({
        name: field,
        repetition_type: 'REQUIRED',
        ...leaf,
      })),
    ],
    of,
  );
}

const answered = ({ row }: TableRow) => (row.status === 'ok' ? row : null);
const failed = ({ row }: TableRow) => (row.status === 'error' ? row.error : null);
const date = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : new Date(ms));

const extraColumns: Record<Extra, Column[]> = {
  features: [
    // No two numbers of it are the same: looking for a dictionary takes half of the time.
    {
      ...listOfOne('feature', float, ({ facts }) => facts.feature && Array.from(facts.feature)),
      how: { encoding: 'PLAIN', statistics: false },
    },
  ],
  maps: [
    one('map_method', text, ({ facts }) => facts.map?.method),
    one('map_class', int, ({ facts }) => facts.map?.classIndex),
    one('map_rows', int, ({ facts }) => facts.map?.rows),
    one('map_columns', int, ({ facts }) => facts.map?.columns),
    listOfOne('map', float, ({ facts }) => facts.map && Array.from(unpackMap(facts.map))),
  ],
};

/** At most `topK` labels a photo. */
export function columnsOf(topK: number, wanted: readonly Extra[]): Column[] {
  return [
    one('path', text, ({ row }) => row.path, true),
    one('status', text, ({ row }) => row.status, true),
    one('width', int, (row) => answered(row)?.width),
    one('height', int, (row) => answered(row)?.height),
    one('bytes', long, ({ facts: { bytes } }) => (typeof bytes === 'number' ? BigInt(bytes) : null)),
    one('modified', time, ({ facts }) => date(facts.modifiedMs)),
    one('taken', clock, ({ facts }) => date(facts.takenMs)),
    one('content_sha256', text, ({ facts }) => facts.contentSha256),
    one('model', text, (row) => answered(row)?.model),
    one('model_sha256', text, (row) => answered(row) && row.facts.modelSha256),
    one('head', text, (row) => answered(row) && row.facts.head),
    one('provider', text, (row) => answered(row)?.provider),
    one('precision', text, (row) => answered(row)?.precision),
    one('label', text, (row) => answered(row)?.predictions[0]?.label.name),
    one('probability', float, (row) => answered(row)?.predictions[0]?.probability),
    one('unsure', flag, (row) => (row.row.status === 'ok' ? unsureOf(row.row) : null)),
    one('damaged', flag, (row) => answered(row)?.damaged),
    listOfStruct('labels', { index: int, label: text, probability: float }, (row) =>
      answered(row)
        ?.predictions.slice(0, topK)
        .map(({ index, label, probability }) => ({ index, label: label.name, probability })),
    ),
    listOfOne('also', text, (row) => answered(row)?.also.map(({ label }) => label.name) ?? []),
    listOfStruct(
      'heads',
      { head: text, version: int, label: text, probability: float, unsure: flag },
      ({ facts }) => facts.heads,
    ),
    listOfOne('own_labels', text, ({ row, facts }) => facts.words?.labels ?? row.ownLabels ?? []),
    listOfOne('rejected_labels', text, ({ facts }) => facts.words?.rejected ?? []),
    listOfOne('stack', text, ({ row }) => row.stack ?? []),
    one('none_of_these', flag, ({ facts }) => facts.words?.none ?? false),
    one('error_code', text, (row) => failed(row)?.code),
    one('error_message', text, (row) => failed(row)?.message),
    ...wanted.flatMap((extra) => extraColumns[extra]),
  ];
}

/** Row schemas of Parquet name the children before they come. */
export function schemaOf(columns: readonly Pick<Column, 'schema'>[]): SchemaElement[] {
  return [{ name: 'photos', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)];
}

/** What the folder's name says and its files leave out; null: a photo without. */
export function partitionOf(partition: Partition, row: TableRow): string | null {
  if (partition === 'status') return row.row.status;
  if (partition === 'label') return answered(row)?.predictions[0]?.label.name ?? null;
  if (partition === 'model') return answered(row)?.model ?? null;
  const { takenMs, modifiedMs } = row.facts;
  const ms = takenMs ?? (typeof modifiedMs === 'number' ? clockAt(modifiedMs) : null);
  return ms === null ? null : String(new Date(ms).getUTCFullYear());
}

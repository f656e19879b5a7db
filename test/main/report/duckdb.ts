/** Reads what we wrote with a reader that is not ours. */
import { DuckDBInstance } from '@duckdb/node-api';

export type Row = Record<string, unknown>;

/** Lists as arrays, structs as objects, times as Date. */
export async function query(sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;

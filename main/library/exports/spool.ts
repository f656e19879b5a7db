/** Rows of an export on the disk while it is written: what is read several times is read alike, and none is held in memory. */
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemPath } from '../../file-names.ts';
import { openBeside, type WholeFile } from '../../whole-file.ts';

const bytesAtOnce = 1 << 20;
const lineEnd = 0x0a;

export class Spool<Row> {
  readonly #file: WholeFile;

  private constructor(file: WholeFile) {
    this.#file = file;
  }

  /** In the folder of `path`, where the export itself has room too; a device or pipe has no such folder. Throws the system's error. */
  static async open<Row>(path: string): Promise<Spool<Row>> {
    const there = await stat(systemPath(path)).catch(() => null);
    const isPlace = !there || there.isFile() || there.isDirectory();
    return new Spool<Row>(await openBeside(isPlace ? path : join(tmpdir(), 'saccade'), 0o600));
  }

  /** As JSON. All are added before the first is read. */
  async add(rows: readonly Row[]): Promise<void> {
    if (rows.length)
      await this.#file.handle.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  /** From the first on, each time. */
  async *rows(): AsyncGenerator<Row> {
    const part = Buffer.alloc(bytesAtOnce);
    let rest: Buffer = Buffer.alloc(0);
    for (let position = 0; ;) {
      const { bytesRead } = await this.#file.handle.read(part, 0, part.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const bytes = Buffer.concat([rest, part.subarray(0, bytesRead)]);
      let from = 0;
      for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
        yield JSON.parse(bytes.toString('utf8', from, end)) as Row;
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
  }

  drop(): Promise<void> {
    return this.#file.drop();
  }
}

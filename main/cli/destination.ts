/** Where results go: standard output or a file, with back-pressure, and without a stack trace when the reader leaves. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { cannotWrite } from '../report/cannot-write.ts';

export interface Destination {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  end(): Promise<void>;
  /** Aborted once nobody reads any more (`saccade … | head`). */
  readonly abandoned: AbortSignal;
}

function over(
  stream: Writable,
  name: string,
  finish: () => Promise<void>,
  begin: () => Promise<unknown> = async () => {},
): Destination {
  const controller = new AbortController();
  let failed: Error | null = null;
  const failure = new Promise<void>((resolveFailure) =>
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') controller.abort();
      else failed ??= cannotWrite(name, error);
      resolveFailure();
    }),
  );
  let begun = false;
  return {
    abandoned: controller.signal,
    async write(text) {
      if (failed) throw failed;
      if (!begun) await begin();
      begun = true;
      if (controller.signal.aborted) return;
      if (!stream.write(text)) await Promise.race([once(stream, 'drain').catch(() => {}), failure]);
      if (failed) throw failed;
    },
    async end() {
      if (!controller.signal.aborted && !failed) await Promise.race([finish(), failure]);
      if (failed) throw failed;
    },
  };
}

let standard: Destination | null = null;

export function standardOutput(): Destination {
  const { stdout } = process;
  standard ??= over(
    stdout,
    'standard output',
    // An empty write's callback comes after everything before it has left; standard output itself is never ended.
    () => new Promise((done) => stdout.write('', () => done())),
  );
  return standard;
}

/**
 * `-`: standard output. Missing folders are made. What a file held before stays until something is written, were it an
 * empty text: a command that could not run must not cost the results of the last one. Throws a SaccadeError `cannot-write`.
 */
export async function openDestination(name: string): Promise<Destination> {
  if (name === '-') return standardOutput();
  const file = resolve(name);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = await open(file, 'a');
    const stream = handle.createWriteStream();
    const finish = () => new Promise<void>((done) => stream.end(() => done()));
    // Devices and pipes have nothing to cut off.
    return over(stream, name, finish, () => handle.truncate().catch(() => {}));
  } catch (error) {
    throw cannotWrite(name, error);
  }
}

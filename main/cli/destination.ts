/** Where results go: standard output or a file, with back-pressure, and without a stack trace when the reader leaves. */
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { cannotWrite } from '../report/cannot-write.ts';
import { systemPath } from '../file-names.ts';
import { openPipe } from '../named-pipe.ts';
import { openWhole } from '../whole-file.ts';

export interface Destination {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  end(): Promise<void>;
  /** Instead of `end`: a file is left as it was before. */
  drop(): Promise<void>;
  /** Aborted once nobody reads any more (`saccade … | head`). */
  readonly abandoned: AbortSignal;
}

function over(
  stream: Writable,
  name: string,
  finish: () => Promise<void>,
  drop: () => Promise<void> = async () => {},
): Destination {
  const controller = new AbortController();
  let failed: Error | null = null as Error | null;
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
      begun = true;
      if (controller.signal.aborted) return;
      if (!stream.write(text)) await Promise.race([once(stream, 'drain').catch(() => {}), failure]);
      if (failed) throw failed;
    },
    async end() {
      if (begun && !controller.signal.aborted && !failed)
        await Promise.race([
          finish().catch((error: unknown) => void (failed ??= cannotWrite(name, error))),
          failure,
        ]);
      else await drop();
      if (!failed) return;
      await drop();
      throw failed;
    },
    drop,
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
 * `-`: standard output. Missing folders are made. The file appears whole, at the end, and what it held before stays
 * where nothing was written, were it an empty text: a command that could not run must not cost the results of the last
 * one. A named pipe is waited for until somebody reads it or `interrupted` is aborted. Throws a SaccadeError
 * `cannot-write`, or `cancelled`.
 */
export async function openDestination(name: string, interrupted: AbortSignal): Promise<Destination> {
  if (name === '-') return standardOutput();
  try {
    if ((await stat(systemPath(name)).catch(() => null))?.isFIFO()) return await toPipe(name, interrupted);
    const file = await openWhole(name);
    // It closes the file itself: one that failed and does not would keep everybody else's closing waiting for ever.
    const stream = file.handle.createWriteStream();
    let dropping: Promise<void> | null = null;
    const drop = () => {
      stream.destroy();
      return (dropping ??= file.drop());
    };
    const finish = async () => {
      const closed = new Promise<void>((done) => stream.once('close', () => done()));
      stream.end();
      await closed;
      if (!stream.errored) return file.keep();
      await drop();
      throw stream.errored;
    };
    return over(stream, name, finish, drop);
  } catch (error) {
    throw cannotWrite(name, error);
  }
}

async function toPipe(name: string, interrupted: AbortSignal): Promise<Destination> {
  const stream = new Socket({ fd: await openPipe(name, interrupted), readable: false, writable: true });
  // A reader that takes no more must not keep an interrupted command.
  interrupted.addEventListener('abort', () => stream.unref(), { once: true });
  const finish = () => new Promise<void>((done) => stream.end(() => done()));
  return over(stream, name, finish, async () => void stream.destroy());
}
